// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// recorder is a Sink that keeps lines and refuses to be used where Fluent Bit's logger can't be.
type recorder struct {
	mu         sync.Mutex
	inCallback bool
	lines      []string
	misused    bool
}

func (r *recorder) InCallback() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inCallback
}

func (r *recorder) Print(level slog.Level, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.misused = r.misused || !r.inCallback
	r.lines = append(r.lines, level.String()+" "+text)
}

func (r *recorder) set(inCallback bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inCallback = inCallback
}

func TestHandler_text(t *testing.T) {
	tests := []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"plain", func(l *slog.Logger) { l.Info("started", "matching", "windows", "count", 3) }, "INFO started matching=windows count=3"},
		{"blank and quote", func(l *slog.Logger) { l.Info("m", "v", `a "b"`) }, `INFO m v="a \"b\""`},
		{"empty", func(l *slog.Logger) { l.Info("m", "v", "") }, `INFO m v=""`},
		{"forged line", func(l *slog.Logger) { l.Warn("m", "tag", "x\n[error] owned") }, `WARN m tag="x\n[error] owned"`},
		{"forged attribute", func(l *slog.Logger) { l.Warn("m", "tag", "x count=9") }, `WARN m tag="x count=9"`},
		{"forged key", func(l *slog.Logger) { l.Warn("m", "a b=c", 1) }, `WARN m "a b=c"=1`},
		{"terminal escape", func(l *slog.Logger) { l.Warn("m", "v", "\x1b[31m") }, `WARN m v="\x1b[31m"`},
		{"invalid UTF-8", func(l *slog.Logger) { l.Warn("m", "v", "a\xffb") }, `WARN m v="a\xffb"`},
		{"right to left", func(l *slog.Logger) { l.Warn("m", "v", "a\u202eb") }, `WARN m v="a\u202eb"`},
		{"message", func(l *slog.Logger) { l.Warn("a\r\nb\xff") }, `WARN a\r\nb\xff`},
		{"error last", func(l *slog.Logger) { l.Error("refused", "err", errors.New("log_window \"x\":\nno"), "n", 1) }, `ERROR refused n=1: log_window "x":\nno`},
		{"nil error", func(l *slog.Logger) { l.Error("m", "err", error(nil)) }, `ERROR m err=<nil>`},
		{"long value", func(l *slog.Logger) { l.Warn("m", "v", strings.Repeat("é", 300)) }, `WARN m v="` + strings.Repeat("é", 128) + `"(600 bytes)`},
		{"group", func(l *slog.Logger) {
			l.With("a", 1).WithGroup("g").With("b", 2).Info("m", slog.Group("h", "c", 3), "d", 4)
		}, "INFO m a=1 g.b=2 g.h.c=3 g.d=4"},
		{"time", func(l *slog.Logger) { l.Info("m", "t", time.Unix(0, 5e8)) }, "INFO m t=1970-01-01T00:00:00.5Z"},
		{"below the level", func(l *slog.Logger) { l.Debug("m") }, ""},
		{"stringer that panics", func(l *slog.Logger) { l.Info("m", "v", (*badStringer)(nil)) }, "INFO m v=<nil>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sink := &recorder{inCallback: true}
			tt.log(slog.New(NewHandler(sink, slog.LevelInfo)))
			if got := strings.Join(sink.lines, "|"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

type badStringer struct{ text string }

func (b *badStringer) String() string { return b.text }

func TestHandler_longLineIsContinued(t *testing.T) {
	sink := &recorder{inCallback: true}
	long := strings.Repeat("é", maxPrintBytes)
	slog.New(NewHandler(sink, slog.LevelInfo)).Error("x", "err", errors.New(long))
	if len(sink.lines) != 3 {
		t.Fatalf("%d lines, want 3", len(sink.lines))
	}
	var whole string
	for _, one := range sink.lines {
		one = strings.TrimPrefix(one, "ERROR ")
		if len(one) > maxPrintBytes || !utf8.ValidString(one) {
			t.Errorf("line of %d bytes, valid %v", len(one), utf8.ValidString(one))
		}
		whole += strings.TrimPrefix(one, continued)
	}
	if whole != "x: "+long {
		t.Errorf("the parts do not make up the text")
	}
}

func TestHandler_boundsHugeText(t *testing.T) {
	sink := &recorder{inCallback: true}
	slog.New(NewHandler(sink, slog.LevelInfo)).Error(strings.Repeat("\x01", 1<<20), "err", errors.New(strings.Repeat("x", 1<<20)))
	total := 0
	for _, one := range sink.lines {
		total += len(one)
	}
	if total > 2*maxTextBytes {
		t.Errorf("%d bytes printed", total)
	}
}

func TestHandler_ringWaitsForTheNextCallback(t *testing.T) {
	sink := &recorder{}
	h := NewHandler(sink, slog.LevelInfo)
	log := slog.New(h).With("who", "timer")
	log.Info("one")
	log.Info("two")
	h.Drain()
	if len(sink.lines) != 0 {
		t.Fatalf("printed outside of a callback: %q", sink.lines)
	}
	sink.set(true)
	log.Info("three")
	h.Drain()
	want := []string{"INFO one who=timer", "INFO two who=timer", "INFO three who=timer"}
	if !slices.Equal(sink.lines, want) || sink.misused {
		t.Errorf("got %q, misused %v", sink.lines, sink.misused)
	}
}

func TestHandler_ringKeepsTheNewestAndCounts(t *testing.T) {
	sink := &recorder{}
	h := NewHandler(sink, slog.LevelInfo)
	log := slog.New(h)
	for i := range ringEntries + 10 {
		log.Info("line", "i", i)
	}
	sink.set(true)
	h.Drain()
	if len(sink.lines) != ringEntries+1 {
		t.Fatalf("%d lines, want %d", len(sink.lines), ringEntries+1)
	}
	if want := "WARN log lines of the background were dropped count=10"; sink.lines[0] != want {
		t.Errorf("got %q, want %q", sink.lines[0], want)
	}
	for i, one := range sink.lines[1:] {
		if want := fmt.Sprintf("INFO line i=%d", i+10); one != want {
			t.Fatalf("line %d is %q, want %q", i, one, want)
		}
	}
}

func TestHandler_concurrent(t *testing.T) {
	sink := &recorder{}
	h := NewHandler(sink, slog.LevelInfo)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				slog.New(h).Info("x", "i", i)
			}
		})
	}
	wg.Wait()
	sink.set(true)
	for range 4 {
		wg.Go(h.Drain)
	}
	wg.Wait()
	if len(sink.lines) != 160 {
		t.Errorf("%d lines, want 160", len(sink.lines))
	}
}

func TestThrottle(t *testing.T) {
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var th Throttle
	steps := []struct {
		after  time.Duration
		reason string
		n      int64
		want   Summary
		due    bool
	}{
		{0, "bad_time", 2, Summary{"bad_time", 2, 0}, true},
		{time.Second, "bad_time", 5, Summary{}, false},
		{time.Second, "columns", 1, Summary{"columns", 1, 0}, true},
		{29 * time.Second, "bad_time", 1, Summary{}, false},
		{30 * time.Second, "bad_time", 1, Summary{"bad_time", 7, 30 * time.Second}, true},
		{31 * time.Second, "bad_time", 4, Summary{}, false},
		{-time.Hour, "bad_time", 1, Summary{"bad_time", 5, 0}, true},
	}
	for i, s := range steps {
		got, due := th.Add(s.reason, s.n, start.Add(s.after))
		if got != s.want || due != s.due {
			t.Errorf("step %d: got %+v %v, want %+v %v", i, got, due, s.want, s.due)
		}
	}
}

func TestThrottle_dueAndRest(t *testing.T) {
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var th Throttle
	for _, reason := range []string{"b", "a", "c"} {
		th.Add(reason, 1, start)
	}
	th.Add("b", 3, start.Add(time.Second))
	th.Add("a", 2, start.Add(time.Second))
	if got := th.Due(start.Add(29 * time.Second)); len(got) != 0 {
		t.Errorf("due too early: %+v", got)
	}
	want := []Summary{{"a", 2, Interval}, {"b", 3, Interval}}
	if got := th.Due(start.Add(Interval)); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	th.Add("c", 9, start.Add(2*time.Second))
	want = []Summary{{"c", 9, 3 * time.Second}}
	if got := th.Rest(start.Add(3 * time.Second)); !slices.Equal(got, want) {
		t.Errorf("rest %+v, want %+v", got, want)
	}
}

func TestThrottle_boundsReasons(t *testing.T) {
	var th Throttle
	now := time.Unix(1, 0)
	for i := range 10 * maxReasons {
		th.Add(fmt.Sprint("reason", i), 1, now)
	}
	if len(th.reasons) != maxReasons {
		t.Errorf("%d reasons, want %d", len(th.reasons), maxReasons)
	}
	rest := th.Rest(now)
	if want := int64(9*maxReasons + 1 - 1); len(rest) != 1 || rest[0].Reason != OtherReasons || rest[0].Count != want {
		t.Errorf("rest %+v, want %d of other", rest, want)
	}
}

func TestGuard(t *testing.T) {
	sink := &recorder{inCallback: true}
	g := NewGuard(slog.New(NewHandler(sink, slog.LevelInfo)))
	if !g.Run("flush", func() {}) || g.Panics() != 0 || len(sink.lines) != 0 {
		t.Fatalf("a call that returns was reported: %q", sink.lines)
	}
	if g.Run("flush", func() { panic("out\nof range") }) {
		t.Fatal("a panic was taken for a return")
	}
	if want := `ERROR BUG: a panic was stopped in=flush panic="out\nof range" count=1`; sink.lines[0] != want {
		t.Errorf("got %q, want %q", sink.lines[0], want)
	}
	if stack := strings.Join(sink.lines[1:], "\n"); !strings.Contains(stack, "TestGuard") {
		t.Errorf("no stack in\n%s", stack)
	}
	before := len(sink.lines)
	g.Run("flush", func() { panic(nil) })
	if len(sink.lines) != before+1 || g.Panics() != 2 {
		t.Errorf("second panic: %d lines, %d counted", len(sink.lines)-before, g.Panics())
	}
	done := make(chan struct{})
	g.Go("timer", func() { defer close(done); panic("x") })
	<-done
}
