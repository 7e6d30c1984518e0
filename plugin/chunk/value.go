// SPDX-License-Identifier: Apache-2.0

package chunk

import (
	"encoding/binary"
	"math"
)

// Kind is what a value is.
type Kind uint8

// The kinds of msgpack values. Uint is any integer written unsigned, Int any
// written signed; Value.Int and Value.Uint read both. The last two carry Kind in
// their names because Array and Map are the views.
const (
	Invalid Kind = iota // the zero Value
	Nil
	Bool
	Int
	Uint
	Float
	String
	Binary
	Ext
	ArrayKind
	MapKind
)

var kindNames = [...]string{"invalid", "nil", "bool", "int", "uint", "float", "string", "binary", "ext", "array", "map"}

// String names the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Value is a view of one encoded value. Its accessors read what Raw holds and
// give their ok as false, never a panic, for another kind or a cut value.
type Value struct {
	Kind Kind
	Raw  []byte // the whole encoding, part of the chunk
}

func valueOf(raw []byte) Value {
	return Value{Kind: codes[raw[0]].kind, Raw: raw}
}

// info describes the first byte; the zero codeInfo when there is none or when
// the header is cut.
func (v Value) info() codeInfo {
	if len(v.Raw) == 0 {
		return codeInfo{}
	}
	info := codes[v.Raw[0]]
	if len(v.Raw) < int(max(info.head, 1)) || info.len == 0 && len(v.Raw) < int(info.size) {
		return codeInfo{}
	}
	return info
}

// Bytes is the content of a string or binary, as a part of the chunk; nil for
// any other kind.
func (v Value) Bytes() []byte {
	if len(v.Raw) == 0 {
		return nil
	}
	info := &codes[v.Raw[0]]
	if info.kind != String && info.kind != Binary || int(info.head) > len(v.Raw) {
		return nil
	}
	return v.Raw[info.head:]
}

// Bool is the value of a bool.
func (v Value) Bool() (b, ok bool) {
	return len(v.Raw) > 0 && v.Raw[0] == codeTrue, v.info().kind == Bool
}

// Int is the value of an integer in either form; ok is false for an unsigned one
// above 1<<63-1.
func (v Value) Int() (i int64, ok bool) {
	bits, kind := v.integer()
	return int64(bits), kind == Int || kind == Uint && bits <= math.MaxInt64
}

// Uint is the value of an integer in either form; ok is false for a negative one.
func (v Value) Uint() (u uint64, ok bool) {
	bits, kind := v.integer()
	return bits, kind == Uint || kind == Int && int64(bits) >= 0
}

// integer reads an integer of any width, sign-extended; kind is Invalid when it
// is none.
func (v Value) integer() (bits uint64, kind Kind) {
	info := v.info()
	if info.kind != Int && info.kind != Uint {
		return 0, Invalid
	}
	switch c := v.Raw[0]; c {
	case codeUint8:
		bits = uint64(v.Raw[1])
	case codeUint16:
		bits = uint64(binary.BigEndian.Uint16(v.Raw[1:]))
	case codeUint32:
		bits = uint64(binary.BigEndian.Uint32(v.Raw[1:]))
	case codeUint64, codeInt64:
		bits = binary.BigEndian.Uint64(v.Raw[1:])
	case codeInt8:
		bits = uint64(int8(v.Raw[1]))
	case codeInt16:
		bits = uint64(int16(binary.BigEndian.Uint16(v.Raw[1:])))
	case codeInt32:
		bits = uint64(int32(binary.BigEndian.Uint32(v.Raw[1:])))
	default:
		bits = uint64(int8(c)) // the code is the number, 0 to 127 and -32 to -1
	}
	return bits, info.kind
}

// Float is the value of a float of either width. NaN and infinities pass.
func (v Value) Float() (f float64, ok bool) {
	if v.info().kind != Float {
		return 0, false
	}
	if v.Raw[0] == codeFloat32 {
		return float64(math.Float32frombits(binary.BigEndian.Uint32(v.Raw[1:]))), true
	}
	return math.Float64frombits(binary.BigEndian.Uint64(v.Raw[1:])), true
}

// Ext is the type and the content of an ext value; the content is part of the
// chunk.
func (v Value) Ext() (typ int8, data []byte, ok bool) {
	info := v.info()
	if info.kind != Ext {
		return 0, nil, false
	}
	return int8(v.Raw[info.head-1]), v.Raw[info.head:], true
}

// Map is the view of a map.
func (v Value) Map() (m Map, ok bool) {
	if v.info().kind != MapKind {
		return Map{}, false
	}
	return Map{raw: v.Raw}, true
}

// Array is the view of an array.
func (v Value) Array() (a Array, ok bool) {
	if v.info().kind != ArrayKind {
		return Array{}, false
	}
	return Array{raw: v.Raw}, true
}
