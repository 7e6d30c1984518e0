// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"bytes"

	"webshell/correlate"
)

// MaxLine bounds a line, in bytes. HTTP.sys takes requests of 64 KiB at most, and 1M is what Fluent Bit's
// tail is told to pass on.
const MaxLine = 1 << 20

// Kind is what a line is.
type Kind uint8

// The kinds of lines.
const (
	KindRequest Kind = iota // values
	KindBlank               // nothing, or blanks alone
	KindFields              // #Fields:
	KindDate                // #Date:
	KindOther               // any other line that begins with #
)

const (
	fieldsWord = "#Fields:"
	dateWord   = "#Date:"
	byteOrder  = "\xef\xbb\xbf"
)

// Directive says what a line is. The words count in any case, behind a byte order mark too.
func Directive(line []byte) Kind {
	if len(line) > 0 && line[0] > ' ' && line[0] != '#' && line[0] != byteOrder[0] {
		return KindRequest // nearly every line
	}
	line = trim(line)
	switch {
	case len(line) == 0:
		return KindBlank
	case line[0] != '#':
		return KindRequest
	case hasWord(line, fieldsWord):
		return KindFields
	case hasWord(line, dateWord):
		return KindDate
	}
	return KindOther
}

// ParseDate reads a #Date directive, "#Date: 2026-03-02 10:00:00" (UTC; the time may be missing), for
// Line.Date. The error is ErrDate.
func ParseDate(line []byte) (correlate.Instant, error) {
	line = trim(line)
	if Directive(line) != KindDate {
		return 0, ErrDate
	}
	day, clock, _ := bytes.Cut(bytes.Trim(line[len(dateWord):], " \t"), []byte(" "))
	midnight, ok := parseDate(day)
	if !ok {
		return 0, ErrDate
	}
	if clock = bytes.Trim(clock, " \t"); len(clock) == 0 {
		return midnight, nil
	}
	sinceMidnight, ok := parseClock(clock)
	if !ok {
		return 0, ErrDate
	}
	return midnight.Add(sinceMidnight), nil
}

// sitePrefix begins the folder that IIS makes for the logs of a site.
const sitePrefix = "w3svc"

// SiteFromPath finds the site in the path of a log file: the last folder W3SVC<n>, in any case, with either
// separator. It is returned as the path has it; nil when there is none. W3SVC alone is the folder of central
// logging and names no site.
func SiteFromPath(path []byte) []byte {
	for {
		end := bytes.LastIndexAny(path, `/\`)
		if end < 0 {
			return nil
		}
		path = path[:end]
		if folder := path[bytes.LastIndexAny(path, `/\`)+1:]; isSite(folder) {
			return folder
		}
	}
}

func isSite(folder []byte) bool {
	const longest = len(sitePrefix) + 10 // a site's id is 32 bits
	return len(folder) <= longest && hasWord(folder, sitePrefix) && number(folder[len(sitePrefix):]) >= 0
}

// hasWord reports whether b begins with word, whatever the case.
func hasWord(b []byte, word string) bool {
	if len(b) < len(word) {
		return false
	}
	for i := range len(word) {
		if lower(b[i]) != lower(word[i]) {
			return false
		}
	}
	return true
}

// trim takes off what is not part of a line.
func trim(line []byte) []byte {
	if len(line) > 0 && line[0] == byteOrder[0] {
		line = bytes.TrimPrefix(line, []byte(byteOrder))
	}
	n := len(line)
	for n > 0 && line[n-1] <= ' ' && isBlank(rune(line[n-1])) {
		n--
	}
	return line[:n]
}
