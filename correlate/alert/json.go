// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"io"
	"iter"
	"strings"
)

// Limits of JSON text.
const (
	// MaxText is the longest text that is read, in bytes: an Event Hub message ends at 1 MB, a Graph page with 1000
	// alerts at some MB.
	MaxText = 16 << 20
	// MaxDepth is how deep a record may nest, itself included. Alerts need about 8.
	MaxDepth = 64
	// MaxValues is how many values one record may hold, all levels together: a decoded value costs up to some 350
	// bytes, so a record never costs more than about 46 MB beside its text.
	MaxValues = 1 << 17
)

const (
	blanks = " \t\r\n"
	bom    = "\ufeff"
)

// looksJSON reports whether s begins as an object or an array.
func looksJSON(s string) bool {
	s = strings.TrimLeft(strings.TrimPrefix(s, bom), blanks)
	return s != "" && (s[0] == '{' || s[0] == '[')
}

// text reads the records of a JSON text, one after another.
func (p *pass) text(s string, level int) {
	if len(s) > MaxText {
		p.out.refuse(TooLarge)
		return
	}
	s = strings.TrimLeft(strings.TrimPrefix(s, bom), blanks)
	if s == "" {
		p.out.refuse(BrokenJSON)
	}
	for s != "" {
		end, _, ok := span(s)
		if !ok {
			p.broken(s, level)
			return
		}
		p.textValue(s[:end], level)
		s = strings.TrimLeft(s[end:], blanks)
	}
}

// broken refuses a text that ends early. The whole members of a cut-off array are used.
func (p *pass) broken(s string, level int) {
	if s[0] != '[' {
		p.out.refuse(BrokenJSON)
		return
	}
	p.textValue(s, level)
}

// textValue reads one value. Lists are taken member by member, so that only one record at a time is decoded.
func (p *pass) textValue(s string, level int) {
	if level > maxLevels {
		p.out.refuse(TooDeep)
		return
	}
	switch s[0] {
	case '[':
		p.textList(s, level)
	case '{':
		if list, ok := textEnvelope(s); ok {
			p.textList(list, level)
			return
		}
		p.decoded(s, level)
	default:
		p.decoded(s, level)
	}
}

func (p *pass) textList(s string, level int) {
	for e := range elements(s) {
		if e == "" {
			p.out.refuse(BrokenJSON)
			return
		}
		p.textValue(e, level+1)
	}
}

// decoded reads a value that is no list. A JSON string is a record too, whatever it holds.
func (p *pass) decoded(s string, level int) {
	if p.records > MaxRecords {
		return
	}
	v, reason, ok := decode(s)
	text, isText := v.(string)
	switch {
	case !ok:
		p.refuseRecord(reason)
	case isText && !looksJSON(text):
		p.refuseRecord(UnknownShape)
	case isText && !p.take():
	default:
		p.record(v, level)
	}
}

// textEnvelope is envelope for text.
func textEnvelope(s string) (string, bool) {
	var found [2]string
	for key, value := range members(s) {
		if value == "" || value[0] != '[' {
			continue
		}
		switch first := strings.TrimLeft(value[1:], blanks); {
		case first == "" || !strings.ContainsRune(`{"]`, rune(first[0])):
		case key == `"`+envelopeKeys[0]+`"`:
			found[0] = value
		case key == `"`+envelopeKeys[1]+`"`:
			found[1] = value
		}
	}
	if found[0] != "" {
		return found[0], true
	}
	return found[1], found[1] != ""
}

// decode decodes s, one whole value without blanks around it, within the limits. Numbers become json.Number.
func decode(s string) (v any, why Reason, ok bool) {
	_, size, ok := span(s)
	switch {
	case !ok:
		return nil, BrokenJSON, false
	case size.depth > MaxDepth:
		return nil, TooDeep, false
	case size.values > MaxValues:
		return nil, TooLarge, false
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, BrokenJSON, false
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, BrokenJSON, false
	}
	return v, 0, true
}

// extent is what a value would cost to decode.
type extent struct{ depth, values int }

// span finds the end of the value that s starts with, without recursion. It looks at strings, brackets and commas
// only; whether the value is JSON shows when it is decoded. ok is false when s ends before the value does.
func span(s string) (end int, size extent, ok bool) {
	size.values = 1
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			n := quoted(s[i:])
			if n == 0 {
				return 0, size, false
			}
			i += n - 1
		case '{', '[':
			depth++
			size.depth = max(size.depth, depth)
			size.values++
		case '}', ']':
			depth--
		case ',':
			size.values++
		default:
			if depth > 0 {
				continue
			}
			i += scalar(s[i:]) - 1
		}
		if depth <= 0 {
			return i + 1, size, true
		}
	}
	return 0, size, false
}

// quoted is the length of the string literal that s starts with, quotes included; 0 when it does not end.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// scalar is the length of the number or word that s starts with, at least 1.
func scalar(s string) int {
	if n := strings.IndexAny(s, blanks+`,:{}[]"`); n > 0 {
		return n
	} else if n == 0 {
		return 1
	}
	return len(s)
}

// elements yields the members of the array that s starts with, and "" last when the array is broken.
func elements(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		s := strings.TrimLeft(s[1:], blanks)
		if strings.HasPrefix(s, "]") {
			return
		}
		for {
			e, rest, ok := cut(s)
			if !ok {
				yield("")
				return
			}
			if !yield(e) {
				return
			}
			switch {
			case strings.HasPrefix(rest, "]"):
				return
			case !strings.HasPrefix(rest, ","):
				yield("")
				return
			}
			s = strings.TrimLeft(rest[1:], blanks)
		}
	}
}

// members yields the keys (quoted, as written) and values of the object that s starts with, as far as it is sound.
func members(s string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for s := s; s != "" && (s[0] == '{' || s[0] == ','); {
			key, rest, ok := cut(strings.TrimLeft(s[1:], blanks))
			if !ok || key[0] != '"' || !strings.HasPrefix(rest, ":") {
				return
			}
			value, rest, ok := cut(strings.TrimLeft(rest[1:], blanks))
			if !ok || !yield(key, value) {
				return
			}
			s = rest
		}
	}
}

// cut splits s behind its first value and the blanks that follow.
func cut(s string) (value, rest string, ok bool) {
	end, _, ok := span(s)
	if !ok {
		return "", "", false
	}
	return s[:end], strings.TrimLeft(s[end:], blanks), true
}
