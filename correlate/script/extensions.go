// SPDX-License-Identifier: Apache-2.0

package script

import (
	"bytes"
	"fmt"
)

// KQL returns a fresh copy of scriptExtensions, the list of the Sentinel rule.
func KQL() []string {
	return []string{".php", ".jsp", ".js", ".aspx", ".asmx", ".asax", ".cfm", ".shtml"}
}

// Windows returns a fresh copy of the default list of "matching windows": the
// rule's, and what else runs on IIS.
func Windows() []string {
	return append(KQL(),
		".ashx", ".asp", ".asa", ".cer", ".cdx", ".svc", ".axd", ".xamlx", ".soap", ".rem", ".aspq",
		".cshtml", ".vbhtml", ".stm", ".shtm", ".php3", ".php4", ".php5", ".php7", ".pht", ".phtml",
		".phar", ".jspx", ".jspf", ".jsw", ".jsv", ".cfml", ".cfc", ".cgi", ".pl", ".dll", ".exe")
}

// maxExtension is the longest extension, in letters and digits behind the dot,
// that fits a word and so the table; longer ones are searched for as text.
const maxExtension = 8

// Extensions is a compiled list for Kusto's has_any: an item matches where it
// stands in a text, ASCII letters without case, with no ASCII letter or digit
// directly touching an end of it that is itself a letter or digit. Immutable,
// safe for concurrent use; a nil *Extensions matches nothing.
type Extensions struct {
	table   []slot   // items of a dot and 1 to maxExtension letters or digits; a power of two long
	shift   uint     // 64 minus the number of bits of an index of table
	needles [][]byte // all other items, ASCII letters lowered
}

// slot is one entry of an Extensions' table; a zero key is a free one.
type slot struct {
	key    uint64
	traits traits
}

// NewExtensions compiles list. Items are any text, usually an extension with
// its dot; an empty item is an error.
func NewExtensions(list []string) (*Extensions, error) {
	e := &Extensions{table: make([]slot, 2), shift: 63}
	for len(e.table) < 4*len(list) { // at most a quarter full, so that look-ups end soon
		e.table, e.shift = make([]slot, 2*len(e.table)), e.shift-1
	}
	for i, item := range list {
		if item == "" {
			return nil, fmt.Errorf("script extension %d is empty", i+1)
		}
		key, n := word([]byte(item[1:]))
		if item[0] != '.' || key == 0 || n != len(item)-1 {
			e.needles = append(e.needles, lower([]byte(item)))
			continue
		}
		e.insert(key)
	}
	return e, nil
}

func (e *Extensions) insert(key uint64) {
	mask := len(e.table) - 1
	i := e.index(key)
	for e.table[i].key != 0 && e.table[i].key != key {
		i = (i + 1) & mask
	}
	e.table[i] = slot{key, listed | traitsOf(key)}
}

// index spreads keys by a multiplication with 2^64 divided by the golden ratio.
func (e *Extensions) index(key uint64) int {
	return int(key * 0x9E3779B97F4A7C15 >> e.shift)
}

// find returns the traits of the listed extension with key, 0 for any other.
func (e *Extensions) find(key uint64) traits {
	mask := len(e.table) - 1
	for i := e.index(key) & mask; ; i = (i + 1) & mask {
		s := &e.table[i]
		if s.key == key {
			return s.traits
		}
		if s.key == 0 {
			return 0
		}
	}
}

// Match reports whether b has any item of the list. It allocates nothing.
func (e *Extensions) Match(b []byte) bool {
	if e == nil {
		return false
	}
	for rest := b; ; {
		dot := bytes.IndexByte(rest, '.')
		if dot < 0 {
			break
		}
		rest = rest[dot+1:]
		if key, n := word(rest); key != 0 {
			if e.find(key) != 0 {
				return true
			}
			rest = rest[n:]
		}
	}
	return len(e.needles) != 0 && e.matchNeedles(b)
}

// MatchString is Match for a string.
func (e *Extensions) MatchString(s string) bool { return e.Match([]byte(s)) }

func (e *Extensions) matchNeedles(b []byte) bool {
	for _, needle := range e.needles {
		if hasTerm(b, needle) {
			return true
		}
	}
	return false
}

// hasTerm reports whether needle, its letters lowered, is a term of b.
func hasTerm(b, needle []byte) bool {
	for i := 0; i+len(needle) <= len(b); i++ {
		if !hasPrefixFold(b[i:], needle) {
			continue
		}
		end := i + len(needle)
		if i > 0 && isAlnum(needle[0]) && isAlnum(b[i-1]) {
			continue
		}
		if end < len(b) && isAlnum(needle[len(needle)-1]) && isAlnum(b[end]) {
			continue
		}
		return true
	}
	return false
}

// of returns the traits of name's extension: 0 where it has none of the list.
func (e *Extensions) of(name []byte) traits {
	if e == nil {
		return 0
	}
	dot := bytes.LastIndexByte(name, '.')
	if dot < 0 {
		return 0
	}
	if key, n := word(name[dot+1:]); key != 0 && n == len(name)-dot-1 {
		if t := e.find(key); t != 0 {
			return t
		}
	}
	for _, needle := range e.needles {
		if needle[0] == '.' && len(needle) <= len(name) && hasPrefixFold(name[len(name)-len(needle):], needle) {
			return listed
		}
	}
	return 0
}

// word packs the letters and digits that b begins with, letters lowered, into
// a word and returns how many they are; 0 and 0 for none or too many of them.
func word(b []byte) (key uint64, n int) {
	for n < len(b) {
		c := lowerAlnum[b[n]]
		if c == 0 {
			break
		}
		if n == maxExtension {
			return 0, 0
		}
		key = key<<8 | uint64(c)
		n++
	}
	return key, n
}
