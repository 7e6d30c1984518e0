// SPDX-License-Identifier: Apache-2.0

package source

import (
	"path/filepath"
	"strings"
	"testing"

	"webshell/plugin/chunk/chunktest"
)

// What a line may look like, and what refuses it.
func TestLine(t *testing.T) {
	const good = "2026-03-02 10:00:07 10.0.0.5 GET /up/shell.aspx 203.0.113.7 200"
	for _, tc := range []struct {
		name, line string
		count      string // requests to the shell, "" for none
		refused    string
	}{
		{"good", good, " 1", ""},
		{"carriage return", good + "\r", " 1", ""},
		{"trailing blanks", good + "  \t \r", " 1", ""},
		{"byte order mark", "\xEF\xBB\xBF" + good, " 1", ""},
		{"empty", "", "", ""},
		{"an empty CRLF line", "\r", "", ""},
		{"blanks", " \t ", "", ""},
		{"another directive", "#Software: Microsoft Internet Information Services 10.0", "", ""},
		{"a comment", "# 2026-03-02", "", ""},
		{"one value less", strings.TrimSuffix(good, " 200"), "", "columns=1"},
		{"one value more", good + " 0", "", "columns=1"},
		{"no script, one value less", "2026-03-02 10:00:07 10.0.0.5 GET /a.png", "", ""}, // a scan to its URL is all it costs
		{"columns shifted", "2026-03-02 10:00:07 W3SVC1 WEB01 10.0.0.5 GET /up/shell.aspx - 203.0.113.7 200", "", "columns=1"},
		{"columns missing in front", "2026-03-02 10:00:07 GET /up/shell.aspx 203.0.113.7 200", "", "columns=1"},
		{"two words", "hello world", "", "columns=1"},
		{"no stem", strings.Replace(good, "/up/shell.aspx", "-", 1), "", "no_stem=1"},
		{"thirtieth of February", strings.Replace(good, "03-02", "02-30", 1), "", "date=1"},
		{"American date", strings.Replace(good, "2026-03-02", "03/02/2026", 1), "", "date=1"},
		{"hour 24", strings.Replace(good, "10:00:07", "24:00:00", 1), "", "time=1"},
		{"second 60", strings.Replace(good, "10:00:07", "10:00:60", 1), "", "time=1"},
		{"time absent", strings.Replace(good, "10:00:07", "-", 1), " 1", ""},   // the event's timestamp
		{"date absent", strings.Replace(good, "2026-03-02", "-", 1), " 1", ""}, // no #Date: came
		{"invalid UTF-8", strings.Replace(good, "GET", "G\xff\xfeT", 1), " 1", ""},
		{"a megabyte", strings.Replace(good, "GET", strings.Repeat("G", 1<<20), 1), "", "too_long=1"},
		{"nearly a megabyte", strings.Replace(good, "GET", strings.Repeat("G", 1<<20-100), 1), " 1", ""},
		{"a URL of a megabyte", strings.Replace(good, "/up", "/"+strings.Repeat("u", 1<<20-100), 1), "", ""}, // the engine's stem_too_long
		{"NUL bytes", strings.Replace(good, "GET", "\x00\x00", 1), " 1", ""},
		{"JSON of another event", `{"LogEntry":{"EventId":"1"}}`, "", ""},
		{"broken JSON", `{"LogEntry":`, "", "event_text=1"},
		{"deep JSON", strings.Repeat(`{"a":`, 100000), "", "event_text=1"},
		{"wrong JSON", `{"LogEntry":[1]}`, "", "event_text=1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			l := newLogFile(remotePath, shortFields, tc.line, "2026-03-02 10:00:08 10.0.0.5 GET /up/shell.aspx 198.51.100.1 200")
			f.flush("iis", l.all()...)
			want := []string{"WEB01 W3SVC1 /up/shell.aspx 198.51.100.1 1"} // what stands behind is used whatever came before
			if tc.count != "" {
				want = append(want, "WEB01 W3SVC1 "+shell+tc.count)
			}
			f.wantFinals(want...)
			f.wantRefused(tc.refused)
		})
	}
}

// Requests of the future are refused and do not move the clock.
func TestLine_future(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	l := newLogFile(remotePath, shortFields,
		"2026-03-02 12:05:00 10.0.0.5 GET /up/shell.aspx 203.0.113.7 200",
		"2026-03-02 12:05:01 10.0.0.5 GET /up/shell.aspx 203.0.113.7 200",
		"2200-01-01 00:00:00 10.0.0.5 GET /a.png 203.0.113.7 200",
		"2026-03-02 10:00:00 10.0.0.5 GET /up/shell.aspx 203.0.113.7 200")
	f.flush("iis", l.all()...)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 2")
	if got, want := f.engine.Clock(), instant(t, "2026-03-02T12:05:00Z"); got != want {
		t.Errorf("clock %v, want %v", got, want)
	}
}

// Directives that can't be read are refused; what was known stays.
func TestLine_badDirectives(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	l := newLogFile(remotePath, shortFields, "#Fields:", "#Fields: "+strings.Repeat("a ", 300), "#Date: yesterday", shortLine("10:00:00"))
	f.flush("iis", l.all()...)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
	f.wantRefused("date=1 fields=2")
	if n := f.set.Counters().Directives; n != 4 {
		t.Errorf("%d directives, want 4", n)
	}
}

// A line with a time alone has the date of the #Date: before it; a time that falls back is the next day's. Out of order
// too, where blocks tell.
func TestLine_timeAlone(t *testing.T) {
	const fields = "#Fields: time c-ip cs-uri-stem"
	l := newLogFile(remotePath,
		"#Date: 2026-02-28 22:00:00", fields, "22:00:01 203.0.113.1 /up/shell.aspx", "23:59:59 203.0.113.2 /up/shell.aspx",
		"00:00:01 203.0.113.3 /up/shell.aspx", // 1 March
		"#Date: 2026-03-01 08:00:00", fields, "08:00:01 203.0.113.4 /up/shell.aspx",
		"#Date: 2026-03-02 09:00:00", "09:00:00 203.0.113.5 /up/shell.aspx")
	want := map[string]string{
		"203.0.113.1": "2026-02-28T22:00:01Z", "203.0.113.2": "2026-02-28T23:59:59Z", "203.0.113.3": "2026-03-01T00:00:01Z",
		"203.0.113.4": "2026-03-01T08:00:01Z", "203.0.113.5": "2026-03-02T09:00:00Z",
	}
	here := newLogFile(filepath.Join(t.TempDir(), "W3SVC1", "u_ex.log"), l.lines...)
	writeFile(t, here.path, here.text)
	for name, chunks := range map[string][][2]int{
		"in order": {{0, 10}}, "blocks in turn": {{5, 8}, {0, 5}, {8, 10}}, "last block first": {{8, 10}, {5, 8}, {0, 5}},
		"first lines last": {{7, 10}, {2, 7}, {0, 2}},
	} {
		for place, file := range map[string]*logFile{"here": here, "elsewhere": l} {
			t.Run(name+"/"+place, func(t *testing.T) {
				f := newFeed(t, tailOptions())
				f.watch("shell.aspx")
				for _, c := range chunks {
					f.flush("iis", file.events(c[0], c[1])...)
				}
				f.finals()
				for _, d := range f.newest {
					if got := d.StartTime.String(); got != want[d.AttackerIP] {
						t.Errorf("%s at %s, want %s", d.AttackerIP, got, want[d.AttackerIP])
					}
				}
				if len(f.newest) != len(want) {
					t.Errorf("%d detections, want %d", len(f.newest), len(want))
				}
			})
		}
	}
}

// Where a record names no host, the next in line does.
func TestLine_hostAndSite(t *testing.T) {
	const withHost = "#Fields: date time s-computername c-ip cs-uri-stem sc-status"
	line := func(host string) string {
		if host == "" {
			return "2026-03-02 10:00:07 203.0.113.7 /up/shell.aspx 200"
		}
		return "2026-03-02 10:00:07 " + host + " 203.0.113.7 /up/shell.aspx 200"
	}
	for _, tc := range []struct {
		name, fields, host, path string
		pairs                    []any
		want                     string
	}{
		{"s-computername", withHost, "WEB05", remotePath, []any{"Computer", "WEB06", "hostname", "WEB07"}, "WEB05 W3SVC1"},
		{"dash", withHost, "-", remotePath, []any{"Computer", "WEB06", "hostname", "WEB07"}, "WEB06 W3SVC1"},
		{"Computer", "", "", remotePath, []any{"Computer", "WEB06", "hostname", "WEB07"}, "WEB06 W3SVC1"},
		{"Computer behind", "", "", remotePath, []any{"hostname", "WEB07", "Computer", "WEB06"}, "WEB06 W3SVC1"},
		{"empty Computer", "", "", remotePath, []any{"Computer", "", "hostname", "WEB07"}, "WEB07 W3SVC1"},
		{"host_key", "", "", remotePath, []any{"hostname", "WEB07"}, "WEB07 W3SVC1"},
		{"host_key is no text", "", "", remotePath, []any{"hostname", 7}, "WEB01 W3SVC1"},
		{"computer_name", "", "", remotePath, nil, "WEB01 W3SVC1"},
		{"a slash path", "", "", "/logs/w3svc12/u_ex.log", nil, "WEB01 w3svc12"},
		{"central logging", "", "", `C:\logs\W3SVC\u_ex.log`, nil, "WEB01 "},
		{"no folder", "", "", "u_ex.log", nil, "WEB01 "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fields := tc.fields
			if fields == "" {
				fields = "#Fields: date time c-ip cs-uri-stem sc-status"
			}
			o := tailOptions()
			o.HostKey = "hostname"
			f := newFeed(t, o)
			f.flush("iis", chunktest.Tail(tc.path, 0, fields), // with no path beside it a second record is not like the first
				chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, append([]any{"path", tc.path, "offset", 100, "log", line(tc.host)}, tc.pairs...)...))
			host, _, _ := strings.Cut(tc.want, " ")
			f.flush("alert.x", chunktest.Event(chunktest.New(), chunktest.TailTime, 0, "file", "shell.aspx", "host", host, "id", "1", "time", "2026-03-02T10:00:00Z"))
			f.wantFinals(tc.want + " " + shell + " 1")
		})
	}
}
