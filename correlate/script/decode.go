// SPDX-License-Identifier: Apache-2.0

package script

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// decode returns b with its escapes, %XX and %uXXXX, decoded once, and where in
// it the first decoded byte stands. It gives ok false where there is none, and
// where HTTP.sys refuses the URL: a bare "%", a NUL, half a surrogate pair.
func decode(b []byte) (decoded []byte, first int, ok bool) {
	first = bytes.IndexByte(b, '%')
	if first < 0 {
		return nil, 0, false
	}
	decoded = append(make([]byte, 0, len(b)), b[:first]...)
	for rest := b[first:]; len(rest) > 0; {
		if rest[0] != '%' {
			decoded, rest = append(decoded, rest[0]), rest[1:]
			continue
		}
		if decoded, rest, ok = decodeEscape(decoded, rest[1:]); !ok {
			return nil, 0, false
		}
	}
	return decoded, first, true
}

// decodeEscape appends what the escape that b begins with, its "%" cut off,
// stands for and returns what follows it.
func decodeEscape(dst, b []byte) (decoded, rest []byte, ok bool) {
	if len(b) > 0 && b[0]|0x20 == 'u' {
		return decodeUnicode(dst, b[1:])
	}
	c, ok := hexNumber(b, 2)
	if !ok || c == 0 {
		return nil, nil, false
	}
	return append(dst, byte(c)), b[2:], true
}

// decodeUnicode is decodeEscape behind "%u".
func decodeUnicode(dst, b []byte) (decoded, rest []byte, ok bool) {
	r, ok := hexNumber(b, 4)
	if !ok || r == 0 {
		return nil, nil, false
	}
	b = b[4:]
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(dst, r), b, true
	}
	if len(b) < 2 || b[0] != '%' || b[1]|0x20 != 'u' {
		return nil, nil, false
	}
	low, ok := hexNumber(b[2:], 4)
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return nil, nil, false
	}
	return utf8.AppendRune(dst, r), b[6:], true
}

// hexNumber returns the number that the first digits bytes of b write.
func hexNumber(b []byte, digits int) (n rune, ok bool) {
	if len(b) < digits {
		return 0, false
	}
	for _, c := range b[:digits] {
		d, ok := unhex(c)
		if !ok {
			return 0, false
		}
		n = n<<4 | rune(d)
	}
	return n, true
}

// windows1252 is what bytes 0x80 to 0x9F are in Windows-1252; the five that it
// leaves open are the control characters of their number, as in Windows.
var windows1252 = [32]rune{
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
	0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
}

// fromWindows1252 returns b, each byte of it read as Windows-1252, as UTF-8.
func fromWindows1252(b []byte) []byte {
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		r := rune(c)
		if 0x80 <= c && c < 0xA0 {
			r = windows1252[c-0x80]
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// cookieless returns the length of the "(X(...)...)" that s begins with, as
// ASP.NET puts session and ticket into a path: one or more letters, each with
// its value in parentheses. It returns 0 where s begins otherwise.
func cookieless(s []byte) int {
	if len(s) < 5 || s[0] != '(' { // "(X())"
		return 0
	}
	for i := 1; i < len(s); {
		if s[i] == ')' && i > 1 {
			return i + 1
		}
		if !isLetter(s[i]) || i+1 >= len(s) || s[i+1] != '(' {
			return 0
		}
		end := bytes.IndexAny(s[i+2:], "()")
		if end < 0 || s[i+2+end] == '(' {
			return 0
		}
		i += 2 + end + 1
	}
	return 0
}
