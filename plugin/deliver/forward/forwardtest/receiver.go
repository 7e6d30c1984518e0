// SPDX-License-Identifier: Apache-2.0

// Package forwardtest has a Forward receiver and a bad network for tests. Nothing of it is in the product.
package forwardtest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// Record is one event that arrived.
type Record struct {
	Tag  string
	Time time.Time
	Body map[string]any
}

// Receiver acknowledges every chunk. Set its fields before it serves.
type Receiver struct {
	SharedKey string              // "" makes no handshake
	Hostname  string              // its own, in the PONG
	Users     map[string]string   // passwords by name; nil asks for none
	OneChunk  bool                // HELO says keepalive false
	Ack       func(id string) any // what it answers; nil stands for {"ack": id}

	mu      sync.Mutex
	records []Record
	chunks  int
}

// Records returns what arrived, in order.
func (r *Receiver) Records() []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Record(nil), r.records...)
}

// Chunks returns how many messages arrived.
func (r *Receiver) Chunks() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.chunks
}

// Serve takes chunks from c until it ends.
func (r *Receiver) Serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	dec := msgpack.NewDecoder(c)
	if r.SharedKey != "" {
		if err := r.shake(c, dec); err != nil {
			return
		}
	}
	for {
		if err := r.message(c, dec); err != nil {
			return
		}
	}
}

// shake does HELO, PING and PONG from the receiver's side.
func (r *Receiver) shake(c io.Writer, dec *msgpack.Decoder) error {
	nonce, auth := "0123456789\xff\xfe\x00def", ""
	if r.Users != nil {
		auth = "salt of the user"
	}
	if err := write(c, []any{"HELO", map[string]any{"nonce": []byte(nonce), "auth": auth, "keepalive": !r.OneChunk}}); err != nil {
		return err
	}
	var ping []string
	if err := dec.Decode(&ping); err != nil {
		return err
	}
	if len(ping) != 6 || ping[0] != "PING" {
		return fmt.Errorf("no PING: %q", ping)
	}
	reason := r.check(ping, nonce, auth)
	if reason == "hang up" { // as Fluent Bit does
		return errors.New(reason)
	}
	pong := []any{"PONG", reason == "", reason, r.Hostname, Digest(ping[2], r.Hostname, nonce, r.SharedKey)}
	if err := write(c, pong); err != nil {
		return err
	}
	if reason != "" {
		return errors.New(reason)
	}
	return nil
}

// check is "" where the PING is right.
func (r *Receiver) check(ping []string, nonce, auth string) string {
	if ping[3] != Digest(ping[2], ping[1], nonce, r.SharedKey) {
		return "hang up"
	}
	if r.Users == nil {
		return ""
	}
	password, ok := r.Users[ping[4]]
	if !ok || ping[5] != Digest(auth, ping[4], password) {
		return "username/password mismatch"
	}
	return ""
}

// Digest is the hexadecimal SHA-512 of the parts.
func Digest(parts ...string) string {
	h := sha512.New()
	for _, p := range parts {
		_, _ = io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// write sends one value.
func write(w io.Writer, v any) error {
	b, err := msgpack.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// option is the third element of a message.
type option struct {
	Size       int    `msgpack:"size"`
	Chunk      string `msgpack:"chunk"`
	Compressed string `msgpack:"compressed"`
}

// message takes one PackedForward message and acknowledges it once it is kept.
func (r *Receiver) message(c io.Writer, dec *msgpack.Decoder) error {
	n, err := dec.DecodeArrayLen()
	if err != nil || n != 3 {
		return fmt.Errorf("array of %d: %w", n, err)
	}
	tag, err := dec.DecodeString()
	if err != nil {
		return err
	}
	entries, err := dec.DecodeBytes()
	if err != nil {
		return err
	}
	var o option
	if err := dec.Decode(&o); err != nil {
		return err
	}
	if err := r.keep(tag, entries, o); err != nil {
		return err
	}
	if r.Ack == nil {
		return write(c, map[string]string{"ack": o.Chunk})
	}
	return write(c, r.Ack(o.Chunk))
}

// keep adds the entries of a message to the records.
func (r *Receiver) keep(tag string, entries []byte, o option) error {
	var in io.Reader = bytes.NewReader(entries)
	if o.Compressed == "gzip" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		in = z
	}
	var records []Record
	for dec := msgpack.NewDecoder(in); ; {
		rec, err := entry(dec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		rec.Tag = tag
		records = append(records, rec)
	}
	if len(records) != o.Size {
		return fmt.Errorf("%d records, size says %d", len(records), o.Size)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, records...)
	r.chunks++
	return nil
}

// entry reads [EventTime, map].
func entry(dec *msgpack.Decoder) (Record, error) {
	n, err := dec.DecodeArrayLen()
	if err != nil {
		return Record{}, err
	}
	kind, size, err := dec.DecodeExtHeader()
	if err != nil || n != 2 || kind != 0 || size != 8 {
		return Record{}, fmt.Errorf("array of %d with extension %d of %d bytes: %w", n, kind, size, err)
	}
	var b [8]byte
	if err := dec.ReadFull(b[:]); err != nil {
		return Record{}, err
	}
	body, err := dec.DecodeMap()
	if err != nil {
		return Record{}, err
	}
	at := time.Unix(int64(binary.BigEndian.Uint32(b[:4])), int64(binary.BigEndian.Uint32(b[4:]))).UTC()
	return Record{Time: at, Body: body}, nil
}
