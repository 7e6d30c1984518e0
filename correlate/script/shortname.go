// SPDX-License-Identifier: Apache-2.0

package script

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

const (
	// maxPlainAlias is the last number of an alias that keeps six letters;
	// after SHELLC~4 NTFS puts a hash of the long name in.
	maxPlainAlias = 4
	// maxHashedAlias is the last number that still leaves two letters and a
	// hash of four digits in eight places.
	maxHashedAlias = 9
)

// shortNames returns the 8.3 aliases that NTFS can have given to a file with
// name, the likely ones first; none for a name that needs no alias.
//
// They are made as RtlGenerate8dot3Name does: blanks, all dots but the last and
// all but ASCII left out, characters that FAT has not as "_", six letters and a
// number, three letters of extension. Which number it is depends on what else
// lay in the folder. A base of one or two letters gets the hash at once. The
// hash is as found by T. Galvin (tomgalvin.uk, "A Tale of Two File Names").
func shortNames(name string) []string {
	base, extension := shortParts(name)
	if base == "" && extension == "" || fits8dot3(name) {
		return nil
	}
	hashed := base[:min(2, len(base))] + longNameHash(name)
	var all []string
	if len(base) > 2 {
		for n := 1; n <= maxPlainAlias; n++ {
			all = append(all, fmt.Sprintf("%s~%d%s", base[:min(6, len(base))], n, extension))
		}
	}
	for n := 1; n <= maxHashedAlias; n++ {
		all = append(all, fmt.Sprintf("%s~%d%s", hashed, n, extension))
	}
	return all
}

// shortParts returns the base, uncut, and the extension with its dot, of at
// most three letters, as an alias has them.
func shortParts(name string) (base, extension string) {
	trimmed := strings.TrimLeft(name, ".")
	base, extension, found := cutLast(trimmed)
	if !found {
		return shortLetters(trimmed), ""
	}
	base, extension = shortLetters(base), shortLetters(extension)
	if extension == "" {
		return base, ""
	}
	return base, "." + extension[:min(3, len(extension))]
}

// illegal8dot3 holds the characters that a long name may have and an 8.3 name
// may not, but for the ones that are left out.
const illegal8dot3 = `+,;=[]"*<>?|:/\`

func shortLetters(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ' || c >= 0x7F || c == '.':
		case strings.IndexByte(illegal8dot3, c) >= 0:
			b.WriteByte('_')
		default:
			b.WriteByte(upcaseASCII[c])
		}
	}
	return b.String()
}

// fits8dot3 reports whether name is an 8.3 name already.
func fits8dot3(name string) bool {
	base, extension, found := strings.Cut(name, ".")
	return 1 <= len(base) && len(base) <= 8 && len(extension) <= 3 &&
		found == (extension != "") &&
		shortLetters(base) == FoldString(base) && shortLetters(extension) == FoldString(extension)
}

// longNameHash returns the four digits of the hash of a long name.
func longNameHash(name string) string {
	var sum uint16
	for _, unit := range utf16.Encode([]rune(name)) {
		sum = sum*37 + unit
	}
	n := int32(uint32(sum) * 314159269)
	if n < 0 {
		n = -n
	}
	sum = uint16(uint32(n) % 1000000007)
	digits := []byte(fmt.Sprintf("%04X", sum))
	return string([]byte{digits[3], digits[2], digits[1], digits[0]})
}
