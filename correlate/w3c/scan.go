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

// gather moves the highest bits of the eight bytes to the lowest eight bits, in order.
func gather(m uint64) uint64 { return m * 0x0002040810204081 >> 56 }

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
// ends one byte before the next one's start. It has room for any column a uint8 can name.
type starts [257]uint32

// mark finds the values of b and counts them, up to limit, which is below 255; limit+1 means there are more.
func (s *starts) mark(b []byte, limit int) int {
	n, i := 0, 0
	s[0] = 0
	for ; i+64 <= len(b); i += 64 {
		if n = s.put(block(b[i:i+64]), i, n, limit); n > limit-1 {
			return limit + 1
		}
	}
	for ; i+8 <= len(b); i += 8 {
		if n = s.put(gather(spaces(binary.LittleEndian.Uint64(b[i:]))), i, n, limit); n > limit-1 {
			return limit + 1
		}
	}
	for ; i < len(b); i++ {
		if b[i] == ' ' {
			if n = s.put(1, i, n, limit); n > limit-1 {
				return limit + 1
			}
		}
	}
	s[n+1] = uint32(len(b) + 1)
	return n + 1
}

// block is a bit for each of 64 bytes that is a space.
func block(b []byte) (m uint64) {
	_ = b[63]
	for k := 0; k < 64; k += 8 {
		m |= gather(spaces(binary.LittleEndian.Uint64(b[k:k+8]))) << k
	}
	return m
}

// put notes the start behind each space of m; n counts them.
func (s *starts) put(m uint64, at, n, limit int) int {
	for ; m != 0 && n < limit; m &= m - 1 {
		n++
		s[n&0xff] = uint32(at + bits.TrailingZeros64(m) + 1)
	}
	return n
}
