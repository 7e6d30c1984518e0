// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"encoding/binary"
	"time"

	"webshell/correlate"
)

// leadLen is what stands before the third value of a line that begins with date and time.
const leadLen = dateLen + 1 + clockLen + 1

// clock reads dates and times, and remembers the last ones: many requests share a second, nearly all a day.
type clock struct {
	lead     [3]uint64 // the last lead that was read
	leadTime correlate.Instant

	date     [dateLen]byte
	midnight correlate.Instant // 0: none yet
}

// readLead reads "2026-03-02 10:00:00 ". !ok means that it is not exactly that; it says nothing of why.
func (k *clock) readLead(b []byte) (correlate.Instant, bool) {
	_ = b[leadLen-1]
	w := [3]uint64{
		binary.LittleEndian.Uint64(b),
		binary.LittleEndian.Uint64(b[8:]),
		binary.LittleEndian.Uint64(b[leadLen-8:]),
	}
	if w == k.lead && k.leadTime != 0 {
		return k.leadTime, true
	}
	if b[dateLen] != ' ' || b[leadLen-1] != ' ' {
		return 0, false
	}
	at, err := k.dateTime(b[:dateLen], b[dateLen+1:leadLen-1])
	if err != nil {
		return 0, false
	}
	k.lead, k.leadTime = w, at
	return at, true
}

func (k *clock) dateTime(date, clock []byte) (correlate.Instant, error) {
	midnight, err := k.day(date)
	if err != nil {
		return 0, err
	}
	sinceMidnight, ok := parseClock(clock)
	if !ok {
		return 0, ErrTime
	}
	return midnight.Add(sinceMidnight), nil
}

func (k *clock) day(date []byte) (correlate.Instant, error) {
	if string(date) == string(k.date[:]) && k.midnight != 0 {
		return k.midnight, nil
	}
	midnight, ok := parseDate(date)
	if !ok {
		return 0, ErrDate
	}
	copy(k.date[:], date)
	k.midnight = midnight
	return midnight, nil
}

// Days is what is known of the day of a source whose lines have a time alone. Keep one for each source, and
// begin anew with Days{Date: ...} at each #Date directive.
type Days struct {
	// Date is the moment of the last #Date directive (ParseDate), moved on by the lines behind it. 0: none.
	Date correlate.Instant
	// Rolled is the midnight that lines, and no directive, moved Date past. 0: none.
	Rolled correlate.Instant
}

// halfDay is how far a time may fall back before it is taken for the next day's.
const halfDay = 12 * time.Hour

// at gives the moment of a time of day. A time that falls back by more than 12 hours is the next day's; one
// that leaps ahead by more than that right after such a midnight is a late line of the day before, and moves nothing.
func (d *Days) at(sinceMidnight time.Duration) correlate.Instant {
	today := d.Date - d.Date%correlate.Instant(day)
	at := today.Add(sinceMidnight)
	switch ahead := at.Sub(d.Date); {
	case ahead < -halfDay:
		at = at.Add(day)
		d.Rolled = today.Add(day)
	case ahead > halfDay && d.Rolled == today:
		return at.Add(-day)
	}
	d.Date = max(d.Date, at)
	return at
}

// stamp is what a request says of its time. Absent values are nil or empty.
type stamp struct {
	date, clock, generated []byte
	event                  correlate.Instant
}

// resolve gives the time of a request by the rules of the package. days may be nil.
func (k *clock) resolve(s *stamp, days *Days) (correlate.Instant, error) {
	hasDate, hasClock := isThere(s.date), isThere(s.clock)
	switch {
	case hasDate && hasClock:
		return k.dateTime(s.date, s.clock)
	case hasDate:
		if _, err := k.day(s.date); err != nil {
			return 0, err
		}
	case hasClock:
		sinceMidnight, ok := parseClock(s.clock)
		if !ok {
			return 0, ErrTime
		}
		if days != nil && days.Date > 0 {
			return days.at(sinceMidnight), nil
		}
	}
	switch {
	case isThere(s.generated):
		return ParseTime(s.generated)
	case s.event == 0:
		return 0, ErrNoTime
	}
	return s.event, nil
}

// isThere is false for a missing, an empty and a "-" value.
func isThere(v []byte) bool { return len(v) > 1 || (len(v) == 1 && v[0] != '-') }

// number reads decimal digits, -1 when v is anything else or above 2^63-1.
func number(v []byte) int64 {
	const longest = 19 // digits of 2^63-1; as many can't overflow a uint64
	if len(v) == 0 || len(v) > longest {
		return -1
	}
	var n uint64
	for _, b := range v {
		if !isDigit(b) {
			return -1
		}
		n = n*10 + uint64(b-'0')
	}
	if n > 1<<63-1 {
		return -1
	}
	return int64(n)
}
