// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"encoding/binary"
	"errors"
	"math"
)

// The reference is a second, slow reading of the same formats: recursive,
// allocating, one value at a time. The walk has to agree with it on any bytes.

var (
	errCut  = errors.New("cut")
	errCode = errors.New("code")
)

// refMap keeps the order and the duplicates of a map.
type refMap []refPair

type refPair struct{ key, val any }

type refExt struct {
	typ  int8
	data []byte
}

// refBytes is a binary, to be told from a string.
type refBytes string

// refValue reads the first value of b; rest is what follows it.
func refValue(b []byte) (v any, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, errCut
	}
	c, b := b[0], b[1:]
	switch {
	case c <= 0x7f:
		return uint64(c), b, nil
	case c >= 0xe0:
		return int64(int8(c)), b, nil
	case c <= 0x8f:
		return refPairs(b, int(c&15))
	case c <= 0x9f:
		return refList(b, int(c&15))
	case c <= 0xbf:
		s, rest, err := refTake(b, int(c&31))
		return string(s), rest, err
	}
	switch c {
	case 0xc0:
		return nil, b, nil
	case 0xc1:
		return nil, nil, errCode
	case 0xc2, 0xc3:
		return c == 0xc3, b, nil
	case 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3:
		return refNumber(b, c)
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return refExtension(b, 1<<(c-0xd4))
	}
	return refLong(b, c)
}

// refLong reads what has a length or count behind the code.
func refLong(b []byte, c byte) (v any, rest []byte, err error) {
	width := map[byte]int{
		0xc4: 1, 0xc5: 2, 0xc6: 4, 0xc7: 1, 0xc8: 2, 0xc9: 4,
		0xd9: 1, 0xda: 2, 0xdb: 4, 0xdc: 2, 0xdd: 4, 0xde: 2, 0xdf: 4,
	}[c]
	head, b, err := refTake(b, width)
	if err != nil {
		return nil, nil, err
	}
	n := 0
	for _, x := range head {
		n = n<<8 | int(x)
	}
	switch {
	case c >= 0xde:
		return refPairs(b, n)
	case c >= 0xdc:
		return refList(b, n)
	case c >= 0xd9:
		s, rest, err := refTake(b, n)
		return string(s), rest, err
	case c >= 0xc7:
		return refExtension(b, n)
	}
	s, rest, err := refTake(b, n)
	return refBytes(s), rest, err
}

func refTake(b []byte, n int) (taken, rest []byte, err error) {
	if n > len(b) {
		return nil, nil, errCut
	}
	return b[:n], b[n:], nil
}

func refExtension(b []byte, n int) (v any, rest []byte, err error) {
	typ, b, err := refTake(b, 1)
	if err != nil {
		return nil, nil, err
	}
	data, rest, err := refTake(b, n)
	if err != nil {
		return nil, nil, err
	}
	return refExt{int8(typ[0]), data}, rest, nil
}

func refNumber(b []byte, c byte) (v any, rest []byte, err error) {
	size := map[byte]int{0xca: 4, 0xcb: 8, 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8, 0xd0: 1, 0xd1: 2, 0xd2: 4, 0xd3: 8}[c]
	raw, rest, err := refTake(b, size)
	if err != nil {
		return nil, nil, err
	}
	var wide [8]byte
	copy(wide[8-size:], raw)
	u := binary.BigEndian.Uint64(wide[:])
	switch c {
	case 0xca:
		return float64(math.Float32frombits(uint32(u))), rest, nil
	case 0xcb:
		return math.Float64frombits(u), rest, nil
	case 0xd0, 0xd1, 0xd2, 0xd3:
		shift := 64 - 8*size
		return int64(u<<shift) >> shift, rest, nil
	}
	return u, rest, nil
}

func refList(b []byte, n int) (v any, rest []byte, err error) {
	list := []any{}
	for range n {
		var e any
		if e, b, err = refValue(b); err != nil {
			return nil, nil, err
		}
		list = append(list, e)
	}
	return list, b, nil
}

func refPairs(b []byte, n int) (v any, rest []byte, err error) {
	pairs := refMap{}
	for range n {
		var p refPair
		if p.key, b, err = refValue(b); err != nil {
			return nil, nil, err
		}
		if p.val, b, err = refValue(b); err != nil {
			return nil, nil, err
		}
		pairs = append(pairs, p)
	}
	return pairs, b, nil
}

// refPlain is what Decode has to make of a value.
func refPlain(v any) any {
	switch v := v.(type) {
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v)
		}
	case refBytes:
		return string(v)
	case refExt:
		return nil
	case []any:
		list := []any{}
		for _, e := range v {
			list = append(list, refPlain(e))
		}
		return list
	case refMap:
		object := map[string]any{}
		for _, p := range v {
			switch key := p.key.(type) {
			case string:
				object[key] = refPlain(p.val)
			case refBytes:
				object[string(key)] = refPlain(p.val)
			}
		}
		return object
	}
	return v
}

// refDepth is how many arrays and maps are inside each other in v.
func refDepth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			deepest = max(deepest, refDepth(e))
		}
	case refMap:
		for _, p := range v {
			deepest = max(deepest, refDepth(p.key), refDepth(p.val))
		}
	default:
		return 0
	}
	return deepest + 1
}

// refWidest is the greatest number of elements or entries of any array or map.
func refWidest(v any) int {
	widest := 0
	switch v := v.(type) {
	case []any:
		widest = len(v)
		for _, e := range v {
			widest = max(widest, refWidest(e))
		}
	case refMap:
		widest = len(v)
		for _, p := range v {
			widest = max(widest, refWidest(p.key), refWidest(p.val))
		}
	}
	return widest
}
