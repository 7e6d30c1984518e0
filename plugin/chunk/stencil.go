// SPDX-License-Identifier: Apache-2.0

package chunk

import (
	"bytes"
	"encoding/binary"
)

// Stencil knows the bytes of a body but for the values of two keys, an unsigned integer and a text. The records of
// one source are alike in all the rest, so one comparison does for a walk. The zero Stencil fits nothing.
type Stencil struct {
	before, between, behind []byte // of the two values; with one of them alone, between is empty
	hasNumber, isKnown      bool
}

// Learn makes the stencil of body's kind: number and text are the keys whose values differ. It reports whether
// there is one: text is there once, as a text, number once in front of it or not at all. It copies what it keeps.
func (s *Stencil) Learn(body Map, number, text string) bool {
	var key []byte
	var val Value
	var found [2]extentOf // of the values of number and of text
	for it := body.Iter(); it.Next(&key, &val); {
		at := &found[1]
		if string(key) == number && number != text {
			at = &found[0]
		} else if string(key) != text {
			continue
		}
		if at.end != 0 {
			s.Forget()
			return false
		}
		at.start, at.end = it.pos-len(val.Raw), it.pos
	}
	return s.keep(body.raw, found[0], found[1])
}

// extentOf is where a value begins and ends; an end of 0 means that there is none.
type extentOf struct{ start, end int }

// keep cuts raw at the two values.
func (s *Stencil) keep(raw []byte, number, text extentOf) bool {
	s.hasNumber = number.end != 0
	s.isKnown = text.end != 0 && number.end <= text.start && codes[raw[text.start]].kind == String &&
		(!s.hasNumber || codes[raw[number.start]].kind == Uint)
	if !s.isKnown {
		return false
	}
	if !s.hasNumber {
		number = extentOf{text.start, text.start}
	}
	s.before = append(s.before[:0], raw[:number.start]...)
	s.between = append(s.between[:0], raw[number.end:text.start]...)
	s.behind = append(s.behind[:0], raw[text.end:]...)
	return true
}

// Forget makes the stencil fit nothing again.
func (s *Stencil) Forget() { s.isKnown = false }

// Match gives the two values of a body that differs from the learned one in nothing else; they are what the body's
// iterator gives. The number is 0 where the stencil has none.
func (s *Stencil) Match(body Map) (number uint64, text []byte, ok bool) {
	number, text, end := s.matchFront(body.raw)
	if end != len(body.raw) || end == 0 {
		return 0, nil, false
	}
	return number, text, true
}

// matchFront is Match for the body that data begins with; end is where it ends, 0 where it does not fit. What fits is
// a whole map, for all but two values of it was one, and these are whole.
func (s *Stencil) matchFront(data []byte) (number uint64, text []byte, end int) {
	at := len(s.before)
	if !s.isKnown || len(data) < at || !bytes.Equal(data[:at], s.before) {
		return 0, nil, 0
	}
	if s.hasNumber {
		n, size := uintAt(data[at:])
		number, at = n, at+size
		if size == 0 || len(data)-at < len(s.between) || !bytes.Equal(data[at:at+len(s.between)], s.between) {
			return 0, nil, 0
		}
		at += len(s.between)
	}
	end, left := leaves(data, at, 1)
	if left > 0 || codes[data[at]].kind != String || len(data)-end < len(s.behind) ||
		!bytes.Equal(data[end:end+len(s.behind)], s.behind) {
		return 0, nil, 0
	}
	return number, data[at+int(codes[data[at]].head) : end : end], end + len(s.behind)
}

// uintAt reads the unsigned integer that b begins with; size is 0 for anything else.
func uintAt(b []byte) (n uint64, size int) {
	if len(b) == 0 || codes[b[0]].kind != Uint || int(codes[b[0]].size) > len(b) {
		return 0, 0
	}
	switch c := b[0]; c {
	case codeUint32:
		return uint64(binary.BigEndian.Uint32(b[1:])), 5
	case codeUint16:
		return uint64(binary.BigEndian.Uint16(b[1:])), 3
	case codeUint64:
		return binary.BigEndian.Uint64(b[1:]), 9
	case codeUint8:
		return uint64(b[1]), 2
	default:
		return uint64(c), 1
	}
}
