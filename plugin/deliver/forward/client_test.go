// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"webshell/plugin/deliver/forward/forwardtest"
)

const hostA, hostB = "a.contoso.com:24224", "b.contoso.com:24224"

// records makes n records.
func records(n int) []Record {
	var rs []Record
	for i := range n {
		rs = append(rs, Record{Time: time.Date(2026, 3, 2, 10, 20, i, 120_000_000, time.UTC),
			JSON: []byte(fmt.Sprintf(`{"n":%d,"set":["a","b"],"nested":{"x":-1,"y":""},"text":"Größe"}`, i))})
	}
	return rs
}

// bodies is what a receiver should have of records(n).
func bodies(n int) []forwardtest.Record {
	var rs []forwardtest.Record
	for i := range n {
		rs = append(rs, forwardtest.Record{Tag: DefaultTag, Time: time.Date(2026, 3, 2, 10, 20, i, 120_000_000, time.UTC),
			Body: map[string]any{"n": int8(i), "set": []any{"a", "b"}, "nested": map[string]any{"x": int8(-1), "y": ""}, "text": "Größe"}})
	}
	return rs
}

// secured are options for a receiver with a key and users, and that receiver.
func secured() (Options, *forwardtest.Receiver) {
	return Options{Hosts: []string{hostA}, SharedKey: "secret", SelfHostname: "web01", Username: "iis", Password: "pass"},
		&forwardtest.Receiver{SharedKey: "secret", Hostname: "aggregator", Users: map[string]string{"iis": "pass"}}
}

// client makes a client over a network in memory.
func client(t *testing.T, o Options, n *forwardtest.Network, report func(error)) *Client {
	t.Helper()
	o.Dial = n.Dial
	c, err := New(o, report)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestClient_delivers(t *testing.T) {
	for name, change := range map[string]func(o *Options, r *forwardtest.Receiver){
		"plain": func(o *Options, r *forwardtest.Receiver) {
			*o, *r = Options{Hosts: o.Hosts}, forwardtest.Receiver{}
		},
		"gzip":      func(o *Options, _ *forwardtest.Receiver) { o.Compress = "gzip" },
		"key":       func(o *Options, r *forwardtest.Receiver) { o.Username, o.Password, r.Users = "", "", nil },
		"users":     func(*Options, *forwardtest.Receiver) {},
		"one chunk": func(_ *Options, r *forwardtest.Receiver) { r.OneChunk = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, r := secured()
				change(&o, r)
				var n forwardtest.Network
				n.Listen(hostA, r.Serve)
				c := client(t, o, &n, nil)
				for range 3 {
					if err := c.Send(t.Context(), records(2)); err != nil {
						t.Fatal(err)
					}
				}
				want := append(append(bodies(2), bodies(2)...), bodies(2)...)
				if got := r.Records(); !reflect.DeepEqual(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
				dials := 1
				if r.OneChunk {
					dials = 3
				}
				if n.Dials(hostA) != dials {
					t.Errorf("%d connections, want %d", n.Dials(hostA), dials)
				}
			})
		})
	}
}

// answer serves every connection with the same bytes, then waits for its end.
func answer(text []byte) func(net.Conn) {
	return func(c net.Conn) {
		go func() { _, _ = c.Write(text) }()
		buf := make([]byte, 4096)
		for {
			if _, err := c.Read(buf); err != nil {
				_ = c.Close()
				return
			}
		}
	}
}

// TestClient_badReceivers has one case for each thing that may answer. Each is one error of one kind that says what to
// look at, in bounded time.
func TestClient_badReceivers(t *testing.T) {
	garbage := strings.Repeat("\xdd\xff\xff\xff\xff", 20<<20)
	for _, c := range []struct {
		name  string
		o     func(o *Options)
		serve func(r *forwardtest.Receiver) func(net.Conn)
		kind  string
		text  string
	}{
		{"wrong key", func(o *Options) { o.SharedKey = "other" }, nil, KindKey, "forward_shared_key is not the receiver's"},
		{"wrong password", func(o *Options) { o.Password = "other" }, nil, KindUser, "username/password mismatch"},
		{"no user", func(o *Options) { o.Username, o.Password = "", "" }, nil, KindUser, "username/password mismatch"},
		{"no key", func(o *Options) { *o = Options{Hosts: o.Hosts} }, nil, KindKey, "set forward_shared_key"},
		{"key unknown there", nil, func(r *forwardtest.Receiver) func(net.Conn) { return (&forwardtest.Receiver{}).Serve }, KindTimeout, "no HELO"},
		{"web server", nil, text("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>"), KindProtocol, `answers "HTTP/1.1 400 Bad Request`},
		{"web server without key", noKey, text("HTTP/1.1 400 Bad Request\r\n\r\n"), KindProtocol, "HTTP/1.1 400"},
		{"garbage to HELO", nil, text(garbage), KindHandshake, "array of"},
		{"garbage as ack", noKey, text(garbage), KindProtocol, "array of"},
		{"long text as ack", noKey, text("\x81\xa3ack\xdb\x7f\xff\xff\xff" + garbage), KindProtocol, "longer than"},
		{"deep answer", nil, text("\x92\xa4HELO" + strings.Repeat("\x91", 100_000)), KindHandshake, "deeper than"},
		{"extension", nil, text("\x92\xa4HELO\xc7\x08\x00"), KindHandshake, "extension"},
		{"other HELO", nil, text("\x92\xa4EHLO\x80"), KindHandshake, "want a HELO"},
		{"HELO without a map", nil, text("\x92\xa4HELO\x01"), KindHandshake, "map of options"},
		{"bad PONG", nil, text("\x92\xa4HELO\x80\x91\xa4PONG"), KindHandshake, "want a PONG"},
		{"PONG without the key", nil, text("\x92\xa4HELO\x80\x95\xa4PONG\xc3\xa0\xa1x\xa1y"), KindKey, "does not know"},
		{"PONG refuses the key", nil, text("\x92\xa4HELO\x80\x95\xa4PONG\xc2\xb3shared_key mismatch\xa0\xa0"), KindKey, "shared_key mismatch"},
		{"forged ack", noKey, func(r *forwardtest.Receiver) func(net.Conn) {
			r.SharedKey, r.Users = "", nil
			r.Ack = func(string) any { return map[string]string{"ack": "AAAA"} }
			return r.Serve
		}, KindAck, `acknowledged "AAAA"`},
		{"ack of nothing", noKey, func(r *forwardtest.Receiver) func(net.Conn) {
			r.SharedKey, r.Users = "", nil
			r.Ack = func(string) any { return map[string]int{"code": 1} }
			return r.Serve
		}, KindProtocol, "without an acknowledgement"},
		{"ack in an array", noKey, func(r *forwardtest.Receiver) func(net.Conn) {
			r.SharedKey, r.Users = "", nil
			r.Ack = func(id string) any { return []string{id} }
			return r.Serve
		}, KindProtocol, "want a map"},
		{"silence after the chunk", noKey, text(""), KindTimeout, "no acknowledgement in 1m0s"},
		{"silence after PING", nil, text("\x92\xa4HELO\x80"), KindTimeout, "no PONG"},
		{"silence in mid-HELO", nil, text("\x92\xa4HEL"), KindTimeout, "no HELO"},
		{"hangs up", nil, func(*forwardtest.Receiver) func(net.Conn) { return func(c net.Conn) { _ = c.Close() } }, KindHandshake, "HELO"},
		{"hangs up on the chunk", noKey, func(*forwardtest.Receiver) func(net.Conn) { return func(c net.Conn) { _ = c.Close() } }, KindClosed, "closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, r := secured()
				if c.o != nil {
					c.o(&o)
				}
				serve := r.Serve
				if c.serve != nil {
					serve = c.serve(r)
				}
				var n forwardtest.Network
				n.Listen(hostA, serve)
				cl := client(t, o, &n, func(error) { t.Error("reported as well") })
				start := time.Now()
				wantError(t, cl.Send(t.Context(), records(1)), c.kind, c.text)
				if took := time.Since(start); took > dialTimeout+handshakeTimeout+writeTimeout+ackTimeout {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// noKey turns the handshake off.
func noKey(o *Options) { *o = Options{Hosts: o.Hosts} }

// text is a receiver that answers so.
func text(s string) func(*forwardtest.Receiver) func(net.Conn) {
	return func(*forwardtest.Receiver) func(net.Conn) { return answer([]byte(s)) }
}

// wantError checks the kind and the words of an error, and that it stays short.
func wantError(t *testing.T, err error, kind, text string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if e.Kind() != kind || !strings.Contains(e.Error(), text) || e.Address != hostA {
		t.Errorf("got %s: %v, want %s: ...%s...", e.Kind(), e, kind, text)
	}
	if len(e.Error()) > 500 {
		t.Errorf("%d bytes of text", len(e.Error()))
	}
}

// deaf dials a receiver that takes nothing.
func deaf(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _ = theirs.Close() })
		return ours, nil
	}
}

func TestClient_takesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{Hosts: []string{hostA}, Dial: deaf(t)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, c.Send(t.Context(), records(1)), KindWrite, "does not take the chunk in 30s")
	})
}

func TestClient_nobodyListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n forwardtest.Network
		c := client(t, Options{Hosts: []string{hostA}}, &n, nil)
		wantError(t, c.Send(t.Context(), records(1)), KindDial, "refused")
	})
}
