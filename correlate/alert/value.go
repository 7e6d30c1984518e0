// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of single values, in bytes. Windows paths end at 32767 UTF-16 units, names of files at 255, of hosts at 255.
const (
	MaxName = 8 << 10 // names, folders, hosts, domains: a longer one is no name, its entity is left out
	MaxNote = 8 << 10 // titles, links, words: a longer one is cut
	MaxID   = 1 << 10 // ids: of a longer one its SHA-256 is taken, so that it still tells alerts apart
	maxHash = 256     // hash values: SHA-512 has 128 digits
)

// scalarText returns v as text: strings as they are, numbers in decimal. Anything else is no text and gives "".
func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v[:min(len(v), MaxNote+1)]) // enough to show that it is too long
	case json.Number:
		return string(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	}
	if n, ok := signed(v); ok {
		return strconv.FormatInt(n, 10)
	}
	if n, ok := v.(uint64); ok {
		return strconv.FormatUint(n, 10)
	}
	return ""
}

// signed returns any integer that an int64 can hold.
func signed(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v < 1<<63
	case int:
		return int64(v), true
	case uint:
		return int64(v), uint64(v) < 1<<63
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	}
	return 0, false
}

// first returns the first non-empty text among the members of m that keys name.
func first(m map[string]any, keys ...string) string {
	for _, key := range keys {
		if s := scalarText(m[key]); s != "" {
			return s
		}
	}
	return ""
}

// note is first, cut to MaxNote and in memory of its own.
func note(m map[string]any, keys ...string) string {
	return cutNote(first(m, keys...))
}

func cutNote(s string) string {
	if len(s) > MaxNote {
		s = s[:MaxNote]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1] // the bytes behind the start of a character that was cut
		}
		s = s[:max(0, len(s)-1)]
	}
	return strings.Clone(s)
}

// child returns the object under key, decoding JSON text where the feed put it as such.
func child(m map[string]any, key string) map[string]any {
	c, _ := structure(m[key]).(map[string]any)
	return c
}

// list returns v as a list: a lone object counts as one member. Text is decoded.
func list(v any) []any {
	switch v := structure(v).(type) {
	case []any:
		return v
	case map[string]any:
		return []any{v}
	}
	return nil
}

// structure returns v, decoded when it is JSON text of an object or array, nil when it is text that is not.
func structure(v any) any {
	s, ok := v.(string)
	if b, is := v.([]byte); is {
		s, ok = string(b), true
	}
	if !ok {
		return v
	}
	if len(s) > MaxText || !looksJSON(s) {
		return nil
	}
	decoded, _, _ := decode(strings.Trim(strings.TrimPrefix(s, bom), blanks))
	return decoded
}

// has reports whether m has key, whatever its value.
func has(m map[string]any, key string) bool {
	_, ok := m[key]
	return ok
}

// equalFold compares with an ASCII word without case, as Kusto's =~ does for such words.
func equalFold(s, word string) bool {
	return len(s) == len(word) && strings.EqualFold(s, word)
}
