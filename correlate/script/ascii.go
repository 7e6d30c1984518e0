// SPDX-License-Identifier: Apache-2.0

package script

// lowerAlnum maps ASCII letters, lowered, and digits to themselves and every
// other byte to 0.
var lowerAlnum = func() (t [256]byte) {
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = c, c
	}
	return t
}()

func isAlnum(c byte) bool { return lowerAlnum[c] != 0 }

func isLetter(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// lower lowers the ASCII letters of b in place.
func lower(b []byte) []byte {
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return b
}

// hasPrefixFold reports whether b, at least as long as prefix, begins with it,
// ASCII letters without case. The prefix is in lower case.
func hasPrefixFold(b, prefix []byte) bool {
	for i, c := range prefix {
		if lowerByte(b[i]) != c {
			return false
		}
	}
	return true
}

// unhex returns the value of a hexadecimal digit.
func unhex(c byte) (value byte, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func isHash(s string) bool {
	for i := range len(s) {
		if _, ok := unhex(s[i]); !ok {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= maxHash
}
