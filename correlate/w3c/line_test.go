// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
)

func instant(tb testing.TB, text string) correlate.Instant {
	tb.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		tb.Fatal(err)
	}
	return correlate.At(at)
}

// read takes a line through both steps.
func read(l *Line, c *Columns, line string) (correlate.Request, error) {
	var req correlate.Request
	err := l.Peek(c, []byte(line))
	if err == nil {
		err = l.Split(c, &req)
	}
	return req, err
}

func TestLine_allFields(t *testing.T) {
	var l Line
	got, err := read(&l, mustColumns(t, allFields, nil), benchLine)
	if err != nil {
		t.Fatal(err)
	}
	b := func(s string) []byte { return []byte(s) }
	checkRequest(t, &got, &correlate.Request{
		Time: instant(t, "2026-03-02T10:00:07Z"), HostName: b("WEB01"), SiteName: b("W3SVC1"), ClientIP: b("203.0.113.7"),
		Method: b("GET"), URIStem: b("/shop/catalog/list.aspx"), URIQuery: b("id=4711&page=2"), Status: b("200"), SubStatus: b("0"),
		Win32: b("0"), UserAgent: b("Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+Gecko/124.0"), Cookie: b("SID=8f14e45fceea1"),
		Referer: b("https://www.contoso.com/"), UserName: b("-"), Host: b("www.contoso.com"), ServerIP: b("10.0.0.5"), Port: b("443"),
		BytesSent: 51234, BytesReceived: 612, TimeTaken: 93,
	})
	if string(l.Stem) != "/shop/catalog/list.aspx" || l.Time != got.Time {
		t.Errorf("Peek gave %q at %v", l.Stem, l.Time)
	}
}

func TestLine_refused(t *testing.T) {
	const fields = "date time cs-uri-stem sc-status TimeGenerated"
	tests := []struct {
		name, fields, line string
		want               error
	}{
		{"good", fields, "2026-03-02 10:00:00 /a.aspx 200 -", nil},
		{"trailing blanks and CR", fields, "2026-03-02 10:00:00 /a.aspx 200 -  \r", nil},
		{"byte order mark", fields, "\xef\xbb\xbf2026-03-02 10:00:00 /a.aspx 200 -", nil},
		{"an empty value", fields, "2026-03-02 10:00:00 /a.aspx  -", nil},
		{"one value short", fields, "2026-03-02 10:00:00 /a.aspx 200", ErrColumns},
		{"one value over", fields, "2026-03-02 10:00:00 /a.aspx 200 - x", ErrColumns},
		{"two blanks shift the values", fields, "2026-03-02 10:00:00  /a.aspx 200 -", ErrNoStem},
		{"blank", fields, "", ErrColumns},
		{"ends before the stem", fields, "2026-03-02 10:00:00", ErrColumns},
		{"a missing time", fields, "2026-03-02  10:00:00 /a.aspx 200", ErrTime}, // 200 for TimeGenerated
		{"no stem", fields, "2026-03-02 10:00:00 - 200 -", ErrNoStem},
		{"empty stem", fields, "2026-03-02 10:00:00  200 -", ErrNoStem},
		{"no column for the stem", "date time sc-status", "2026-03-02 10:00:00 200", ErrNoStem},
		{"month 13", fields, "2026-13-02 10:00:00 /a.aspx 200 -", ErrDate},
		{"31 February", fields, "2026-02-31 10:00:00 /a.aspx 200 -", ErrDate},
		{"29 February", fields, "2026-02-29 10:00:00 /a.aspx 200 -", ErrDate},
		{"29 February of a leap year", fields, "2028-02-29 10:00:00 /a.aspx 200 -", nil},
		{"day 0", fields, "2026-03-00 10:00:00 /a.aspx 200 -", ErrDate},
		{"another form of date", fields, "02/03/2026 10:00:00 /a.aspx 200 -", ErrDate},
		{"1970", fields, "1970-01-01 00:00:00 /a.aspx 200 -", ErrDate},
		{"2262", fields, "2262-01-01 00:00:00 /a.aspx 200 -", ErrDate},
		{"hour 25", fields, "2026-03-02 25:00:00 /a.aspx 200 -", ErrTime},
		{"hour 24", fields, "2026-03-02 24:00:00 /a.aspx 200 -", ErrTime},
		{"second 60", fields, "2026-03-02 23:59:60 /a.aspx 200 -", ErrTime},
		{"one digit", fields, "2026-03-02 1:00:00 /a.aspx 200 -", ErrTime},
		{"a bad date is not replaced", fields, "2026-13-02 - /a.aspx 200 2026-03-02T10:00:00Z", ErrDate},
		{"a bad time is not replaced", fields, "- 25:00:00 /a.aspx 200 2026-03-02T10:00:00Z", ErrTime},
		{"a bad TimeGenerated", fields, "- - /a.aspx 200 yesterday", ErrTime},
		{"a bad TimeGenerated that is not needed", fields, "2026-03-02 10:00:00 /a.aspx 200 yesterday", nil},
		{"no time at all", fields, "- - /a.aspx 200 -", ErrNoTime},
		{"twenty NUL bytes", fields, strings.Repeat("\x00", 20) + " /a.aspx 200 -", ErrColumns},
		{"NUL bytes for date and time", "date time cs-uri-stem", strings.Repeat("\x00", 21) + " - /a", ErrDate},
		{"a megabyte", fields, "2026-03-02 10:00:00 /" + strings.Repeat("a", MaxLine), ErrLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l Line
			_, err := read(&l, mustColumns(t, tt.fields, nil), tt.line)
			wantError(t, tt.line[:min(len(tt.line), 60)], err, tt.want)
		})
	}
}

func TestLine_time(t *testing.T) {
	event := instant(t, "2026-03-05T00:00:01Z")
	tests := []struct{ name, fields, line, want string }{
		{"date and time", "date time cs-uri-stem", "2026-03-02 10:00:07 /", "2026-03-02T10:00:07Z"},
		{"a fraction", "date time cs-uri-stem", "2026-03-02 10:00:07.25 /", "2026-03-02T10:00:07.25Z"},
		{"another order", "cs-uri-stem time x date", "/ 10:00:07 - 2026-03-02", "2026-03-02T10:00:07Z"},
		{"TimeGenerated", "cs-uri-stem TimeGenerated", "/ 2026-03-02T10:00:07.1234567Z", "2026-03-02T10:00:07.1234567Z"},
		{"TimeGenerated for a dash", "date time cs-uri-stem TimeGenerated", "- - / 2026-03-02T10:00:07+01:00", "2026-03-02T09:00:07Z"},
		{"the event for a dash", "date time cs-uri-stem", "- 10:00:07 /", "2026-03-05T00:00:01Z"},
		{"the event for a missing time", "date cs-uri-stem", "2026-03-02 /", "2026-03-05T00:00:01Z"},
		{"the event", "cs-uri-stem", "/", "2026-03-05T00:00:01Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := Line{Event: event}
			req, err := read(&l, mustColumns(t, tt.fields, nil), tt.line)
			if err != nil || req.Time != instant(t, tt.want) {
				t.Errorf("%q: time %v, error %v; want %s", tt.line, req.Time, err, tt.want)
			}
		})
	}
}

// A time alone takes its day from the last #Date, across midnights.
func TestLine_days(t *testing.T) {
	c := mustColumns(t, "#Fields: time cs-uri-stem", nil)
	tests := []struct {
		name, date string
		steps      []string // pairs of a line's time and what it means
	}{
		{"the same day", "2026-03-02 00:00:00", []string{
			"13:00:00", "2026-03-02T13:00:00Z", "23:59:59", "2026-03-02T23:59:59Z", "23:00:00", "2026-03-02T23:00:00Z"}},
		{"past midnight and late lines", "2026-03-02 23:50:00", []string{
			"23:59:59", "2026-03-02T23:59:59Z", "00:00:01", "2026-03-03T00:00:01Z", "23:59:58", "2026-03-02T23:59:58Z",
			"00:00:02", "2026-03-03T00:00:02Z", "11:00:00", "2026-03-03T11:00:00Z", "22:00:00", "2026-03-03T22:00:00Z",
			"00:30:00", "2026-03-04T00:30:00Z"}},
		{"exactly twelve hours back is the same day", "2026-02-28 22:00:00", []string{
			"10:00:00", "2026-02-28T10:00:00Z", "09:59:59", "2026-03-01T09:59:59Z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			date, err := ParseDate([]byte("#Date: " + tt.date))
			if err != nil {
				t.Fatal(err)
			}
			l := Line{Days: Days{Date: date}}
			for i := 0; i < len(tt.steps); i += 2 {
				if err := l.Peek(c, []byte(tt.steps[i]+" /")); err != nil || l.Time != instant(t, tt.steps[i+1]) {
					t.Errorf("step %d: %s is %v, error %v; want %s", i/2, tt.steps[i], l.Time, err, tt.steps[i+1])
				}
			}
		})
	}
}

func TestLine_absent(t *testing.T) {
	c := mustColumns(t, "date time s-sitename s-computername c-ip cs-uri-stem Computer sc-bytes time-taken", nil)
	var l Line
	got, err := read(&l, c, "2026-03-02 10:00:00 - - - /a web02  9223372036854775808")
	if err != nil {
		t.Fatal(err)
	}
	checkRequest(t, &got, &correlate.Request{
		Time: instant(t, "2026-03-02T10:00:00Z"), HostName: []byte("web02"), ClientIP: []byte("-"), URIStem: []byte("/a"),
		BytesSent: -1, BytesReceived: -1, TimeTaken: -1,
	})
}

func TestLine_client(t *testing.T) {
	o := &Options{ClientIPField: "X-Forwarded-For", TrustedProxies: prefixes("10.0.0.0/8")}
	c := mustColumns(t, "date time c-ip cs-uri-stem x_forwarded_for", o)
	var l Line
	got, err := read(&l, c, "2026-03-02 10:00:00 10.0.0.1 /a 6.6.6.6,+203.0.113.9:5123")
	if err != nil || string(got.ClientIP) != "203.0.113.9" || string(got.ProxyIP) != "10.0.0.1" {
		t.Errorf("client %q, proxy %q, error %v", got.ClientIP, got.ProxyIP, err)
	}
}

// Split must leave no value of the request before, nor the line's memory after Release.
func TestLine_reuse(t *testing.T) {
	var l Line
	req := correlate.Request{ProxyIP: []byte("old"), Cookie: []byte("old"), BytesSent: 7}
	c := DefaultColumns(nil)
	line := "2026-03-02 10:00:00 10.0.0.5 GET / - 443 - 203.0.113.7 curl/8.4.0 - 200 0 0 12"
	if err := l.Peek(c, []byte(line)); err != nil {
		t.Fatal(err)
	}
	if err := l.Split(c, &req); err != nil || req.ProxyIP != nil || req.Cookie != nil || req.BytesSent != -1 {
		t.Errorf("left over: %q %q %d, error %v", req.ProxyIP, req.Cookie, req.BytesSent, err)
	}
	if !Plausible(&req) {
		t.Error("a line of the default columns is not plausible")
	}
	if l.Release(); l.Stem != nil || l.line != nil {
		t.Error("Release kept the line")
	}
}

// checkLine compares both steps with the reference, for lines that go through one Line.
func checkLine(t *testing.T, l *Line, fields, line string) {
	t.Helper()
	o := &Options{ClientIPField: "X-Forwarded-For", TrustedProxies: prefixes("10.0.0.0/8")}
	c, err := ParseFields([]byte(fields), o)
	if err != nil {
		return // TestParseFields
	}
	days := l.Days
	want, wantPeek, wantSplit := refLine(refParseFields(fields, o), o, line, l.Event, &days)
	if len(line) > MaxLine {
		days, wantPeek = l.Days, ErrLong
	}
	err = l.Peek(c, []byte(line))
	wantError(t, "Peek", err, wantPeek)
	if l.Days != days {
		t.Errorf("days %v, want %v", l.Days, days)
	}
	if err == nil {
		got := correlate.Request{Time: -1}
		if err = l.Split(c, &got); err == nil && wantSplit == nil {
			checkRequest(t, &got, &want)
		}
		wantError(t, "Split", err, wantSplit)
	}
	if t.Failed() {
		t.Fatalf("fields %q\nline %q", fields, line)
	}
}

// TestLine_reference runs random lines, most of them nearly right, through the fast reader and the slow one.
func TestLine_reference(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	value := map[Field]func() string{
		Date:           func() string { return pick("2026-03-02", "2026-03-02", "2026-02-28", "-", "", "2026-02-30") },
		Time:           func() string { return pick("10:00:00", "23:59:59", "00:00:00.5", "-", "", "24:00:00") },
		TimeGenerated:  func() string { return pick("2026-03-02T10:00:00Z", "-", "x", "2026-03-02T10:00:00.123-05:30") },
		ClientIPHeader: func() string { return pick("203.0.113.9,+10.0.0.1", "-", "", "x", "[::1]:5") },
		ClientIP:       func() string { return pick("203.0.113.7", "10.0.0.9", "-", "") },
	}
	names := []string{"X-Forwarded-For", "x-custom", "y"}
	for name := range refNames {
		names = append(names, name)
	}
	var l Line
	for range 6000 {
		l.Event = correlate.Instant(rng.Int64N(2)) * 1e18
		l.Days = Days{Date: correlate.Instant(rng.Int64N(2)) * 1772000000e9}
		columns := []string{"date", "time"}
		for range rng.IntN(24) {
			columns = append(columns, pick(names...))
		}
		if rng.IntN(4) == 0 {
			rng.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
		}
		o := &Options{ClientIPField: "X-Forwarded-For"}
		var values []string
		for _, name := range columns {
			v := pick("-", "", "/a/b.aspx", "200", "a+long+value+that+has+more+than+eight+bytes", "\xff\xfe")
			if f := value[refFieldOf(o, name)]; f != nil {
				v = f()
			}
			values = append(values, v)
		}
		switch rng.IntN(8) {
		case 0:
			values = values[:rng.IntN(len(values)+1)]
		case 1:
			values = append(values, "x")
		}
		checkLine(t, &l, "#Fields: "+strings.Join(columns, " "), strings.Join(values, " ")+pick("", "\r", "  "))
	}
}

func FuzzLine(f *testing.F) {
	f.Add(allFields, benchLine, benchLine, int64(0), int64(0))
	f.Add("date time cs-uri-stem", "2026-03-02 10:00:00 /a", "2026-03-02 10:00:00.5 /a ", int64(1), int64(0))
	f.Add("time cs-uri-stem TimeGenerated", "23:00:00 /a -", "01:00:00 /a 2026", int64(0), int64(1772000000e9))
	f.Add("cs-uri-stem c-ip X-Forwarded-For", "/a 10.0.0.1 1.2.3.4:5", "\xef\xbb\xbf/a  - ", int64(5), int64(5))
	f.Add("date time", strings.Repeat("\x00", 30), "2026-03-02 10:00:00", int64(5), int64(5))
	f.Fuzz(func(t *testing.T, fields, first, second string, event, date int64) {
		if date < 0 || date > int64(instant(t, "2200-01-01T00:00:00Z")) {
			return // no #Date gives these
		}
		l := Line{Event: correlate.Instant(event), Days: Days{Date: correlate.Instant(date)}}
		checkLine(t, &l, fields, first)
		checkLine(t, &l, fields, second)
		checkLine(t, &l, allFields, second)
	})
}

func TestLine_allocations(t *testing.T) {
	o := &Options{ClientIPField: "Referer", TrustedProxies: prefixes("203.0.113.0/24")}
	c := mustColumns(t, allFields+" Referer X", o)
	lines := seconds(5)
	for i := range lines {
		lines[i] = append(lines[i], " 198.51.100.7,+203.0.113.8 -"...)
	}
	lines = append(lines, []byte("- - x"), []byte("2026-03-02 10:00:00 short"))
	var l Line
	req := new(correlate.Request)
	n := testing.AllocsPerRun(200, func() {
		for _, line := range lines {
			if l.Peek(c, line) == nil && l.Split(c, req) == nil && string(req.ClientIP) != "198.51.100.7" {
				t.Fatalf("client %q", req.ClientIP)
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations for %d lines, want 0", n, len(lines))
	}
}
