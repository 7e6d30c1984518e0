// SPDX-License-Identifier: Apache-2.0

package sitemap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"webshell/correlate/script"
)

// toUTF8 returns an XML text that is UTF-8 or UTF-16, with a byte order mark or
// without, as UTF-8 without one. UTF-16 without a mark is known by its "<".
func toUTF8(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return fromUTF16(b[2:], binary.LittleEndian)
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return fromUTF16(b[2:], binary.BigEndian)
	case bytes.HasPrefix(b, []byte{'<', 0}):
		return fromUTF16(b, binary.LittleEndian)
	case bytes.HasPrefix(b, []byte{0, '<'}):
		return fromUTF16(b, binary.BigEndian)
	}
	return b
}

// fromUTF16 decodes b; half a surrogate pair and half a unit become U+FFFD.
func fromUTF16(b []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(b))
	for len(b) >= 2 {
		r := rune(order.Uint16(b))
		b = b[2:]
		if utf16.IsSurrogate(r) {
			var low rune
			if len(b) >= 2 {
				low = rune(order.Uint16(b))
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				b = b[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	if len(b) > 0 {
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	return out
}

// charset lets the XML decoder take the encodings that toUTF8 has already turned
// into UTF-8, whatever the declaration still says, and ASCII.
func charset(label string, input io.Reader) (io.Reader, error) {
	for _, known := range []string{"utf-8", "utf-16", "utf-16le", "utf-16be", "unicode", "us-ascii"} {
		if script.EqualFold(label, known) {
			return input, nil
		}
	}
	return nil, fmt.Errorf("encoding %.40q: want utf-8 or utf-16", label)
}
