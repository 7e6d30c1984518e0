// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strconv"
	"time"
	"unicode/utf8"

	"webshell/correlate"
)

// timeNano is RFC 3339 with the fraction that a moment has.
const timeNano = time.RFC3339Nano

// timeMillis is RFC 3339 with three digits of fraction, always.
const timeMillis = "2006-01-02T15:04:05.000Z07:00"

// writer appends JSON. A comma goes before whatever does not open its object or array, which the last byte tells.
type writer struct {
	dst    []byte
	snake  bool // keys in snake_case, as Elasticsearch has them
	sparse bool // members without a value are left out, objects without members too

	starts [maxOpen]int // where each open object begins, its key and comma included
	depth  int
}

// maxOpen is how many objects are open at most, the outermost not counted; ours have four.
const maxOpen = 8

// separate writes the comma between two members or elements.
func (w *writer) separate() {
	switch w.dst[len(w.dst)-1] {
	case '{', '[':
	default:
		w.dst = append(w.dst, ',')
	}
}

// key starts a member. Keys are our own constants and need no escaping.
func (w *writer) key(k string) {
	w.separate()
	w.dst = append(w.dst, '"')
	if w.snake {
		w.dst = appendSnake(w.dst, k)
	} else {
		w.dst = append(w.dst, k...)
	}
	w.dst = append(w.dst, '"', ':')
}

// appendSnake appends a key of the sentinel format in snake_case: DetectionId is detection_id, URIStem uri_stem.
func appendSnake(dst []byte, k string) []byte {
	switch k {
	case "ReqestMethods": // the rule's spelling is for its own table
		return append(dst, "request_methods"...)
	case "ServerIPs":
		return append(dst, "server_ips"...)
	}
	for i := range len(k) {
		c := k[i]
		if !isUpper(c) {
			dst = append(dst, c)
			continue
		}
		if i > 0 && (!isUpper(k[i-1]) || i+1 < len(k) && !isUpper(k[i+1])) {
			dst = append(dst, '_')
		}
		dst = append(dst, c|0x20)
	}
	return dst
}

// isUpper reports whether c is a capital letter.
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// open starts an object that is the value of k.
func (w *writer) open(k string) {
	w.push()
	w.key(k)
	w.dst = append(w.dst, '{')
}

// push remembers where an object begins.
func (w *writer) push() {
	w.starts[w.depth] = len(w.dst)
	w.depth++
}

// openArray starts an array that is the value of k.
func (w *writer) openArray(k string) {
	w.key(k)
	w.dst = append(w.dst, '[')
}

// element starts an object that is an element of an array.
func (w *writer) element() {
	w.push()
	w.separate()
	w.dst = append(w.dst, '{')
}

// close ends an object.
func (w *writer) close() {
	if w.depth > 0 {
		w.depth--
		if w.sparse && w.dst[len(w.dst)-1] == '{' {
			w.dst = w.dst[:w.starts[w.depth]]
			return
		}
	}
	w.dst = append(w.dst, '}')
}

// closeArray ends an array.
func (w *writer) closeArray() { w.dst = append(w.dst, ']') }

// str writes a member that is a string.
func (w *writer) str(k, v string) {
	if w.sparse && v == "" {
		return
	}
	w.key(k)
	w.dst = appendString(w.dst, v)
}

// strs writes a member that is an array of strings, [] without any.
func (w *writer) strs(k string, vs []string) {
	if w.sparse && len(vs) == 0 {
		return
	}
	w.openArray(k)
	for _, v := range vs {
		w.separate()
		w.dst = appendString(w.dst, v)
	}
	w.closeArray()
}

// num writes a member that is an integer.
func (w *writer) num(k string, n int64) {
	w.key(k)
	w.dst = strconv.AppendInt(w.dst, n, 10)
}

// bool writes a member that is true or false.
func (w *writer) bool(k string, v bool) {
	w.key(k)
	w.dst = strconv.AppendBool(w.dst, v)
}

// instant writes a moment in RFC 3339, with the fraction it has; "" when not given.
func (w *writer) instant(k string, i correlate.Instant) {
	if w.sparse && i == 0 {
		return
	}
	w.key(k)
	w.dst = appendInstant(w.dst, i, timeNano)
}

// instants writes an array of moments.
func (w *writer) instants(k string, is []correlate.Instant) {
	if w.sparse && len(is) == 0 {
		return
	}
	w.openArray(k)
	for _, i := range is {
		w.separate()
		w.dst = appendInstant(w.dst, i, timeNano)
	}
	w.closeArray()
}

// epoch writes a moment in milliseconds since 1970.
func (w *writer) epoch(k string, i correlate.Instant) {
	if w.sparse && i == 0 {
		return
	}
	w.num(k, i.Time().UnixMilli())
}

// millis writes a moment in RFC 3339 with exactly three digits of fraction; "" when not given.
func (w *writer) millis(k string, i correlate.Instant) {
	w.key(k)
	w.dst = appendInstant(w.dst, i, timeMillis)
}

// appendInstant appends i as a JSON string in that layout.
func appendInstant(dst []byte, i correlate.Instant, layout string) []byte {
	dst = append(dst, '"')
	if i != 0 {
		dst = i.Time().AppendFormat(dst, layout)
	}
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string of valid UTF-8.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		n, ok := plain(s[i:])
		if !ok {
			dst = append(dst, s[start:i]...)
			dst = appendEscaped(dst, s[i:i+n])
			start = i + n
		}
		i += n
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// plain returns the length of the first character of s and whether it may stand in a JSON string as it is.
func plain(s string) (n int, ok bool) {
	if c := s[0]; c < utf8.RuneSelf {
		return 1, c >= ' ' && c != '"' && c != '\\'
	}
	r, n := utf8.DecodeRuneInString(s)
	bad := r == utf8.RuneError && n == 1
	return n, !bad && r != '\u2028' && r != '\u2029'
}

// appendEscaped appends the one character c that may not stand as it is; a byte that is no UTF-8 becomes U+FFFD.
func appendEscaped(dst []byte, c string) []byte {
	if len(c) > 1 { // U+2028 or U+2029, which differ in the last bit
		return append(dst, '\\', 'u', '2', '0', '2', '8'+c[2]&1)
	}
	switch b := c[0]; {
	case b >= utf8.RuneSelf:
		return append(dst, "\uFFFD"...)
	case b == '"' || b == '\\':
		return append(dst, '\\', b)
	case b == '\n':
		return append(dst, '\\', 'n')
	case b == '\r':
		return append(dst, '\\', 'r')
	case b == '\t':
		return append(dst, '\\', 't')
	default: // other control characters
		return append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
	}
}
