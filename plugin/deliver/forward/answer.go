// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// Limits of one answer. A HELO has about 100 bytes, a PONG 300, an ack 40.
const (
	maxAnswerBytes = 64 << 10
	maxAnswerDepth = 8
	maxAnswerItems = 64 // elements of an array, members of a map
)

var errAnswerTooLong = fmt.Errorf("answer longer than %d bytes", maxAnswerBytes)

// meter reads from a connection up to the limit of one answer.
type meter struct {
	r    *bufio.Reader
	left int
}

// Read reads up to the limit.
func (m *meter) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, errAnswerTooLong
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

// ReadByte reads one byte.
func (m *meter) ReadByte() (byte, error) {
	if m.left == 0 {
		return 0, errAnswerTooLong
	}
	b, err := m.r.ReadByte()
	if err == nil {
		m.left--
	}
	return b, err
}

// UnreadByte gives the last byte back.
func (m *meter) UnreadByte() error {
	m.left++
	return m.r.UnreadByte()
}

// answers reads one msgpack value after the other.
type answers struct {
	m   meter
	dec *msgpack.Decoder
}

// newAnswers reads from r, a connection.
func newAnswers(r io.Reader) *answers {
	a := &answers{m: meter{r: bufio.NewReaderSize(r, 4096)}}
	a.dec = msgpack.NewDecoder(&a.m)
	return a
}

// buffered is how many bytes are here that nobody asked for yet.
func (a *answers) buffered() int { return a.m.r.Buffered() }

// next reads one answer: a string, a bool, nil, a number as nil, an array as []any, a map as map[string]any.
func (a *answers) next() (any, error) {
	a.m.left = maxAnswerBytes
	first, err := a.m.r.Peek(1)
	if err != nil {
		return nil, err
	}
	if c := first[0]; !isArray(c) && !isMap(c) {
		return nil, a.foreign()
	}
	return a.value(0)
}

// maxQuoted is how much of a foreign answer is quoted, enough for the status line of a web server.
const maxQuoted = 48

// foreign says how an answer that is no Forward answer begins.
func (a *answers) foreign() error {
	head, _ := a.m.r.Peek(min(a.buffered(), maxQuoted))
	return faultf(KindProtocol, "not a Forward receiver: it answers %q", head)
}

func isArray(c byte) bool {
	return msgpcode.IsFixedArray(c) || c == msgpcode.Array16 || c == msgpcode.Array32
}

func isMap(c byte) bool {
	return msgpcode.IsFixedMap(c) || c == msgpcode.Map16 || c == msgpcode.Map32
}

// value reads one value. The decoder's own generic reading recurses without limit.
func (a *answers) value(depth int) (any, error) {
	if depth > maxAnswerDepth {
		return nil, fmt.Errorf("answer nested deeper than %d", maxAnswerDepth)
	}
	c, err := a.dec.PeekCode()
	switch {
	case err != nil:
		return nil, err
	case msgpcode.IsString(c):
		return a.text()
	case msgpcode.IsBin(c):
		return a.text()
	case isArray(c):
		return a.array(depth)
	case isMap(c):
		return a.members(depth)
	case msgpcode.IsExt(c):
		return nil, errors.New("answer with an extension type")
	case c == msgpcode.True || c == msgpcode.False:
		return a.dec.DecodeBool()
	}
	_, err = a.dec.DecodeInterface() // nil or a number, which no answer needs
	return nil, err
}

// text reads a string or bytes; receivers send salts as either.
func (a *answers) text() (any, error) {
	n, err := a.dec.DecodeBytesLen()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > a.m.left {
		return nil, errAnswerTooLong
	}
	b := make([]byte, n)
	if err := a.dec.ReadFull(b); err != nil {
		return nil, err
	}
	return string(b), nil
}

// array reads an array.
func (a *answers) array(depth int) (any, error) {
	n, err := a.dec.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > maxAnswerItems {
		return nil, fmt.Errorf("answer with an array of %d, limit %d", n, maxAnswerItems)
	}
	vs := make([]any, n)
	for i := range vs {
		if vs[i], err = a.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return vs, nil
}

// members reads a map. A key that is no string is read and left out.
func (a *answers) members(depth int) (any, error) {
	n, err := a.dec.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > maxAnswerItems {
		return nil, fmt.Errorf("answer with a map of %d, limit %d", n, maxAnswerItems)
	}
	m := make(map[string]any, n)
	for range n {
		key, err := a.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v, err := a.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if k, ok := key.(string); ok {
			m[k] = v
		}
	}
	return m, nil
}
