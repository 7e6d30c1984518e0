// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
	"webshell/correlate/alert"
	"webshell/plugin/chunk/chunktest"
)

// wallClock is when the tests are played.
const wallClock = "2026-03-02T12:00:00Z"

// instant reads a moment as RFC 3339 writes it.
func instant(tb testing.TB, s string) correlate.Instant {
	tb.Helper()
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		tb.Fatal(err)
	}
	return correlate.At(t)
}

func newEngine(tb testing.TB, m correlate.Matching) *correlate.Correlator {
	tb.Helper()
	engine, err := correlate.New(correlate.DefaultOptions(m))
	if err != nil {
		tb.Fatal(err)
	}
	return engine
}

// tailOptions are the properties of an instance whose lines come from tail.
func tailOptions() Options {
	return Options{AlertTag: "alert.*", LogKey: "log", PathKey: "path", OffsetKey: "offset", ComputerName: "WEB01",
		Alerts: alert.Options{LogKey: "log"}}
}

// feed is a Set with its engine, and the newest revision of every detection that came out.
type feed struct {
	tb     testing.TB
	set    *Set
	engine *correlate.Correlator
	wall   correlate.Instant
	newest map[string]*correlate.Detection
}

func newFeed(tb testing.TB, o Options) *feed {
	tb.Helper()
	engine := newEngine(tb, correlate.Windows)
	return &feed{tb: tb, set: NewSet(o, engine), engine: engine, wall: instant(tb, wallClock), newest: map[string]*correlate.Detection{}}
}

// flush hands events over as one chunk, of a framing that must be whole.
func (f *feed) flush(tag string, events ...[]byte) {
	f.tb.Helper()
	if err := f.set.Flush(chunktest.Chunk(events...), tag, f.wall); err != nil {
		f.tb.Fatal(err)
	}
	f.take()
}

// watch has the files alerted on WEB01, at the time of the first requests.
func (f *feed) watch(files ...string) {
	f.tb.Helper()
	for _, file := range files {
		f.flush("alert.test", chunktest.Event(chunktest.New(), chunktest.TailTime, 0,
			"file", file, "host", "WEB01", "id", "id-"+file, "time", "2026-03-02T00:00:00Z"))
	}
}

// pass lets the wall clock go on.
func (f *feed) pass(d time.Duration) {
	f.wall = f.wall.Add(d)
	f.set.Tick(f.wall)
	f.engine.Tick(f.wall)
	f.take()
}

func (f *feed) take() {
	for _, d := range f.engine.Take() {
		f.newest[d.ID] = d
	}
}

// finals ends the feed and gives a line for each detection: computer, site, URL, client, count.
func (f *feed) finals() []string {
	f.tb.Helper()
	f.set.Drain(f.wall)
	f.engine.Drain(f.wall)
	f.take()
	var out []string
	for _, d := range f.newest {
		out = append(out, fmt.Sprintf("%s %s %s %s %d", d.Computer, d.SiteName, d.ShellLocation, d.AttackerIP, d.RequestCount))
	}
	slices.Sort(out)
	return out
}

// wantFinals ends the feed and compares.
func (f *feed) wantFinals(want ...string) {
	f.tb.Helper()
	if got := f.finals(); !slices.Equal(got, want) {
		f.tb.Errorf("detections\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// wantRefused compares what was refused, by reason: "columns=2 date=1".
func (f *feed) wantRefused(want string) {
	f.tb.Helper()
	if got := counts(f.set.Counters().Refused); got != want {
		f.tb.Errorf("refused %q, want %q", got, want)
	}
}

// counts writes a map of counters as words, without those that are 0.
func counts(m map[string]int64) string {
	var words []string
	for _, k := range sortedKeys(m) {
		if m[k] != 0 {
			words = append(words, fmt.Sprintf("%s=%d", k, m[k]))
		}
	}
	return strings.Join(words, " ")
}

// Columns that differ in number and in order, and lines for them. The shell is called by 203.0.113.7.
const (
	shortFields = "#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status"
	otherFields = "#Fields: date time c-ip cs-uri-stem cs-method s-ip sc-status" // as many as shortFields
	longFields  = "#Fields: date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query c-ip sc-status"
)

func shortLine(clock string) string {
	return "2026-03-02 " + clock + " 10.0.0.5 GET /up/shell.aspx 203.0.113.7 200"
}

func otherLine(clock string) string {
	return "2026-03-02 " + clock + " 203.0.113.7 /up/shell.aspx GET 10.0.0.5 200"
}

func longLine(clock string) string {
	return "2026-03-02 " + clock + " W3SVC1 WEB01 10.0.0.5 GET /up/shell.aspx - 203.0.113.7 200"
}

// logFile lays lines out as IIS does, with CRLF behind each.
type logFile struct {
	path  string
	lines []string
	at    []uint64 // where each begins
	text  []byte
}

func newLogFile(path string, lines ...string) *logFile {
	l := &logFile{path: path}
	for _, line := range lines {
		l.add(line)
	}
	return l
}

func (l *logFile) add(line string) {
	l.lines = append(l.lines, line)
	l.at = append(l.at, uint64(len(l.text)))
	l.text = append(append(l.text, line...), "\r\n"...)
}

// events are the lines from one to another, not included, as tail gives them.
func (l *logFile) events(from, to int) (events [][]byte) {
	for i := from; i < to; i++ {
		events = append(events, chunktest.Tail(l.path, l.at[i], l.lines[i]))
	}
	return events
}

// all are the events of every line.
func (l *logFile) all() [][]byte { return l.events(0, len(l.lines)) }

// clock is a time of day n seconds after 10:00:00.
func clock(n int) string {
	return time.Date(2026, 3, 2, 10, 0, n, 0, time.UTC).Format("15:04:05")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
