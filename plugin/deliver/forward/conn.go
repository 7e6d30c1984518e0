// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"crypto/hmac"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"strings"
	"time"
)

// conn is a connection over which chunks may go: TLS and the protocol's handshake are done.
type conn struct {
	net.Conn
	o         *Options
	answers   *answers
	keepAlive bool // the receiver takes more than one chunk
}

// connect dials a receiver and makes the handshakes it is configured for.
func connect(ctx context.Context, a address, o *Options) (*conn, error) {
	dialCtx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	nc, err := o.Dial(dialCtx, a.network, a.dial)
	if err != nil {
		return nil, stopped(ctx, &fault{KindDial, err})
	}
	c := &conn{Conn: nc, o: o, keepAlive: true}
	stop := context.AfterFunc(ctx, func() { _ = nc.Close() })
	defer stop()
	if err := c.open(ctx, a); err != nil {
		return nil, stopped(ctx, errors.Join(err, ignoreClosed(nc.Close())))
	}
	return c, nil
}

// stopped is err, or that ctx has ended, which explains whatever happened after.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &fault{KindStopped, ctx.Err()}
	}
	return err
}

// ignoreClosed is err unless it says that the connection is closed already.
func ignoreClosed(err error) error {
	if isClosed(err) {
		return nil
	}
	return err
}

// open makes the handshakes.
func (c *conn) open(ctx context.Context, a address) error {
	if c.o.TLS.On {
		if err := c.secure(ctx, a.host); err != nil {
			return err
		}
	}
	c.answers = newAnswers(c.Conn)
	if c.o.SharedKey == "" && c.o.Username == "" {
		return nil
	}
	if err := c.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	if err := c.shake(); err != nil {
		return err
	}
	return c.SetDeadline(time.Time{})
}

// secure makes the TLS handshake. Files are read anew, so that a renewed certificate needs no restart.
func (c *conn) secure(ctx context.Context, host string) error {
	config, err := c.o.TLS.config(host)
	if err != nil {
		return &fault{KindTLS, err}
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	t := tls.Client(c.Conn, config)
	if err := t.HandshakeContext(ctx); err != nil {
		return tlsFault(err)
	}
	c.Conn = t
	return nil
}

// shake does HELO, PING and PONG.
func (c *conn) shake() error {
	nonce, auth, err := c.helo()
	if err != nil {
		return err
	}
	salt := hex.EncodeToString(randomBytes(16))
	if _, err := c.Write(appendPing(nil, c.o, salt, nonce, auth)); err != nil {
		return faultf(KindHandshake, "PING: %w", err)
	}
	return c.pong(salt, nonce)
}

// helo reads the receiver's HELO.
func (c *conn) helo() (nonce, auth string, err error) {
	v, err := c.answers.next()
	switch {
	case isTimeout(err):
		return "", "", faultf(KindTimeout, "no HELO in %v (has the receiver a shared key?): %w", handshakeTimeout, err)
	case err != nil:
		return "", "", handshakeFault("HELO", err)
	}
	vs, ok := v.([]any)
	if !ok || len(vs) != 2 || vs[0] != "HELO" {
		return "", "", faultf(KindHandshake, "want a HELO of two elements")
	}
	option, ok := vs[1].(map[string]any)
	if !ok {
		return "", "", faultf(KindHandshake, "want a HELO with a map of options")
	}
	nonce, _ = option["nonce"].(string)
	auth, _ = option["auth"].(string)
	if keep, ok := option["keepalive"].(bool); ok {
		c.keepAlive = keep
	}
	return nonce, auth, nil
}

// handshakeFault names the step that an error is from; an error that has a kind keeps it.
func handshakeFault(step string, err error) error {
	var f *fault
	if errors.As(err, &f) {
		return faultf(f.kind, "%s: %w", step, err)
	}
	return faultf(KindHandshake, "%s: %w", step, err)
}

// pong reads the receiver's PONG and checks that it knows the shared key, as it checked that we do.
func (c *conn) pong(salt, nonce string) error {
	v, err := c.answers.next()
	switch {
	case isTimeout(err):
		return faultf(KindTimeout, "no PONG in %v: %w", handshakeTimeout, err)
	case isClosed(err):
		return faultf(KindKey, "the receiver closed after PING: forward_shared_key is not the receiver's: %w", err)
	case err != nil:
		return handshakeFault("PONG", err)
	}
	vs, ok := v.([]any)
	if !ok || len(vs) != 5 || vs[0] != "PONG" {
		return faultf(KindHandshake, "want a PONG of five elements")
	}
	reason, _ := vs[2].(string)
	if vs[1] != true {
		return refused(reason)
	}
	host, _ := vs[3].(string)
	got, _ := vs[4].(string)
	if !hmac.Equal([]byte(got), []byte(digest(salt, host, nonce, c.o.SharedKey))) {
		return faultf(KindKey, "the receiver does not know forward_shared_key")
	}
	return nil
}

// refused says why a receiver refused us; its words are quoted, and cut.
func refused(reason string) error {
	if len(reason) > maxText {
		reason = reason[:maxText]
	}
	if strings.Contains(reason, "key") {
		return faultf(KindKey, "the receiver refuses forward_shared_key: %q", reason)
	}
	return faultf(KindUser, "the receiver refuses forward_username or forward_password: %q", reason)
}

// exchange sends a chunk and waits for its acknowledgement.
func (c *conn) exchange(ctx context.Context, m chunkMessage) error {
	stop := context.AfterFunc(ctx, func() { _ = c.Conn.Close() })
	defer stop()
	return stopped(ctx, c.deliver(m))
}

// deliver is exchange for a context that does not end.
func (c *conn) deliver(m chunkMessage) error {
	if err := c.SetDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if _, err := c.Write(m.data); err != nil {
		return writeFault(err)
	}
	if err := c.SetDeadline(time.Now().Add(ackTimeout)); err != nil {
		return err
	}
	v, err := c.answers.next()
	if err != nil {
		return ackFault(err)
	}
	if err := checkAck(v, m.id); err != nil {
		return err
	}
	return c.SetDeadline(time.Time{})
}

// writeFault says why a chunk could not be written.
func writeFault(err error) error {
	switch {
	case isTimeout(err):
		return faultf(KindWrite, "the receiver does not take the chunk in %v: %w", writeTimeout, err)
	case isClosed(err):
		return faultf(KindClosed, "the receiver closed before it took the chunk: %w", err)
	}
	return faultf(KindWrite, "%w", err)
}

// ackFault says why there is no acknowledgement.
func ackFault(err error) error {
	switch {
	case isTimeout(err):
		return faultf(KindTimeout, "no acknowledgement in %v: %w", ackTimeout, err)
	case isClosed(err):
		return faultf(KindClosed, "the receiver closed before it acknowledged: %w", err)
	}
	return err
}

// checkAck compares an answer with the chunk's id.
func checkAck(v any, id string) error {
	switch v := v.(type) {
	case map[string]any:
		if v["ack"] == id {
			return nil
		}
		if ack, ok := v["ack"].(string); ok {
			return faultf(KindAck, "acknowledged %q, which is not what was sent", clip(ack))
		}
		return faultf(KindProtocol, "answer without an acknowledgement")
	case []any:
		if len(v) > 0 && v[0] == "HELO" {
			return faultf(KindKey, "the receiver asks for a shared key: set forward_shared_key")
		}
	}
	return faultf(KindProtocol, "want a map as acknowledgement")
}

// clip cuts text of a receiver for the log.
func clip(s string) string { return s[:min(len(s), maxQuoted)] }
