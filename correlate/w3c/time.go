// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"time"

	"webshell/correlate"
)

// The years that a date may have: none of them comes near the zero Instant or the ends of its range.
const (
	minYear = 1971
	maxYear = 2261
)

const (
	dateLen  = len("2026-03-02")
	clockLen = len("10:00:00")
	day      = 24 * time.Hour
)

// ParseTime reads a moment as ISO 8601 and RFC 3339 write it: 2026-03-02T10:00:07.1234567Z. The T may be a
// space or in lower case, the fraction (after . or ,) has 1 to 9 digits or is missing, and the zone is Z, an
// offset (+01:00, +0100, +01) or missing, which means UTC. The error is ErrTime.
func ParseTime(b []byte) (correlate.Instant, error) {
	if len(b) < dateLen+1+clockLen || (b[dateLen] != 'T' && b[dateLen] != ' ' && b[dateLen] != 't') {
		return 0, ErrTime
	}
	midnight, ok := parseDate(b[:dateLen])
	if !ok {
		return 0, ErrTime
	}
	rest := b[dateLen+1:]
	end := clockLen
	for end < len(rest) && rest[end] != 'Z' && rest[end] != 'z' && rest[end] != '+' && rest[end] != '-' {
		end++
	}
	sinceMidnight, ok := parseClock(rest[:end])
	offset, zoneOK := parseZone(rest[end:])
	if !ok || !zoneOK {
		return 0, ErrTime
	}
	return midnight.Add(sinceMidnight - offset), nil
}

// parseDate reads YYYY-MM-DD and gives its midnight.
func parseDate(b []byte) (correlate.Instant, bool) {
	if len(b) != dateLen || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	century, c := two(b[0], b[1])
	year, y := two(b[2], b[3])
	month, m := two(b[5], b[6])
	dom, d := two(b[8], b[9])
	year += 100 * century
	if !(c && y && m && d) || year < minYear || year > maxYear || month < 1 || month > 12 ||
		dom < 1 || dom > daysIn(year, month) {
		return 0, false
	}
	return correlate.Instant(days(year, month, dom)) * correlate.Instant(day), true
}

// parseClock reads HH:MM:SS with up to nine digits of fraction, as the time since midnight. A second 60 is
// refused: IIS writes none.
func parseClock(b []byte) (time.Duration, bool) {
	if len(b) < clockLen || b[2] != ':' || b[5] != ':' {
		return 0, false
	}
	hour, h := two(b[0], b[1])
	minute, m := two(b[3], b[4])
	second, s := two(b[6], b[7])
	if !(h && m && s) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	d := time.Duration(hour*3600+minute*60+second) * time.Second
	if len(b) == clockLen {
		return d, true
	}
	fraction, ok := parseFraction(b[clockLen:])
	return d + fraction, ok
}

func parseFraction(b []byte) (time.Duration, bool) {
	if len(b) < 2 || len(b) > 10 || (b[0] != '.' && b[0] != ',') {
		return 0, false
	}
	d, unit := time.Duration(0), time.Second
	for _, c := range b[1:] {
		if !isDigit(c) {
			return 0, false
		}
		unit /= 10
		d += time.Duration(c-'0') * unit
	}
	return d, true
}

// parseZone reads what follows a time, as the time by which it is ahead of UTC.
func parseZone(b []byte) (time.Duration, bool) {
	if len(b) == 0 || (len(b) == 1 && (b[0] == 'Z' || b[0] == 'z')) {
		return 0, true
	}
	if len(b) < 3 {
		return 0, false
	}
	hour, ok := two(b[1], b[2])
	minute, minuteOK := 0, true
	switch {
	case len(b) == 5:
		minute, minuteOK = two(b[3], b[4])
	case len(b) == 6 && b[3] == ':':
		minute, minuteOK = two(b[4], b[5])
	case len(b) != 3:
		return 0, false
	}
	if !ok || !minuteOK || hour > 23 || minute > 59 {
		return 0, false
	}
	d := time.Duration(hour*60+minute) * time.Minute
	switch b[0] {
	case '+':
		return d, true
	case '-':
		return -d, true
	}
	return 0, false
}

// two reads two digits.
func two(a, b byte) (int, bool) {
	a, b = a-'0', b-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func daysIn(year, month int) int {
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		return 29
	}
	return int([...]uint8{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1])
}

// days counts from 1970-01-01 in the Gregorian calendar. The year is taken to begin in March, so that a leap
// day is its last; 153 days are the five months from there that repeat.
func days(year, month, dom int) int {
	if month < 3 {
		year--
		month += 12
	}
	const before = 719468 // days from 0000-03-01 to 1970-01-01
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + dom - 1 - before
}
