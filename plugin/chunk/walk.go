// SPDX-License-Identifier: Apache-2.0

package chunk

import (
	"encoding/binary"
	"math"
)

// noLimit is for bounds that a caller does not set.
const noLimit = math.MaxInt64

// extent finds where the value at pos ends, whatever its depth and size. It needs
// no stack: each header only adds to the number of values still to come.
func extent(data []byte, pos int) (end int, f fault) {
	pos, left := leaves(data, pos, 1)
	for left > 0 {
		next, children, f := head(data, pos)
		if f != faultNone {
			return 0, f
		}
		pending := int64(left-1) + children
		if pending > int64(len(data)-next) {
			return 0, faultTruncated // each has at least one byte
		}
		pos, left = leaves(data, next, int(pending))
	}
	return pos, faultNone
}

// bounds are what walk holds a value to.
type bounds struct {
	depth  int   // arrays and maps inside each other, up to MaxDepth
	count  int64 // elements of one array, entries of one map
	values int64 // values in all
}

// pass is whether an array or map of so many children is within the bounds.
func (b *bounds) pass(kind Kind, children, total int64) bool {
	if kind == MapKind {
		children /= 2
	}
	return children <= b.count && total <= b.values
}

// walk is extent for a value that is to be used: it stops at the first bound that
// the value passes. The stack is of fixed size.
func walk(data []byte, pos int, b *bounds) (end int, f fault) {
	var open [MaxDepth]int // values still to come behind each open array or map
	depth, total := 0, int64(1)
	pos, left := leaves(data, pos, 1)
	for {
		for left == 0 {
			if depth == 0 {
				return pos, faultNone
			}
			depth--
			pos, left = leaves(data, pos, open[depth])
		}
		next, children, f := head(data, pos)
		if f != faultNone {
			return 0, f
		}
		if depth >= b.depth || depth >= MaxDepth {
			return 0, faultDepth
		}
		total += children
		if !b.pass(codes[data[pos]].kind, children, total) {
			return 0, faultSize
		}
		open[depth] = left - 1
		depth++
		pos, left = leaves(data, next, int(children))
	}
}

// mapEnd is walk for a map, quick for the shape nearly every body has: entries
// that are leaves. What nests is left to walk.
func mapEnd(data []byte, pos int, b *bounds) (end int, f fault) {
	n, at, ok := container(data, pos, MapKind)
	if !ok {
		return 0, faultTruncated
	}
	if int64(n) > b.count {
		return 0, faultSize
	}
	at, left := leaves(data, at, 2*n)
	if left == 0 {
		return at, faultNone
	}
	inner := bounds{depth: b.depth - 1, count: b.count, values: b.values}
	return nestedEnd(data, at, left, &inner)
}

// nestedEnd finds where the last of the left values from pos on ends.
func nestedEnd(data []byte, pos, left int, b *bounds) (end int, f fault) {
	for left > 0 {
		if pos, f = walk(data, pos, b); f != faultNone {
			return 0, f
		}
		pos, left = leaves(data, pos, left-1)
	}
	return pos, faultNone
}

// leaves passes over up to n values from pos on that are neither array nor map.
// It stops early, with left above 0 and end at the value it can't pass: an array,
// a map, a byte without meaning, a value that does not end inside data. It is a
// switch and not a look-up in codes because a processor guesses a branch and
// goes on, but has to wait for a load before it knows where the next value is.
func leaves(data []byte, pos, n int) (end, left int) {
	for ; n > 0; n-- {
		if uint(pos) >= uint(len(data)) {
			return pos, n
		}
		c := data[pos]
		size := 1
		switch c {
		case codeStr8, codeBin8:
			size = 2
			if pos+1 < len(data) {
				size += int(data[pos+1])
			}
		case codeStr16, codeBin16:
			size = 3
			if pos+2 < len(data) {
				size += int(binary.BigEndian.Uint16(data[pos+1:]))
			}
		case codeNil, codeFalse, codeTrue:
		case codeUint8, codeInt8:
			size = 2
		case codeUint16, codeInt16:
			size = 3
		case codeUint32, codeInt32, codeFloat32:
			size = 5
		case codeUint64, codeInt64, codeFloat64:
			size = 9
		default:
			if c&^0x1f == codeFixStr {
				size = 1 + int(c&0x1f)
			} else if c >= codeFixMap && c < codeNegFix {
				if size = leafSize(data, pos); size == 0 {
					return pos, n
				}
			}
		}
		if size > len(data)-pos {
			return pos, n
		}
		pos += size
	}
	return pos, 0
}

// leafSize is the size of the leaf at pos; 0 where leaves has to stop.
func leafSize(data []byte, pos int) int {
	if codes[data[pos]].kind >= ArrayKind {
		return 0
	}
	end, _, f := head(data, pos)
	if f != faultNone {
		return 0
	}
	return end - pos
}

// textEnd is valueEnd, quick for what most keys and values are: a short text, a small number.
func textEnd(data []byte, pos int) int {
	if uint(pos) < uint(len(data)) {
		switch c := data[pos]; {
		case c < codeFixMap:
			return pos + 1
		case c&^0x1f == codeFixStr:
			if end := pos + 1 + int(c&0x1f); end <= len(data) {
				return end
			}
		case c == codeStr8 && pos+1 < len(data):
			if end := pos + 2 + int(data[pos+1]); end <= len(data) {
				return end
			}
		}
	}
	return valueEnd(data, pos)
}

// valueEnd finds where the value at pos ends; -1 when it does not end inside data
// or pos is -1.
func valueEnd(data []byte, pos int) int {
	if pos < 0 {
		return -1
	}
	end, left := leaves(data, pos, 1)
	if left == 0 {
		return end
	}
	end, f := extent(data, pos)
	if f != faultNone {
		return -1
	}
	return end
}
