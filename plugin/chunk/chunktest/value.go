// SPDX-License-Identifier: Apache-2.0

package chunktest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// Width is how wide the length or count in a header is.
type Width uint8

// Widths. A header that is too narrow for what it has to tell is a panic.
const (
	Shortest Width = iota
	W8             // for texts, binaries and ext values; arrays and maps have none and take W16
	W16
	W32
)

// Pairs is a map: keys and values in turn, written in this order, duplicates too.
type Pairs []any

// Raw is a value that is encoded already, rightly or not.
type Raw []byte

// Ext is an ext value; its header has the width of texts, never fixext.
type Ext struct {
	Type int8
	Data []byte
}

// Append encodes v behind b with the shortest headers: nil, bool, int, int64,
// uint64, float32, float64, string, []byte (a binary), []any, Pairs, Ext and Raw.
// Integers take the fewest bytes, unsigned where they are not negative.
func Append(b []byte, v any) []byte { return Framing{}.append(b, v) }

// Append encodes v behind b with the header widths of f; see the function Append.
func (f Framing) Append(b []byte, v any) []byte { return f.append(b, v) }

func (f Framing) append(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, 0xc0)
	case bool:
		return appendBool(b, v)
	case int:
		return appendInt(b, int64(v))
	case int64:
		return appendInt(b, v)
	case uint64:
		return appendUint(b, v)
	case float32:
		return binary.BigEndian.AppendUint32(append(b, 0xca), math.Float32bits(v))
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(v))
	case string:
		return append(appendString(b, f.Text, len(v)), v...)
	case []byte:
		return append(appendLength(b, f.Text, bin8, len(v)), v...)
	case Ext:
		return append(append(appendLength(b, f.Text, ext8, len(v.Data)), byte(v.Type)), v.Data...)
	case Raw:
		return append(b, v...)
	case []any:
		return f.appendAll(appendContainer(b, f.Width, fixArray, len(v)), v)
	case Pairs:
		if len(v)%2 != 0 {
			panic("BUG: chunktest: key without a value")
		}
		return f.appendAll(appendContainer(b, f.Width, fixMap, len(v)/2), v)
	}
	panic(fmt.Sprintf("BUG: chunktest: can't encode a %T", v))
}

func (f Framing) appendAll(b []byte, values []any) []byte {
	for _, v := range values {
		b = f.append(b, v)
	}
	return b
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
}

func appendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0:
		return appendUint(b, uint64(v))
	case v >= -32:
		return append(b, byte(v))
	case v >= math.MinInt8:
		return append(b, 0xd0, byte(v))
	case v >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(b, 0xd1), uint16(v))
	case v >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(v))
}

func appendUint(b []byte, v uint64) []byte {
	switch size := bits.Len64(v); {
	case size <= 7:
		return append(b, byte(v))
	case size <= 8:
		return append(b, 0xcc, byte(v))
	case size <= 16:
		return binary.BigEndian.AppendUint16(append(b, 0xcd), uint16(v))
	case size <= 32:
		return binary.BigEndian.AppendUint32(append(b, 0xce), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xcf), v)
}

// First codes of the families that have a header of 8, 16 or 32 bits, and of
// those with a count in the code itself.
const (
	fixMap   = 0x80
	fixArray = 0x90
	fixStr   = 0xa0
	bin8     = 0xc4
	ext8     = 0xc7
	str8     = 0xd9
	array16  = 0xdc
	map16    = 0xde
)

func appendString(b []byte, w Width, n int) []byte {
	if w == Shortest && n < 32 {
		return append(b, fixStr|byte(n))
	}
	return appendLength(b, w, str8, n)
}

// appendLength writes a header of the family whose 8-bit code is first.
func appendLength(b []byte, w Width, first byte, n int) []byte {
	switch w = wideEnough(w, n); w {
	case W8:
		return append(b, first, byte(n))
	case W16:
		return binary.BigEndian.AppendUint16(append(b, first+1), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, first+2), uint32(n))
}

func appendContainer(b []byte, w Width, fix byte, n int) []byte {
	if w == Shortest && n < 16 {
		return append(b, fix|byte(n))
	}
	first := byte(array16)
	if fix == fixMap {
		first = map16
	}
	if w == W8 {
		w = W16 // arrays and maps have no header of 8 bits
	}
	if n <= math.MaxUint16 && wideEnough(w, n) <= W16 {
		return binary.BigEndian.AppendUint16(append(b, first), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, first+1), uint32(n))
}

// wideEnough turns Shortest into a width and holds any other to n.
func wideEnough(w Width, n int) Width {
	need := W8
	if n > math.MaxUint8 {
		need = W16
	}
	if n > math.MaxUint16 {
		need = W32
	}
	if w == Shortest {
		return need
	}
	if w < need {
		panic(fmt.Sprintf("BUG: chunktest: %d does not fit the header", n))
	}
	return w
}
