// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"errors"
	"math"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

const secondsAtTen = chunktest.TailTime // 2026-03-02T10:00:07Z

var widths = []chunktest.Width{chunktest.Shortest, chunktest.W8, chunktest.W16, chunktest.W32}

var timeForms = []struct {
	name string
	form chunktest.Time
	nsec uint32 // what is left of 250 ms
}{
	{"fixext8", chunktest.EventTime, 250e6},
	{"ext8", chunktest.EventTimeExt8, 250e6},
	{"uint32", chunktest.Uint32, 0},
	{"uint64", chunktest.Uint64, 0},
	{"int32", chunktest.Int32, 0},
	{"int64", chunktest.Int64, 0},
	{"float64", chunktest.Float64, 250e6},
}

// eachFraming calls f with every framing, header width and form of time.
func eachFraming(f func(fr chunktest.Framing, nsec uint32, name string)) {
	for _, header := range []bool{false, true} {
		for _, width := range widths {
			for _, text := range widths {
				for _, form := range timeForms {
					fr := chunktest.Framing{Header: header, Width: width, Text: text, Time: form.form}
					name := "old framing, "
					if header {
						name = "new framing, "
						fr.Metadata = chunktest.Pairs{"otlp", chunktest.Pairs{"severity", 9}}
					}
					f(fr, form.nsec, name+form.name)
				}
			}
		}
	}
}

func TestReader_everyFraming(t *testing.T) {
	eachFraming(func(fr chunktest.Framing, nsec uint32, name string) {
		data := chunktest.Event(fr, secondsAtTen, 250e6, "log", "GET /a.aspx", "n", 7)
		var r chunk.Reader
		r.Reset(data, chunk.Limits{})
		ev, ok := r.Next()
		if !ok {
			t.Fatalf("%s %+v: no event: %v %+v", name, fr, r.Err(), r.Skipped())
		}
		if want := int64(secondsAtTen)*1e9 + int64(nsec); ev.Time != want || !ev.HasTime {
			t.Errorf("%s: time %d, want %d", name, ev.Time, want)
		}
		if want := len(fr.Metadata) / 2; ev.Metadata.Len() != want {
			t.Errorf("%s: metadata of %d entries, want %d", name, ev.Metadata.Len(), want)
		}
		if line, _ := ev.Body.Get("log"); string(line.Bytes()) != "GET /a.aspx" {
			t.Errorf("%s: log is %q", name, line.Bytes())
		}
		if _, ok := r.Next(); ok || r.Err() != nil {
			t.Errorf("%s: second event %v, error %v", name, ok, r.Err())
		}
		checkChunk(t, data, chunk.Limits{Depth: 64, Count: 100, Bytes: 1000})
	})
}

func TestReader_groupMarkers(t *testing.T) {
	for _, form := range timeForms {
		for _, header := range []bool{false, true} {
			fr := chunktest.Framing{Header: header, Width: chunktest.W32, Time: form.form}
			data := chunktest.Chunk(
				chunktest.Event(fr, -1, 0, "resource", "web"),
				chunktest.Tail("a.log", 0, "x"),
				chunktest.Event(fr, -2, 0),
			)
			var r chunk.Reader
			if n := countEventsIn(t, &r, data); n != 1 && form.form != chunktest.Uint64 {
				t.Errorf("%s: %d events, want 1", form.name, n)
			}
			want := chunk.Skipped{GroupStart: 1, GroupEnd: 1}
			if form.form == chunktest.Uint64 {
				want = chunk.Skipped{BadEvent: chunk.BadEvents{Time: 2}} // 1<<64-1 is no marker
			}
			if got := r.Skipped(); got != want {
				t.Errorf("%s: skipped %+v, want %+v", form.name, got, want)
			}
		}
	}
}

// countEventsIn walks a chunk that has to end clean.
func countEventsIn(t *testing.T, r *chunk.Reader, data []byte) int {
	t.Helper()
	n := countEvents(r, data)
	if err := r.Err(); err != nil {
		t.Fatalf("% x: %v", data, err)
	}
	return n
}

func event(stamp, body any) []byte {
	return chunktest.Append(nil, []any{stamp, body})
}

func eventTime(sec, nsec uint32) chunktest.Ext {
	b := make([]byte, 8)
	for i := range 4 {
		b[i], b[4+i] = byte(sec>>(24-8*i)), byte(nsec>>(24-8*i))
	}
	return chunktest.Ext{Data: b}
}

func TestReader_time(t *testing.T) {
	const bad = int64(math.MinInt64) // marks a bad time
	for _, test := range []struct {
		name  string
		stamp any
		want  int64
	}{
		{"zero", 0, 0},
		{"small integer", 5, 5e9},
		{"16 bits", 300, 300e9},
		{"last second of uint32 that is no marker", eventTime(0xfffffffd, 999999999), 0xfffffffd*1e9 + 999999999},
		{"last that nanoseconds hold", int64(9223372035), 9223372035e9},
		{"one more", int64(9223372036), bad},
		{"milliseconds", int64(secondsAtTen * 1000), bad},
		{"largest uint64", uint64(math.MaxUint64), bad},
		{"before 1970", -3, bad},
		{"far before", int64(math.MinInt64), bad},
		{"nanoseconds of a second and more", eventTime(1, 1e9), bad},
		{"float", 1.5, 15e8},
		{"float of 32 bits", float32(0.5), 5e8},
		{"float between the markers", -1.5, bad},
		{"float just before 1970", -0.25, bad},
		{"negative zero", math.Copysign(0, -1), 0},
		{"NaN", math.NaN(), bad},
		{"infinite", math.Inf(1), bad},
		{"minus infinite", math.Inf(-1), bad},
		{"float out of range", 1e300, bad},
		{"ext of another type", chunktest.Ext{Type: 1, Data: make([]byte, 8)}, bad},
		{"msgpack's own timestamp", chunktest.Ext{Type: -1, Data: make([]byte, 8)}, bad},
		{"ext too short", chunktest.Ext{Data: make([]byte, 7)}, bad},
		{"ext too long", chunktest.Ext{Data: make([]byte, 9)}, bad},
		{"string", "2026-03-02", bad},
		{"bool", true, bad},
		{"map", chunktest.Pairs{}, bad},
	} {
		for _, framing := range []string{"old", "new"} {
			stamp := test.stamp
			if framing == "new" {
				stamp = []any{stamp, chunktest.Pairs{}}
			}
			data := event(stamp, chunktest.Pairs{"log", "x"})
			var r chunk.Reader
			r.Reset(data, chunk.Limits{})
			ev, ok := r.Next()
			if ok != (test.want != bad) || ok && ev.Time != test.want {
				t.Errorf("%s, %s framing: %v %+v, want time %d", test.name, framing, ok, ev, test.want)
			}
			want := 0
			if test.want == bad {
				want = 1
			}
			if got := r.Skipped().BadEvent.Time; got != want || errors.Is(r.FirstBad(), chunk.ErrTime) != !ok {
				t.Errorf("%s, %s framing: %d bad times (%v), want %d", test.name, framing, got, r.FirstBad(), want)
			}
			checkChunk(t, data, chunk.Limits{Depth: 64, Count: 100, Bytes: 1000})
		}
	}
}

func TestReader_noTime(t *testing.T) {
	var r chunk.Reader
	r.Reset(chunktest.Event(chunktest.Framing{Header: true, Time: chunktest.NoTime}, 0, 0, "a", 1), chunk.Limits{})
	if ev, ok := r.Next(); !ok || ev.HasTime || ev.Time != 0 {
		t.Errorf("nil timestamp: %v %+v, want an event without time", ok, ev)
	}
}

func TestReader_skipsAndGoesOn(t *testing.T) {
	body := chunktest.Pairs{"log", "x"}
	deep := any(1)
	for range chunk.MaxDepth {
		deep = []any{deep}
	}
	wide := make([]any, chunk.DefaultCount+1)
	for _, test := range []struct {
		name  string
		value any
		want  chunk.Skipped
		err   error // FirstBad
	}{
		{"metrics", chunktest.Pairs{"meta", chunktest.Pairs{}, "metrics", []any{1}}, chunk.Skipped{NotAnEvent: 1}, nil},
		{"nil", nil, chunk.Skipped{NotAnEvent: 1}, nil},
		{"bare integer", 1, chunk.Skipped{NotAnEvent: 1}, nil},
		{"bare string", "GET /", chunk.Skipped{NotAnEvent: 1}, nil},
		{"empty array", []any{}, chunk.Skipped{NotAnEvent: 1}, nil},
		{"one element", []any{1}, chunk.Skipped{NotAnEvent: 1}, nil},
		{"three elements", []any{1, body, 2}, chunk.Skipped{NotAnEvent: 1}, nil},
		{"body is a string", []any{1, "x"}, chunk.Skipped{BadEvent: chunk.BadEvents{Body: 1}}, chunk.ErrBody},
		{"body is nil", []any{1, nil}, chunk.Skipped{BadEvent: chunk.BadEvents{Body: 1}}, chunk.ErrBody},
		{"header of one", []any{[]any{1}, body}, chunk.Skipped{BadEvent: chunk.BadEvents{Header: 1}}, chunk.ErrHeader},
		{"header of three", []any{[]any{1, body, 1}, body}, chunk.Skipped{BadEvent: chunk.BadEvents{Header: 1}}, chunk.ErrHeader},
		{"metadata is a string", []any{[]any{1, "x"}, body}, chunk.Skipped{BadEvent: chunk.BadEvents{Header: 1}}, chunk.ErrHeader},
		{"body too deep", []any{1, chunktest.Pairs{"a", deep}}, chunk.Skipped{BadEvent: chunk.BadEvents{TooDeep: 1}}, chunk.ErrTooDeep},
		{"key too deep", []any{1, chunktest.Pairs{deep, "a"}}, chunk.Skipped{BadEvent: chunk.BadEvents{TooDeep: 1}}, chunk.ErrTooDeep},
		{"metadata too deep", []any{[]any{1, chunktest.Pairs{"a", deep}}, body}, chunk.Skipped{BadEvent: chunk.BadEvents{TooDeep: 1}}, chunk.ErrTooDeep},
		{"array too wide", []any{1, chunktest.Pairs{"a", wide}}, chunk.Skipped{BadEvent: chunk.BadEvents{TooLarge: 1}}, chunk.ErrTooLarge},
		{"marker without a body", []any{-1, nil}, chunk.Skipped{BadEvent: chunk.BadEvents{Body: 1}}, chunk.ErrBody},
	} {
		t.Run(test.name, func(t *testing.T) {
			first := chunktest.Tail("a.log", 0, "before")
			data := chunktest.Chunk(first, chunktest.Append(nil, test.value), chunktest.Tail("a.log", 8, "behind"))
			var r chunk.Reader
			if n := countEventsIn(t, &r, data); n != 2 {
				t.Errorf("%d events, want 2", n)
			}
			if got := r.Skipped(); got != test.want {
				t.Errorf("skipped %+v, want %+v", got, test.want)
			}
			if !errors.Is(r.FirstBad(), test.err) {
				t.Errorf("first bad event: %v, want %v", r.FirstBad(), test.err)
			}
			var e *chunk.Error
			if errors.As(r.FirstBad(), &e) && (e.Event != 1 || e.Offset != len(first)) {
				t.Errorf("first bad event: %v, want event 1 at offset %d", e, len(first))
			}
		})
	}
}

func TestReader_limits(t *testing.T) {
	data := chunktest.Event(chunktest.TailFraming(), secondsAtTen, 0, "a", []any{[]any{1, 2, 3}}, "b", 1, "c", 2)
	size := len(data)
	for _, test := range []struct {
		name string
		lim  chunk.Limits
		want error
	}{
		{"at every limit", chunk.Limits{Depth: 3, Count: 3, Bytes: size}, nil},
		{"depth", chunk.Limits{Depth: 2}, chunk.ErrTooDeep},
		{"depth of one", chunk.Limits{Depth: 1}, chunk.ErrTooDeep},
		{"count", chunk.Limits{Count: 2}, chunk.ErrTooLarge},
		{"bytes", chunk.Limits{Bytes: size - 1}, chunk.ErrTooLarge},
		{"beyond what can be allowed", chunk.Limits{Depth: 1 << 30, Count: -1, Bytes: -1}, nil},
	} {
		var r chunk.Reader
		r.Reset(data, test.lim)
		_, ok := r.Next()
		if ok != (test.want == nil) || !errors.Is(r.FirstBad(), test.want) || r.Err() != nil {
			t.Errorf("%s: event %v, %v, error %v; want %v", test.name, ok, r.FirstBad(), r.Err(), test.want)
		}
	}
}

func TestError_text(t *testing.T) {
	err := &chunk.Error{Event: 17, Offset: 4182, Err: chunk.ErrTruncated}
	if got, want := err.Error(), "event 17 at offset 4182: data ends inside a value"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestReader_zeroAndReset(t *testing.T) {
	var r chunk.Reader
	if _, ok := r.Next(); ok || r.Err() != nil || r.FirstBad() != nil {
		t.Errorf("zero Reader: event %v, error %v", ok, r.Err())
	}
	r.Reset([]byte{0xc1}, chunk.Limits{})
	if _, ok := r.Next(); ok || !errors.Is(r.Err(), chunk.ErrMalformed) {
		t.Errorf("event %v, error %v, want %v", ok, r.Err(), chunk.ErrMalformed)
	}
	if n := countEventsIn(t, &r, chunktest.Tail("a", 1, "b")); n != 1 || r.Skipped() != (chunk.Skipped{}) {
		t.Errorf("after Reset: %d events, skipped %+v", n, r.Skipped())
	}
}
