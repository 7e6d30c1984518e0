// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"time"
)

// Record is one event: a moment and a JSON object.
type Record struct {
	Time time.Time
	JSON []byte // becomes a map of the same keys, order and types
}

// The codes of msgpack that are written (msgpack specification).
const (
	codeFixMap    = 0x80
	codeFixArray  = 0x90
	codeFixStr    = 0xa0
	codeNil       = 0xc0
	codeFalse     = 0xc2
	codeTrue      = 0xc3
	codeBin32     = 0xc6
	codeFloat64   = 0xcb
	codeUint64    = 0xcf
	codeInt64     = 0xd3
	codeFixExt8   = 0xd7
	codeStr8      = 0xd9
	codeStr32     = 0xdb
	codeArray32   = 0xdd
	codeMap32     = 0xdf
	eventTimeType = 0 // the protocol's extension type
)

// appendStr appends a string.
func appendStr(dst []byte, s string) []byte {
	switch n := len(s); {
	case n < 32:
		dst = append(dst, codeFixStr|byte(n))
	case n <= math.MaxUint8:
		dst = append(dst, codeStr8, byte(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, codeStr32), uint32(n))
	}
	return append(dst, s...)
}

// appendInt appends an integer.
func appendInt(dst []byte, n int64) []byte {
	switch {
	case n >= 0 && n < 128, n < 0 && n >= -32:
		return append(dst, byte(n))
	case n >= 0:
		return binary.BigEndian.AppendUint64(append(dst, codeUint64), uint64(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, codeInt64), uint64(n))
}

// appendRecord appends [EventTime, map]. The object must be valid JSON.
func appendRecord(dst []byte, r Record) ([]byte, error) {
	dst = append(dst, codeFixArray|2, codeFixExt8, eventTimeType)
	seconds := min(max(r.Time.Unix(), 0), math.MaxUint32)
	dst = binary.BigEndian.AppendUint32(dst, uint32(seconds))
	dst = binary.BigEndian.AppendUint32(dst, uint32(r.Time.Nanosecond()))
	return appendJSON(dst, r.JSON)
}

// chunkMessage is a PackedForward message and its id.
type chunkMessage struct {
	id   string
	data []byte
}

// newChunk packs records. The id is random, so that nobody can acknowledge what was not read.
func newChunk(tag string, records []Record, compress bool) (chunkMessage, error) {
	var entries []byte
	var err error
	for i := range records {
		if entries, err = appendRecord(entries, records[i]); err != nil {
			return chunkMessage{}, err
		}
	}
	if compress {
		if entries, err = zip(entries); err != nil {
			return chunkMessage{}, err
		}
	}
	c := chunkMessage{id: base64.StdEncoding.EncodeToString(randomBytes(16))}
	c.data = make([]byte, 0, len(entries)+len(tag)+128)
	c.data = appendStr(append(c.data, codeFixArray|3), tag)
	c.data = binary.BigEndian.AppendUint32(append(c.data, codeBin32), uint32(len(entries)))
	c.data = append(c.data, entries...)
	c.data = appendOption(c.data, c.id, len(records), compress)
	return c, nil
}

// appendOption appends a message's option.
func appendOption(dst []byte, id string, size int, compress bool) []byte {
	members := byte(2)
	if compress {
		members = 3
	}
	dst = appendInt(appendStr(append(dst, codeFixMap|members), "size"), int64(size))
	dst = appendStr(appendStr(dst, "chunk"), id)
	if compress {
		dst = appendStr(appendStr(dst, "compressed"), "gzip")
	}
	return dst
}

// zip compresses.
func zip(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// randomBytes returns n bytes that nobody can guess.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}

// digest is the hexadecimal SHA-512 of the parts, as the handshake uses it.
func digest(parts ...string) string {
	h := sha512.New()
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// appendPing appends a PING. The salt is hexadecimal: Fluent Bit takes it for a C string.
func appendPing(dst []byte, o *Options, salt, nonce, auth string) []byte {
	user, password := "", ""
	if auth != "" && o.Username != "" {
		user, password = o.Username, digest(auth, o.Username, o.Password)
	}
	dst = append(dst, codeFixArray|6)
	for _, s := range []string{"PING", o.SelfHostname, salt, digest(salt, o.SelfHostname, nonce, o.SharedKey), user, password} {
		dst = appendStr(dst, s)
	}
	return dst
}
