// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// Kinds of failure. Each is logged on its own.
const (
	KindDial      = "dial"       // no connection
	KindTLS       = "tls"        // the certificate, or no TLS at all
	KindKey       = "shared_key" // wrong shared key, on either side
	KindUser      = "user"       // wrong user name or password
	KindHandshake = "handshake"  // HELO, PING, PONG gone wrong otherwise
	KindProtocol  = "protocol"   // what answers is no Forward receiver
	KindAck       = "ack"        // acknowledged what was never sent
	KindTimeout   = "timeout"    // no answer in time
	KindClosed    = "closed"     // the connection ended
	KindWrite     = "write"      // the receiver does not take what is sent
	KindStopped   = "stopped"    // told to stop meanwhile
)

// Error says what went wrong with one receiver.
type Error struct {
	kind    string
	Address string // of the receiver
	Err     error
}

// Kind is one of the kinds above.
func (e *Error) Kind() string { return e.kind }

// Error names the receiver, the step and the cause.
func (e *Error) Error() string { return fmt.Sprintf("forward to %s: %v", e.Address, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// fault is an error with its kind, on the way to an Error.
type fault struct {
	kind string
	err  error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// faultf makes a fault.
func faultf(kind, text string, args ...any) error { return &fault{kind, fmt.Errorf(text, args...)} }

// wrap makes the Error of a receiver.
func wrap(address string, err error) *Error {
	kind := kindOf(err)
	return &Error{kind: kind, Address: address, Err: err}
}

// kindOf is the kind that err was given, else what can be told from it.
func kindOf(err error) string {
	var f *fault
	switch {
	case errors.As(err, &f):
		return f.kind
	case errors.Is(err, context.Canceled):
		return KindStopped
	case isTimeout(err):
		return KindTimeout
	case isClosed(err):
		return KindClosed
	}
	return KindProtocol
}

// isTimeout reports whether a deadline passed.
func isTimeout(err error) bool {
	var n net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}

// isClosed reports whether the other side, or we, ended the connection.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// tlsFault says what is wrong with a TLS handshake.
func tlsFault(err error) error {
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &record):
		return faultf(KindTLS, "the receiver does not speak TLS: %w", err)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return faultf(KindTLS, "the receiver's certificate has expired or is not valid yet: %w", err)
	case errors.As(err, &name):
		return faultf(KindTLS, "the receiver's certificate is for another name (forward_tls_vhost sets the one wanted): %w", err)
	case errors.As(err, &unknown):
		return faultf(KindTLS, "the receiver's certificate is signed by nobody known (forward_tls_ca_file): %w", err)
	case isTimeout(err):
		return faultf(KindTimeout, "TLS handshake: %w", err)
	}
	return faultf(KindTLS, "TLS handshake: %w", err)
}
