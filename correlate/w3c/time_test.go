// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"testing"
	"time"

	"webshell/correlate"
)

func TestParseTime(t *testing.T) {
	const refused = ""
	tests := []struct{ text, want string }{
		{"2026-03-02T10:00:07Z", "2026-03-02T10:00:07Z"},
		{"2026-03-02t10:00:07z", "2026-03-02T10:00:07Z"},
		{"2026-03-02 10:00:07", "2026-03-02T10:00:07Z"},
		{"2026-03-02T10:00:07.1234567Z", "2026-03-02T10:00:07.1234567Z"},
		{"2026-03-02T10:00:07,123456789", "2026-03-02T10:00:07.123456789Z"},
		{"2026-03-02T10:00:07.5+01:30", "2026-03-02T08:30:07.5Z"},
		{"2026-03-02T10:00:07-0800", "2026-03-02T18:00:07Z"},
		{"2026-03-02T23:00:07-08", "2026-03-03T07:00:07Z"},
		{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"2026-03-02T10:00Z", refused},
		{"2026-03-02T10:00:07.1234567890Z", refused},
		{"2026-03-02T10:00:07.Z", refused},
		{"2026-03-02T10:00:07+24:00", refused},
		{"2026-03-02T10:00:07+01:60", refused},
		{"2026-03-02T10:00:07+1:00", refused},
		{"2026-03-02T10:00:07+1", refused},
		{"2026-03-02T10:00:07+01:000", refused},
		{"2026-03-02T10:00:07;x", refused},
		{"2026-03-02T10:00:07 Z", refused},
		{"2026-03-02T10:00:07Zx", refused},
		{"2026-03-02_10:00:07", refused},
		{"2026-02-29T10:00:07Z", refused},
		{"3/2/2026, 10:00:07 AM", refused},
		{"1772445607", refused},
		{"", refused},
	}
	for _, tt := range tests {
		got, err := ParseTime([]byte(tt.text))
		if got.String() != tt.want || (err == nil) != (tt.want != refused) {
			t.Errorf("ParseTime(%q) = %v, %v; want %q", tt.text, got, err, tt.want)
		}
	}
}

// Every day of the range must be the day that package time says, and the one after it one day later.
func TestParseDate_calendar(t *testing.T) {
	want := time.Date(minYear, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; want.Year() <= maxYear; want = want.AddDate(0, 0, 1) {
		text := want.Format("2006-01-02")
		if got, ok := parseDate([]byte(text)); !ok || got != correlate.At(want) {
			t.Fatalf("parseDate(%q) = %v, %t", text, got, ok)
		}
	}
}

func TestClock_remembers(t *testing.T) {
	var k clock
	for _, text := range []string{"2026-03-02 10:00:00 ", "2026-03-02 10:00:00 ", "2026-03-03 10:00:00 ", "2026-03-02 10:00:01 "} {
		got, ok := k.readLead([]byte(text))
		if want, _ := ParseTime([]byte(text[:leadLen-1])); !ok || got != want {
			t.Errorf("%q is %v, %t; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"2026-03-02x10:00:01 ", "2026-03-02 10:00:01.", "2026-03-0210:00:01  ", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"} {
		if at, ok := k.readLead([]byte(text)); ok {
			t.Errorf("%q is %v", text, at)
		}
		if at, ok := new(clock).readLead([]byte(text)); ok {
			t.Errorf("%q is %v to a new clock", text, at)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-03-02T10:00:07.1234567Z", "2026-03-02 10:00:07-0800", "2026-02-29T10:00:07", "2026-03-02T24:00:00+01", "2026-03-02t23:59:60z", "2026-03-02T10:00:07,5-23:59"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime([]byte(s))
		if want, ok := refTime(s); ok != (err == nil) || (ok && got != want) {
			t.Errorf("ParseTime(%q) = %v, %v; want %v, %t", s, got, err, want, ok)
		}
		date, ok := parseDate([]byte(s))
		if want, wantOK := refDate(s); ok != wantOK || (ok && date != correlate.At(want)) {
			t.Errorf("parseDate(%q) = %v, %t; want %v, %t", s, date, ok, want, wantOK)
		}
		clock, ok := parseClock([]byte(s))
		if want, wantOK := refClock(s); ok != wantOK || (ok && clock != want) {
			t.Errorf("parseClock(%q) = %v, %t; want %v, %t", s, clock, ok, want, wantOK)
		}
	})
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int64
	}{
		{"0", 0}, {"007", 7}, {"9223372036854775807", 1<<63 - 1}, {"9223372036854775808", -1}, {"9999999999999999999", -1},
		{"00000000000000000001", -1}, {"", -1}, {"-", -1}, {"-5", -1}, {"+5", -1}, {"5 ", -1}, {"1e3", -1}, {"1.0", -1},
	} {
		if got := number([]byte(tt.text)); got != tt.want {
			t.Errorf("number(%q) = %d, want %d", tt.text, got, tt.want)
		}
	}
}
