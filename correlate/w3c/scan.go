// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"encoding/binary"
	"math/bits"
)

const (
	everyByte = 0x0101010101010101
	highBits  = 0x80 * everyByte
	lowBits   = 0x7f * everyByte
	allSpaces = ' ' * everyByte
)

// spaces sets the highest bit of each byte of w that is a space, and no other bit.
func spaces(w uint64) uint64 {
	x := w ^ allSpaces
	return ^((x&lowBits + lowBits) | x) & highBits
}

// skipValues gives the place behind the n-th space of b at or after from, -1 when b has fewer. n is at least 1.
func skipValues(b []byte, from, n int) int {
	for ; from+8 <= len(b); from += 8 {
		m := spaces(binary.LittleEndian.Uint64(b[from:]))
		found := bits.OnesCount64(m)
		if found < n {
			n -= found
			continue
		}
		for ; n > 1; n-- {
			m &= m - 1
		}
		return from + bits.TrailingZeros64(m)>>3 + 1
	}
	for ; from < len(b); from++ {
		if b[from] == ' ' {
			if n--; n == 0 {
				return from + 1
			}
		}
	}
	return -1
}

// valueEnd gives the place of the first space of b at or after from, len(b) when there is none.
func valueEnd(b []byte, from int) int {
	for ; from+8 <= len(b); from += 8 {
		if m := spaces(binary.LittleEndian.Uint64(b[from:])); m != 0 {
			return from + bits.TrailingZeros64(m)>>3
		}
	}
	for ; from < len(b) && b[from] != ' '; from++ {
	}
	return from
}

// starts holds where each value of a line begins, and behind the last one where another would. So a value
// ends one byte before the next one's start. It has room for any column that a uint8 can name, and for the
// spaces of one more stride than mark's limit allows.
type starts [256 + stride]uint32

// mark finds the values of b and counts them, up to limit, which is at most MaxColumns; limit+1 means that there
// are more, and the first limit values are known then.
func (s *starts) mark(b []byte, limit int) int {
	n, i := 1, 0
	s[0] = 0
	for ; i+stride <= len(b) && n <= limit; i += stride {
		n = s.markIn(spacesOf((*[stride]byte)(b[i:])), i, n)
	}
	if rest := len(b) - i; rest > 0 && i > 0 && n <= limit {
		last := len(b) - stride // the last stride again: what was seen of it is shifted out
		n = s.markIn(spacesOf((*[stride]byte)(b[last:]))>>(stride-rest), i, n)
		i = len(b)
	}
	for ; i < len(b) && n <= limit; i++ {
		if b[i] == ' ' {
			s[n] = uint32(i + 1)
			n++
		}
	}
	if n > limit {
		return limit + 1
	}
	s[n] = uint32(len(b) + 1)
	return n
}

// markIn notes the bits of m, each a space at its place behind from.
func (s *starts) markIn(m uint64, from, n int) int {
	for ; m != 0; m &= m - 1 {
		s[n] = uint32(from + bits.TrailingZeros64(m) + 1)
		n++
	}
	return n
}

// stride is how many bytes spacesOf looks at.
const stride = 64

// spacesOf has a bit for each byte that is a space. All of a line's blocks being looked at in one stride, the loop
// over its spaces ends four times a line and not at each word, which no processor can guess.
func spacesOf(b *[stride]byte) uint64 {
	return gather(spaces(binary.LittleEndian.Uint64(b[0:]))) |
		gather(spaces(binary.LittleEndian.Uint64(b[8:])))<<8 |
		gather(spaces(binary.LittleEndian.Uint64(b[16:])))<<16 |
		gather(spaces(binary.LittleEndian.Uint64(b[24:])))<<24 |
		gather(spaces(binary.LittleEndian.Uint64(b[32:])))<<32 |
		gather(spaces(binary.LittleEndian.Uint64(b[40:])))<<40 |
		gather(spaces(binary.LittleEndian.Uint64(b[48:])))<<48 |
		gather(spaces(binary.LittleEndian.Uint64(b[56:])))<<56
}

// gather moves the highest bits of the eight bytes of m together.
func gather(m uint64) uint64 { return (m >> 7) * 0x0102040810204080 >> 56 }
