// SPDX-License-Identifier: Apache-2.0

package source

import (
	"strings"
	"testing"

	"webshell/correlate"
	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/format"
)

// record is a parsed record with keys of the given spelling.
func record(spell func(string) string, more ...any) []byte {
	pairs := []any{}
	for _, p := range [][2]string{{"date", "2026-03-02"}, {"time", "10:00:07"}, {"s-sitename", "W3SVC1"}, {"s-computername", "WEB01"},
		{"cs-method", "POST"}, {"cs-uri-stem", "/up/shell.aspx"}, {"cs-uri-query", "cmd=whoami"}, {"c-ip", "203.0.113.7"},
		{"cs(User-Agent)", "curl/8.4.0"}, {"cs(Cookie)", "c"}, {"cs(Referer)", "r"}, {"sc-status", "200"}} {
		pairs = append(pairs, spell(p[0]), p[1])
	}
	return chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, append(pairs, more...)...)
}

// Keys are known by their letters and digits, as the loggers and parsers in use write them.
func TestRecord_spellings(t *testing.T) {
	drop := func(cut string) func(string) string {
		return func(key string) string { return strings.Map(func(c rune) rune { return dropped(cut, c) }, key) }
	}
	for name, spell := range map[string]func(string) string{
		"IIS":         func(key string) string { return key },
		"underscores": strings.NewReplacer("-", "_", "(", "_", ")", "_").Replace,
		"Sentinel":    func(key string) string { return sentinelName(key) },
		"event 6200":  drop("()"),
		"upper case":  strings.ToUpper,
		"letters":     drop("-()"),
		"dots":        strings.NewReplacer("-", ".", "(", ".", ")", "").Replace,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			f.flush("iis", record(spell))
			f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
			for _, d := range f.newest {
				got := strings.Join([]string{d.RequestMethods[0], d.RequestQueryStrings[0], d.RequestUserAgents[0], d.RequestCookies[0],
					d.RequestReferers[0], d.RequestStatusCodes[0], d.StartTime.String()}, " ")
				if want := "POST cmd=whoami curl/8.4.0 c r 200 2026-03-02T10:00:07Z"; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
}

func dropped(cut string, c rune) rune {
	if strings.ContainsRune(cut, c) {
		return -1
	}
	return c
}

// sentinelName is the column of the W3CIISLog table: csUriStem, sComputerName.
func sentinelName(key string) string {
	if key == "s-computername" {
		return "sComputerName"
	}
	out, up := "", false
	for _, c := range key {
		if strings.ContainsRune("-()", c) {
			up = true
			continue
		}
		if up {
			c, up = c-'a'+'A', false
			if c < 'A' || c > 'Z' {
				c += 'a' - 'A'
			}
		}
		out += string(c)
	}
	return out
}

func TestRecord(t *testing.T) {
	event := func(pairs ...any) []byte {
		return chunktest.Event(chunktest.New(), chunktest.TailTime, 0, pairs...)
	}
	for _, tc := range []struct {
		name, want, refused string
		event               []byte
	}{
		{"whole", "WEB01 W3SVC1 " + shell + " 1", "", record(strings.ToLower)},
		{"numbers", "WEB01  " + shell + " 1", "", event("cs-uri-stem", "/up/shell.aspx", "c-ip", "203.0.113.7", "sc-status", 200, "time-taken", -1)},
		{"binaries", "WEB01  " + shell + " 1", "", event("cs-uri-stem", []byte("/up/shell.aspx"), "c-ip", []byte("203.0.113.7"))},
		{"first of two", "WEB01  " + shell + " 1", "", event("c-ip", "203.0.113.7", "cs-uri-stem", "/up/shell.aspx", "cs_uri_stem", "/other.aspx")},
		{"site of the path", "WEB01 W3SVC4 " + shell + " 1", "", event("path", "/logs/W3SVC4/x.log", "c-ip", "203.0.113.7", "cs-uri-stem", "/up/shell.aspx")},
		{"Computer", "WEB02  " + shell + " 1", "", event("Computer", "WEB02", "c-ip", "203.0.113.7", "cs-uri-stem", "/up/shell.aspx")},
		{"TimeGenerated", "WEB01  " + shell + " 1", "", event("TimeGenerated", "2026-03-02T10:00:00.1234567Z", "c-ip", "203.0.113.7", "cs-uri-stem", "/up/shell.aspx")},
		{"nothing known", "", "no_stem=1", event("message", "hello")},
		{"empty", "", "no_stem=1", event()},
		{"keys that are no text", "", "no_stem=1", event(7, "/up/shell.aspx", nil, 1)},
		{"bad date", "", "date=1", event("date", "2026-13-01", "time", "10:00:00", "cs-uri-stem", "/up/shell.aspx")},
		{"bad TimeGenerated", "", "time=1", event("TimeGenerated", "yesterday", "cs-uri-stem", "/up/shell.aspx")},
		{"stem is a list", "", "no_stem=1", event("cs-uri-stem", []any{"/up/shell.aspx"})},
		{"line is a number", "", "no_stem=1", event("log", 7)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			f.flush("alert.x", event("file", "shell.aspx", "host", "WEB02", "id", "2", "time", "2026-03-02T00:00:00Z"))
			f.flush("iis", tc.event, event("cs-uri-stem", "/up/shell.aspx", "c-ip", "198.51.100.1"))
			want := []string{"WEB01  /up/shell.aspx 198.51.100.1 1"}
			switch {
			case tc.want > want[0]:
				want = append(want, tc.want)
			case tc.want != "":
				want = append([]string{tc.want}, want...)
			}
			f.wantFinals(want...)
			f.wantRefused(tc.refused)
		})
	}
}

// A parsed record that comes twice by file and offset counts once.
func TestRecord_twice(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	one, two := record(strings.ToLower, "path", "/a.log", "offset", 10), record(strings.ToLower, "path", "/a.log", "offset", 90)
	f.flush("iis", one, two)
	f.flush("iis", one, two)
	f.wantFinals("WEB01 W3SVC1 " + shell + " 2")
	if n := f.set.Counters().Duplicates; n != 2 {
		t.Errorf("%d duplicates, want 2", n)
	}
}

// Detections that come back are ignored, in every format, as a record and as text, whatever the tag.
func TestOwn(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", record(strings.ToLower))
	f.finals()
	for _, name := range format.Names() {
		for _, d := range f.newest {
			for shape, event := range comeBack(t, name, d) {
				for _, tag := range []string{"iis", "alert.x", "webshell.detection"} {
					t.Run(name+"/"+shape+"/"+tag, func(t *testing.T) {
						f := newFeed(t, tailOptions())
						f.watch("shell.aspx")
						f.flush(tag, event)
						f.wantFinals()
						f.wantRefused("")
						if n := f.set.Counters().Own; n != 1 {
							t.Errorf("%d known as our own, want 1; %+v", n, f.set.Counters())
						}
					})
				}
			}
		}
	}
}

// comeBack is a detection as a forward loop and as a tailed file give it.
func comeBack(t *testing.T, name string, d *correlate.Detection) map[string][]byte {
	t.Helper()
	fm, err := format.New(name)
	if err != nil {
		t.Fatal(err)
	}
	text := fm.Append(nil, d)
	return map[string][]byte{
		"record": chunktest.Event(chunktest.New(), chunktest.TailTime, 0, pairsOf(t, text)...),
		"text":   chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, "path", "/det.jsonl", "offset", 0, "log", string(text)),
		"parsed": chunktest.Event(chunktest.New(), chunktest.TailTime, 0, "log", chunktest.Pairs(pairsOf(t, text))),
	}
}

// Who quotes our rule is not us.
func TestOwn_notAnybodys(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", record(strings.ToLower, "RuleId", format.RuleID, "DetectionId", "not one"))
	f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
	if n := f.set.Counters().Own; n != 0 {
		t.Errorf("%d known as our own, want 0", n)
	}
}
