// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
)

// The slow reference: lines and records read with strings, maps, regexp and time.Parse, one rule after the other.

// refNames has the columns by one of their usual names.
var refNames = map[string]Field{
	"date": Date, "time": Time, "s-sitename": SiteName, "s-computername": ComputerName, "s-ip": ServerIP,
	"cs-method": Method, "cs-uri-stem": URIStem, "cs-uri-query": URIQuery, "s-port": Port, "cs-username": UserName,
	"c-ip": ClientIP, "cs-version": Version, "cs(User-Agent)": UserAgent, "cs(Cookie)": Cookie, "cs(Referer)": Referer,
	"cs-host": Host, "sc-status": Status, "sc-substatus": SubStatus, "sc-win32-status": Win32Status, "sc-bytes": BytesSent,
	"cs-bytes": BytesReceived, "time-taken": TimeTaken, "TimeGenerated": TimeGenerated, "Computer": Computer,
}

var refByLetters = func() map[string]Field {
	m := map[string]Field{}
	for name, f := range refNames {
		m[refLetters(name)] = f
	}
	return m
}()

var notLetter = regexp.MustCompile(`[^A-Za-z0-9]`)

// refLetters is a name by its letters and digits, "" for a name that has others than ASCII or is too long.
func refLetters(name string) string {
	if len(name) > 128 || strings.ContainsFunc(name, func(r rune) bool { return r > 127 }) {
		return ""
	}
	return strings.ToLower(notLetter.ReplaceAllString(name, ""))
}

func refFieldOf(o *Options, name string) Field {
	letters := refLetters(name)
	if f, ok := refByLetters[letters]; ok {
		return f
	}
	if letters != "" && letters == refLetters(o.ClientIPField) {
		return ClientIPHeader
	}
	return Other
}

// refValues maps a field to its value; a field that is not there is absent.
type refValues map[Field]string

// isThere is false for a value that means absent.
func (v refValues) isThere(f Field) bool { return v[f] != "" && v[f] != "-" }

func (v refValues) bytes(f Field) []byte {
	if s, ok := v[f]; ok {
		return []byte(s)
	}
	return nil
}

func (v refValues) number(f Field) int64 {
	n, err := strconv.ParseInt(v[f], 10, 64)
	if err != nil || strings.ContainsAny(v[f], "+-") || len(v[f]) > 19 {
		return -1
	}
	return n
}

func (v refValues) firstOf(fields ...Field) []byte {
	for _, f := range fields {
		if v.isThere(f) {
			return v.bytes(f)
		}
	}
	return nil
}

func (v refValues) request(o *Options, at correlate.Instant) correlate.Request {
	req := correlate.Request{
		Time: at, HostName: v.firstOf(ComputerName, Computer), SiteName: v.firstOf(SiteName),
		Method: v.bytes(Method), URIStem: v.bytes(URIStem), URIQuery: v.bytes(URIQuery), Status: v.bytes(Status),
		SubStatus: v.bytes(SubStatus), Win32: v.bytes(Win32Status), UserAgent: v.bytes(UserAgent), Cookie: v.bytes(Cookie),
		Referer: v.bytes(Referer), UserName: v.bytes(UserName), Host: v.bytes(Host), ServerIP: v.bytes(ServerIP),
		Port: v.bytes(Port), ClientIP: v.bytes(ClientIP),
		BytesSent: v.number(BytesSent), BytesReceived: v.number(BytesReceived), TimeTaken: v.number(TimeTaken),
	}
	client, proxy := refClient(o, v[ClientIPHeader], v[ClientIP])
	if client != v[ClientIP] {
		req.ClientIP = []byte(client)
	}
	if proxy != "" {
		req.ProxyIP = []byte(proxy)
	}
	return req
}

var (
	dateForm  = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	clockForm = regexp.MustCompile(`^\d\d:\d\d:\d\d([.,]\d{1,9})?$`)
	zoneForm  = regexp.MustCompile(`([Zz]|[+-]\d\d(:?\d\d)?)$`)
)

func refDate(s string) (time.Time, bool) {
	d, err := time.Parse("2006-01-02", s)
	return d, err == nil && dateForm.MatchString(s) && d.Year() >= 1971 && d.Year() <= 2261
}

func refClock(s string) (time.Duration, bool) {
	d, err := time.Parse("15:04:05.999999999", strings.Replace(s, ",", ".", 1))
	return d.Sub(d.Truncate(24 * time.Hour)), err == nil && clockForm.MatchString(s)
}

func refTime(s string) (correlate.Instant, bool) {
	if len(s) < 11 || !strings.Contains("Tt ", s[10:11]) {
		return 0, false
	}
	zone := zoneForm.FindString(s[11:])
	date, ok := refDate(s[:10])
	clock, clockOK := refClock(strings.TrimSuffix(s[11:], zone))
	if !ok || !clockOK {
		return 0, false
	}
	at := date.Add(clock)
	if zone == "" || strings.EqualFold(zone, "z") {
		return correlate.At(at), true
	}
	digits := strings.ReplaceAll(zone[1:], ":", "") + "00"
	hour, _ := strconv.Atoi(digits[:2])
	minute, _ := strconv.Atoi(digits[2:4])
	offset := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	if zone[0] == '-' {
		offset = -offset
	}
	return correlate.At(at.Add(-offset)), hour < 24 && minute < 60
}

// resolve gives the time of a request; days is nil for records.
func (v refValues) resolve(event correlate.Instant, days *Days) (correlate.Instant, error) {
	var date time.Time
	var clock time.Duration
	var ok bool
	if v.isThere(Date) {
		if date, ok = refDate(v[Date]); !ok {
			return 0, ErrDate
		}
	}
	if v.isThere(Time) {
		if clock, ok = refClock(v[Time]); !ok {
			return 0, ErrTime
		}
		if v.isThere(Date) {
			return correlate.At(date.Add(clock)), nil
		}
		if days != nil && days.Date > 0 {
			return refDay(days, clock), nil
		}
	}
	if v.isThere(TimeGenerated) {
		at, ok := refTime(v[TimeGenerated])
		if !ok {
			return 0, ErrTime
		}
		return at, nil
	}
	if event == 0 {
		return 0, ErrNoTime
	}
	return event, nil
}

// refDay places a time of day by the calendar.
func refDay(d *Days, clock time.Duration) correlate.Instant {
	known := d.Date.Time()
	midnight := time.Date(known.Year(), known.Month(), known.Day(), 0, 0, 0, 0, time.UTC)
	at := midnight.Add(clock)
	if known.Sub(at) > 12*time.Hour {
		at = at.AddDate(0, 0, 1)
		d.Rolled = correlate.At(midnight.AddDate(0, 0, 1))
	} else if at.Sub(known) > 12*time.Hour && d.Rolled == correlate.At(midnight) {
		at = at.AddDate(0, 0, -1)
	}
	if correlate.At(at) > d.Date {
		d.Date = correlate.At(at)
	}
	return correlate.At(at)
}

// refColumns are the fields of a #Fields directive.
type refColumns []Field

func refParseFields(text string, o *Options) refColumns {
	var fields refColumns
	text = strings.TrimPrefix(text, "\ufeff")
	if len(text) >= 8 && strings.EqualFold(text[:8], "#Fields:") {
		text = text[8:]
	}
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }) {
		f := refFieldOf(o, name)
		if slices.Contains(fields, f) {
			f = Other
		}
		fields = append(fields, f)
	}
	return fields
}

func (c refColumns) values(values []string) refValues {
	v := refValues{}
	for i, f := range c {
		if f != Other && i < len(values) {
			v[f] = values[i]
		}
	}
	return v
}

// refLine reads a line. peekErr is Peek's error, splitErr Split's.
func refLine(c refColumns, o *Options, line string, event correlate.Instant, days *Days) (req correlate.Request, peekErr, splitErr error) {
	values := strings.Split(strings.TrimRight(strings.TrimPrefix(line, "\ufeff"), " \t\r\n"), " ")
	v := c.values(values)
	// Only a line that begins with a good date and time may end before a TimeGenerated.
	_, dateOK := refDate(v[Date])
	_, clockOK := refClock(v[Time])
	need := 0
	for i, f := range c {
		isLead := len(c) > 1 && c[0] == Date && c[1] == Time && slices.Index(c, URIStem) > 1 && dateOK && clockOK && len(v[Time]) == 8
		if f == Date || f == Time || f == URIStem || (f == TimeGenerated && !isLead) {
			need = i + 1
		}
	}
	if len(values) < need {
		return req, ErrColumns, nil
	}
	at, err := v.resolve(event, days)
	if err != nil {
		return req, err, nil
	}
	if !v.isThere(URIStem) {
		return req, ErrNoStem, nil
	}
	if len(values) != len(c) {
		return req, nil, ErrColumns
	}
	return v.request(o, at), nil, nil
}

// checkRequest compares value by value, nil against empty too.
func checkRequest(t *testing.T, got, want *correlate.Request) {
	t.Helper()
	g, w := requestValues(got), requestValues(want)
	for _, name := range slices.Sorted(maps.Keys(w)) {
		if string(g[name]) != string(w[name]) || (g[name] == nil) != (w[name] == nil) {
			t.Errorf("%s = %q (nil: %t), want %q (nil: %t)", name, g[name], g[name] == nil, w[name], w[name] == nil)
		}
	}
	if got.Time != want.Time || got.BytesSent != want.BytesSent || got.BytesReceived != want.BytesReceived || got.TimeTaken != want.TimeTaken {
		t.Errorf("numbers = %v %d %d %d, want %v %d %d %d", got.Time, got.BytesSent, got.BytesReceived, got.TimeTaken,
			want.Time, want.BytesSent, want.BytesReceived, want.TimeTaken)
	}
}

func requestValues(r *correlate.Request) map[string][]byte {
	return map[string][]byte{
		"HostName": r.HostName, "SiteName": r.SiteName, "ClientIP": r.ClientIP, "ProxyIP": r.ProxyIP, "Method": r.Method,
		"URIStem": r.URIStem, "URIQuery": r.URIQuery, "Status": r.Status, "SubStatus": r.SubStatus, "Win32": r.Win32,
		"UserAgent": r.UserAgent, "Cookie": r.Cookie, "Referer": r.Referer, "UserName": r.UserName, "Host": r.Host,
		"ServerIP": r.ServerIP, "Port": r.Port,
	}
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || (want == nil) != (got == nil) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}
