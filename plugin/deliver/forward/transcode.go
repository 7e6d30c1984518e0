// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// maxDepth bounds the nesting of a record; our formats have up to six levels.
const maxDepth = 32

// appendJSON appends a JSON object as a msgpack map, its members in their order. Integers that fit 64 bits stay integers.
func appendJSON(dst, object []byte) ([]byte, error) {
	t := transcoder{dec: json.NewDecoder(bytes.NewReader(object)), dst: dst}
	t.dec.UseNumber()
	if len(object) == 0 || object[0] != '{' {
		return dst, fmt.Errorf("record: want a JSON object")
	}
	if err := t.value(0); err != nil {
		return dst, fmt.Errorf("record: %w", err)
	}
	if _, err := t.dec.Token(); err != io.EOF {
		return dst, fmt.Errorf("record: more than one JSON object")
	}
	return t.dst, nil
}

// transcoder turns JSON into msgpack, token by token.
type transcoder struct {
	dec *json.Decoder
	dst []byte
}

// value transcodes the next value.
func (t *transcoder) value(depth int) error {
	token, err := t.dec.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		return t.container(v, depth)
	case string:
		t.dst = appendStr(t.dst, v)
	case json.Number:
		return t.number(v)
	case bool:
		code := byte(codeFalse)
		if v {
			code = codeTrue
		}
		t.dst = append(t.dst, code)
	default:
		t.dst = append(t.dst, codeNil)
	}
	return nil
}

// container transcodes an object or an array. The number of its members is known at its end, so its header has the
// widest form and is filled in then, as Fluent Bit's own packer does.
func (t *transcoder) container(open json.Delim, depth int) error {
	if depth >= maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	code := byte(codeArray32)
	if open == '{' {
		code = codeMap32
	}
	t.dst = append(t.dst, code, 0, 0, 0, 0)
	header, n := len(t.dst), uint32(0)
	for ; t.dec.More(); n++ {
		if err := t.member(open == '{', depth); err != nil {
			return err
		}
	}
	binary.BigEndian.PutUint32(t.dst[header-4:], n)
	_, err := t.dec.Token() // the closing bracket
	return err
}

// member transcodes an element, or a key and its value.
func (t *transcoder) member(keyed bool, depth int) error {
	if keyed {
		if err := t.value(depth + 1); err != nil {
			return err
		}
	}
	return t.value(depth + 1)
}

// number transcodes a number.
func (t *transcoder) number(s json.Number) error {
	if n, err := s.Int64(); err == nil {
		t.dst = appendInt(t.dst, n)
		return nil
	}
	f, err := s.Float64()
	if err != nil {
		return err
	}
	t.dst = binary.BigEndian.AppendUint64(append(t.dst, codeFloat64), math.Float64bits(f))
	return nil
}
