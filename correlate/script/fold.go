// SPDX-License-Identifier: Apache-2.0

package script

import (
	"slices"
	"sort"
	"unicode/utf8"
)

//go:generate go run upcase_gen.go upcase.bin

// upcaseRun maps the letters lo, lo+step, ... hi to others at a fixed distance.
type upcaseRun struct {
	lo, hi rune
	step   rune // 1, or 2 where cases alternate
	delta  rune
}

// upcase returns NTFS's upper case of a code point. Beyond the basic plane NTFS
// sees two surrogates, which have no case.
func upcase(r rune) rune {
	i := sort.Search(len(upcaseRuns), func(i int) bool { return upcaseRuns[i].hi >= r })
	if i == len(upcaseRuns) {
		return r
	}
	run := &upcaseRuns[i]
	if r < run.lo || (r-run.lo)%run.step != 0 {
		return r
	}
	return r + run.delta
}

// Fold appends name as NTFS compares it: in upper case by the volume's own
// table, one UTF-16 unit at a time, nothing composed and no ligature opened.
// Bytes that are not UTF-8 are kept as they are. Two names of one folder are
// one file exactly if they fold alike; folding twice changes nothing.
func Fold(dst, name []byte) []byte {
	dst = slices.Grow(dst, len(name))
	for i := 0; i < len(name); {
		c := name[i]
		if c < utf8.RuneSelf {
			dst = append(dst, upcaseASCII[c])
			i++
			continue
		}
		r, size := utf8.DecodeRune(name[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, upcase(r))
		}
		i += size
	}
	return dst
}

// upcaseASCII is the table's part for bytes that are ASCII.
var upcaseASCII = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		t[c] = byte(upcase(rune(c)))
	}
	return t
}()

// FoldString is Fold for a string.
func FoldString(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || upcaseASCII[c] != c {
			return string(Fold(nil, []byte(s)))
		}
	}
	return s
}

// EqualFold reports whether a and b fold alike.
func EqualFold(a, b string) bool { return equalFold(a, b) }

// text is what names come as.
type text interface{ ~string | ~[]byte }

func equalFold[A, B text](a A, b B) bool {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if c, d := a[i], b[j]; c < utf8.RuneSelf && d < utf8.RuneSelf {
			if upcaseASCII[c] != upcaseASCII[d] {
				return false
			}
			i, j = i+1, j+1
			continue
		}
		r, n := foldedRune(a, i)
		s, m := foldedRune(b, j)
		if r != s {
			return false
		}
		i, j = i+n, j+m
	}
	return i == len(a) && j == len(b)
}

// foldedRune returns the folded code point at s[i] and its length in s; a byte
// that is not UTF-8 is told from every code point by a negative number.
func foldedRune[T text](s T, i int) (rune, int) {
	var buf [utf8.UTFMax]byte
	n := copy(buf[:], s[i:min(len(s), i+utf8.UTFMax)])
	r, size := utf8.DecodeRune(buf[:n])
	if r == utf8.RuneError && size == 1 {
		return -1 - rune(buf[0]), 1
	}
	return upcase(r), size
}
