// SPDX-License-Identifier: Apache-2.0

package correlate

import "webshell/correlate/script"

// nameFilter holds, in few bits, the watched names that the list of extensions does not cover, so that a request
// for anything else need not be read to know that nobody watches it.
type nameFilter struct {
	count [256]uint16
	names int
}

func nameSlot(folded string) int { return (len(folded)*31 + int(folded[0])) & 255 }

func (f *nameFilter) add(folded string) {
	if folded != "" {
		f.count[nameSlot(folded)]++
		f.names++
	}
}

func (f *nameFilter) remove(folded string) {
	if folded != "" {
		f.count[nameSlot(folded)]--
		f.names--
	}
}

// mayName tells whether a reading of the URL may be among the names: never no when it should be yes.
func (f *nameFilter) mayName(urlStem []byte) bool {
	if f.names == 0 {
		return false
	}
	end := len(urlStem)
	start := end
	for start > 0 && urlStem[start-1] != '/' {
		start--
		if c := urlStem[start]; c >= 0x80 || c == '%' || c == '\\' || c == '+' || c == ':' || c == '(' {
			return true
		}
	}
	if start == end || urlStem[end-1] == '.' || urlStem[end-1] == ' ' {
		return true // another segment may be meant
	}
	first := urlStem[start]
	if first >= 'a' && first <= 'z' {
		first -= 'a' - 'A'
	}
	return f.count[((end-start)*31+int(first))&255] > 0
}

// namesWatched reads the URL to tell whether an alert watches it.
func (c *Correlator) namesWatched(urlStem []byte) bool {
	c.readings = script.Readings(c.readings[:0], urlStem, c.ext)
	for i := range c.readings {
		if c.names[c.scriptKey(c.readings[i].Name)] > 0 {
			return true
		}
	}
	return false
}
