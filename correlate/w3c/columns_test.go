// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"webshell/correlate"
)

func TestParseFields(t *testing.T) {
	many := strings.TrimSpace(strings.Repeat("x ", MaxColumns))
	tests := []struct {
		name, text, want string
		err              error
	}{
		{"as IIS writes it", "#Fields: date time cs-uri-stem", "#Fields: date time cs-uri-stem", nil},
		{"any case", "#FIELDS: Date TIME", "#Fields: Date TIME", nil},
		{"tabs, blanks, CR", "#Fields:\t date \t time  \r", "#Fields: date time", nil},
		{"byte order mark", "\xef\xbb\xbf#Fields: date", "#Fields: date", nil},
		{"no blank", "#Fields:date time", "#Fields: date time", nil},
		{"bare names", " date time", "#Fields: date time", nil},
		{"one after another", "#Fields: #Fields: date", "#Fields: #Fields: date", nil},
		{"as many as may be", "#Fields: " + many, "#Fields: " + many, nil},
		{"too many", "#Fields: x " + many, "", ErrFields},
		{"too long", "#Fields: " + strings.Repeat("x", maxFieldsLine), "", ErrFields},
		{"none", "#Fields: \r", "", ErrFields},
		{"nothing", "", "", ErrFields},
		{"another directive", "#Date: 2026-03-02", "", ErrFields},
		{"no colon", "#Fields date", "", ErrFields},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseFields([]byte(tt.text), nil)
			wantError(t, tt.name, err, tt.err)
			if err != nil {
				return
			}
			if c.String() != tt.want {
				t.Errorf("String() = %q, want %q", c, tt.want)
			}
			if again := mustColumns(t, c.String(), nil); !again.Equal(c) || again.Count() != c.Count() {
				t.Errorf("%q is not read back", c)
			}
		})
	}
}

func TestColumns_firstOfTwo(t *testing.T) {
	c := mustColumns(t, "date time cs-uri-stem csUriStem s-ip s_ip", nil)
	var l Line
	req, err := read(&l, c, "2026-03-02 10:00:00 /a /b 1 2")
	if err != nil || string(req.URIStem) != "/a" || string(req.ServerIP) != "1" {
		t.Errorf("stem %q, s-ip %q, error %v", req.URIStem, req.ServerIP, err)
	}
}

// The widest table must be read to its last column, and not beyond.
func TestColumns_most(t *testing.T) {
	c := mustColumns(t, "date time "+strings.Repeat("x ", MaxColumns-3)+"cs-uri-stem", nil)
	var l Line
	for extra, want := range map[int]error{-1: ErrColumns, 0: nil, 1: ErrColumns, 300: ErrColumns} {
		line := "2026-03-02 10:00:00 " + strings.Repeat("v ", MaxColumns-3+extra) + "/a"
		_, err := read(&l, c, line)
		wantError(t, fmt.Sprint(extra, " values more"), err, want)
	}
}

func TestColumns_Equal(t *testing.T) {
	c := mustColumns(t, "date time cs-uri-stem x", nil)
	for text, want := range map[string]bool{
		"date time cs-uri-stem x": true, "Date TIME cs-uri-stem X": true, "date time cs-uri-stem": false,
		"date time cs-uri-stem y": false, "time date cs-uri-stem x": false,
	} {
		if got := mustColumns(t, text, nil).Equal(c); got != want {
			t.Errorf("%q: Equal = %t, want %t", text, got, want)
		}
	}
	if c.Equal(nil) || !(*Columns)(nil).Equal(nil) {
		t.Error("Equal of nil is wrong")
	}
	if !c.Has(Date) || c.Has(ClientIP) || c.Has(Other) || c.Has(250) {
		t.Error("Has is wrong")
	}
}

func TestPlausible(t *testing.T) {
	for _, tt := range []struct {
		server, client, status string
		want                   bool
	}{
		{"10.0.0.5", "203.0.113.7", "200", true},
		{"fe80::1%18", "::1", "404", true},
		{"10.0.0.5", "curl", "200", false},
		{"WEB01", "203.0.113.7", "200", false},
		{"10.0.0.5", "203.0.113.7", "0", false},
		{"10.0.0.5", "203.0.113.7", "2x0", false},
		{"10.0.0.5", "203.0.113.7", "", false},
	} {
		req := &correlate.Request{ServerIP: []byte(tt.server), ClientIP: []byte(tt.client), Status: []byte(tt.status)}
		if got := Plausible(req); got != tt.want {
			t.Errorf("Plausible(%v) = %t", tt, got)
		}
	}
}

func TestDirective(t *testing.T) {
	for line, want := range map[string]Kind{
		"": KindBlank, "\r": KindBlank, " \t\r\n": KindBlank, "\xef\xbb\xbf": KindBlank,
		"#Fields: date": KindFields, "#fields:": KindFields, "\xef\xbb\xbf#Fields: date": KindFields,
		"#Date: 2026-03-02 10:00:00": KindDate, "#DATE:": KindDate,
		"#Software: Microsoft Internet Information Services 10.0": KindOther, "#": KindOther, "#Fields": KindOther,
		"\xef\xbb\xbf#Software": KindOther,
		"2026-03-02 10:00:00":   KindRequest, " #Fields:": KindRequest, "\xef\xbb#Date:": KindRequest, "\x00": KindRequest,
	} {
		if got := Directive([]byte(line)); got != want {
			t.Errorf("Directive(%q) = %d, want %d", line, got, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for line, want := range map[string]string{
		"#Date: 2026-03-02 10:00:00":               "2026-03-02T10:00:00Z",
		"\xef\xbb\xbf#date:2026-03-02\t10:00:00\r": "",
		"#Date:  2026-03-02  10:00:00 \r":          "2026-03-02T10:00:00Z",
		"#Date: 2026-03-02":                        "2026-03-02T00:00:00Z",
		"#Date: 2026-03-02 25:00:00":               "",
		"#Date: 2026-02-30 10:00:00":               "",
		"#Date:":                                   "",
		"#Software: 2026-03-02":                    "",
	} {
		at, err := ParseDate([]byte(line))
		if at.String() != want || (err == nil) != (want != "") {
			t.Errorf("ParseDate(%q) = %v, %v; want %q", line, at, err, want)
		}
	}
}

func TestSiteFromPath(t *testing.T) {
	for path, want := range map[string]string{
		`C:\inetpub\logs\LogFiles\W3SVC1\u_ex260302.log`: "W3SVC1",
		"/logs/w3svc12/u_ex260302.log":                   "w3svc12",
		`D:/mixed\W3SVC3/x.log`:                          "W3SVC3",
		`C:\W3SVC1\old\W3SVC2\x.log`:                     "W3SVC2",
		`C:\W3SVC1\old\x.log`:                            "W3SVC1",
		`W3SVC4\x.log`:                                   "W3SVC4",
		`C:\LogFiles\W3SVC\u_ex.log`:                     "",
		`C:\LogFiles\W3SVC1`:                             "", // a file of that name
		`C:\LogFiles\W3SVC1x\u_ex.log`:                   "",
		`C:\LogFiles\XW3SVC1\u_ex.log`:                   "",
		`C:\LogFiles\FTPSVC1\u_ex.log`:                   "",
		`C:\LogFiles\W3SVC12345678901\u_ex.log`:          "",
		"":                                               "", "/": "", `\\`: "",
	} {
		if got := SiteFromPath([]byte(path)); string(got) != want {
			t.Errorf("SiteFromPath(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestReason(t *testing.T) {
	seen := map[string]bool{}
	for _, err := range []error{ErrColumns, ErrLong, ErrDate, ErrTime, ErrNoTime, ErrNoStem, ErrFields} {
		r := Reason(fmt.Errorf("line 7: %w", err))
		if r == "" || r == "other" || seen[r] || strings.ToLower(r) != r {
			t.Errorf("Reason(%v) = %q", err, r)
		}
		seen[r] = true
	}
	if Reason(nil) != "" || Reason(errors.New("x")) != "other" {
		t.Error("Reason of other errors is wrong")
	}
}
