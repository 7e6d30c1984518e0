// SPDX-License-Identifier: Apache-2.0

package chunk

import "encoding/binary"

// First bytes of msgpack values (https://github.com/msgpack/msgpack/blob/master/spec.md).
const (
	codeFixMap   = 0x80 // to 0x8f
	codeFixArray = 0x90 // to 0x9f
	codeFixStr   = 0xa0 // to 0xbf
	codeNil      = 0xc0
	codeNever    = 0xc1
	codeFalse    = 0xc2
	codeTrue     = 0xc3
	codeBin8     = 0xc4
	codeBin16    = 0xc5
	codeBin32    = 0xc6
	codeExt8     = 0xc7
	codeExt16    = 0xc8
	codeExt32    = 0xc9
	codeFloat32  = 0xca
	codeFloat64  = 0xcb
	codeUint8    = 0xcc
	codeUint16   = 0xcd
	codeUint32   = 0xce
	codeUint64   = 0xcf
	codeInt8     = 0xd0
	codeInt16    = 0xd1
	codeInt32    = 0xd2
	codeInt64    = 0xd3
	codeFixExt1  = 0xd4
	codeFixExt8  = 0xd7
	codeFixExt16 = 0xd8
	codeStr8     = 0xd9
	codeStr16    = 0xda
	codeStr32    = 0xdb
	codeArray16  = 0xdc
	codeArray32  = 0xdd
	codeMap16    = 0xde
	codeMap32    = 0xdf
	codeNegFix   = 0xe0 // to 0xff
)

// codeInfo is what the first byte alone tells about a value.
type codeInfo struct {
	kind Kind
	size uint8 // of the whole value in bytes; 0 when the first byte does not tell
	head uint8 // bytes before the payload of a text, binary, ext, array or map
	len  uint8 // width in bytes of the length or count behind the first byte
}

var codes = codeTable()

func codeTable() (t [256]codeInfo) {
	for c := range t {
		switch {
		case c < codeFixMap:
			t[c] = codeInfo{kind: Uint, size: 1}
		case c < codeFixArray:
			t[c] = codeInfo{kind: MapKind, head: 1}
		case c < codeFixStr:
			t[c] = codeInfo{kind: ArrayKind, head: 1}
		case c < codeNil:
			t[c] = codeInfo{kind: String, size: uint8(c - codeFixStr + 1), head: 1}
		case c >= codeNegFix:
			t[c] = codeInfo{kind: Int, size: 1}
		}
	}
	t[codeNil] = codeInfo{kind: Nil, size: 1}
	t[codeFalse] = codeInfo{kind: Bool, size: 1}
	t[codeTrue] = codeInfo{kind: Bool, size: 1}
	t[codeFloat32] = codeInfo{kind: Float, size: 5}
	t[codeFloat64] = codeInfo{kind: Float, size: 9}
	for i := range 4 { // widths of 1, 2, 4 and 8 bytes
		t[codeUint8+i] = codeInfo{kind: Uint, size: 1 + 1<<i}
		t[codeInt8+i] = codeInfo{kind: Int, size: 1 + 1<<i}
	}
	for i := range 5 { // 1, 2, 4, 8 and 16 bytes behind code and type
		t[codeFixExt1+i] = codeInfo{kind: Ext, size: 2 + 1<<i, head: 2}
	}
	for i := range 3 { // lengths of 1, 2 and 4 bytes
		t[codeBin8+i] = codeInfo{kind: Binary, head: 1 + 1<<i, len: 1 << i}
		t[codeStr8+i] = codeInfo{kind: String, head: 1 + 1<<i, len: 1 << i}
		t[codeExt8+i] = codeInfo{kind: Ext, head: 2 + 1<<i, len: 1 << i}
	}
	for i := range 2 { // counts of 2 and 4 bytes
		t[codeArray16+i] = codeInfo{kind: ArrayKind, head: 3 + 2*uint8(i), len: 2 + 2*uint8(i)}
		t[codeMap16+i] = codeInfo{kind: MapKind, head: 3 + 2*uint8(i), len: 2 + 2*uint8(i)}
	}
	return t
}

// lengthAt reads the big-endian length or count of width 1, 2 or 4 that stands
// at pos; the caller has seen that the bytes are there.
func lengthAt(data []byte, pos int, width uint8) int64 {
	switch width {
	case 1:
		return int64(data[pos])
	case 2:
		return int64(binary.BigEndian.Uint16(data[pos:]))
	default:
		return int64(binary.BigEndian.Uint32(data[pos:]))
	}
}

// container reads the header of the array or map at pos: the number of elements
// or entries and where the first one begins. ok is false for any other value,
// for a header that is cut, and where more is claimed than bytes are left.
func container(data []byte, pos int, kind Kind) (n, first int, ok bool) {
	if uint(pos) >= uint(len(data)) {
		return 0, 0, false
	}
	c := data[pos]
	info := &codes[c]
	count := int64(c & 0x0f)
	first = pos + int(info.head)
	if info.kind != kind || first > len(data) {
		return 0, 0, false
	}
	if info.len > 0 {
		count = lengthAt(data, pos+1, info.len)
	}
	need := count // a value has at least one byte
	if kind == MapKind {
		need *= 2
	}
	return int(count), first, need <= int64(len(data)-first)
}

// head reads the value at pos up to its children: next is its end or, for an
// array or map, where its first child begins, and children how many values
// follow (a map entry is two).
func head(data []byte, pos int) (next int, children int64, f fault) {
	if uint(pos) >= uint(len(data)) {
		return 0, 0, faultTruncated
	}
	c := data[pos]
	info := &codes[c]
	left := int64(len(data) - pos)
	size := int64(info.size)
	if size == 0 {
		size = int64(info.head)
		if size == 0 {
			return 0, 0, faultMalformed // codeNever is the only byte without a meaning
		}
		if size > left {
			return 0, 0, faultTruncated
		}
		n := int64(c & 0x0f)
		if info.len > 0 {
			n = lengthAt(data, pos+1, info.len)
		}
		switch info.kind {
		case MapKind:
			children = 2 * n
		case ArrayKind:
			children = n
		default:
			size += n
		}
	}
	if size+children > left { // a child has at least one byte
		return 0, 0, faultTruncated
	}
	return pos + int(size), children, faultNone
}
