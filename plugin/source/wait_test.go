// SPDX-License-Identifier: Apache-2.0

package source

import (
	"strings"
	"testing"
	"time"

	"webshell/correlate/w3c"
	"webshell/plugin/chunk/chunktest"
)

const (
	defaultLine = "2026-03-02 10:00:07 10.0.0.5 GET /up/shell.aspx - 443 - 203.0.113.7 curl/8.4.0 - 200 0 0 3"
	strangeLine = "2026-03-02 10:00:07 web GET /up/shell.aspx - 443 - 203.0.113.7 curl/8.4.0 - OK 0 0 3"
)

func mustFields(t *testing.T, line string) *w3c.Columns {
	t.Helper()
	cols, err := w3c.ParseFields([]byte(line), nil)
	if err != nil {
		t.Fatal(err)
	}
	return cols
}

// Lines whose columns never come wait for 30 s; then the configuration's columns count, else IIS's own if the line
// makes sense by them, else the lines are refused.
func TestWait_thenFallBack(t *testing.T) {
	for _, tc := range []struct {
		name, fields, line string
		want, refused      string
	}{
		{"fields", shortFields, shortLine("10:00:00"), "WEB01 W3SVC1 " + shell + " 1", ""},
		{"IIS's default", "", defaultLine, "WEB01 W3SVC1 " + shell + " 1", ""},
		{"fields before default", shortFields, defaultLine, "", "columns=1"},
		{"nothing fits", "", strangeLine, "", "columns_unknown=1"},
		{"no address", "", strings.Replace(defaultLine, "203.0.113.7", "web", 1), "", "columns_unknown=1"},
		{"no date", "", strings.Replace(defaultLine, "2026-03-02", "02/03/2026", 1), "", "columns_unknown=1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := tailOptions()
			if tc.fields != "" {
				o.Fields = mustFields(t, tc.fields)
			}
			f := newFeed(t, o)
			f.watch("shell.aspx")
			f.flush("iis", chunktest.Tail(remotePath, 5000, tc.line))
			f.pass(waitTime - time.Nanosecond)
			if len(f.newest) > 0 || f.set.Counters().Waiting == 0 {
				t.Error("did not wait for 30 s")
			}
			f.pass(time.Nanosecond)
			if f.set.Counters().Waiting != 0 {
				t.Error("waits beyond 30 s")
			}
			var want []string
			if tc.want != "" {
				want = append(want, tc.want)
			}
			f.wantFinals(want...)
			f.wantRefused(tc.refused)
		})
	}
}

// A file whose first line is a request has no columns to wait for.
func TestWait_notForNothing(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	l := newLogFile(remotePath, defaultLine, strings.Replace(defaultLine, "10:00:07", "10:00:08", 1))
	f.flush("iis", l.all()...)
	if f.set.Counters().Waiting != 0 {
		t.Error("waits")
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 2")
}

// Not more than 4 MiB wait, of all sources together.
func TestWait_bounded(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	line := defaultLine[:len(defaultLine)-1]
	for i := range 40 {
		var events [][]byte
		for j := range 1000 {
			events = append(events, chunktest.Tail(remotePath, uint64(1000+(i*1000+j)*200), line+clock(j)[7:]))
		}
		f.flush("iis."+clock(i), events...)
		if n := f.set.Counters().Waiting; n > waitBytes {
			t.Fatalf("%d bytes wait, limit %d", n, waitBytes)
		}
	}
	if n := f.set.Counters().Waiting; n < waitBytes*9/10 {
		t.Errorf("%d bytes wait, want nearly %d", n, waitBytes)
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 40000")
	if n := f.set.Counters().Waiting; n != 0 {
		t.Errorf("%d bytes wait at the end", n)
	}
	f.wantRefused("")
}

// A source that is given up takes its waiting lines along, and says so.
func TestWait_sourceGivenUp(t *testing.T) {
	f := newFeed(t, tailOptions())
	for i := range maxOrigins + 10 {
		f.flush("iis", chunktest.Tail("/"+clock(i), 5000, defaultLine))
	}
	f.wantRefused("columns_unknown=10")
}

// The host that stood beside a waiting line stays with it.
func TestWait_keepsHost(t *testing.T) {
	f := newFeed(t, tailOptions())
	l := newLogFile(remotePath, shortFields, shortLine("10:00:00"))
	f.flush("alert.x", chunktest.Event(chunktest.New(), chunktest.TailTime, 0, "file", "shell.aspx", "host", "WEB09", "id", "1", "time", "2026-03-02T00:00:00Z"))
	f.flush("iis", chunktest.Event(chunktest.TailFraming(), chunktest.TailTime, 0, "path", remotePath, "Computer", "WEB09", "offset", l.at[1], "log", l.lines[1]))
	f.flush("iis", l.events(0, 1)...)
	f.wantFinals("WEB09 W3SVC1 " + shell + " 1")
}
