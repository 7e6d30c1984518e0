// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"bytes"
	"fmt"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

// body encodes a record and gives its view.
func body(t *testing.T, f chunktest.Framing, pairs ...any) chunk.Map {
	t.Helper()
	var r chunk.Reader
	r.Reset(chunktest.Event(f, chunktest.TailTime, 0, pairs...), chunk.Limits{})
	ev, ok := r.Next()
	if !ok {
		t.Fatalf("no event: %v", r.Err())
	}
	return ev.Body
}

// What a stencil gives is what the iterator gives; where one thing is different, it gives nothing.
func TestStencil(t *testing.T) {
	learned := []any{"path", "a.log", "offset", 7, "log", "one", "host", "WEB01"}
	for _, tc := range []struct {
		name   string
		other  []any
		number uint64
		text   string
		ok     bool
	}{
		{"same", learned, 7, "one", true},
		{"other values", []any{"path", "a.log", "offset", 1 << 40, "log", "another line", "host", "WEB01"}, 1 << 40, "another line", true},
		{"16 bit", []any{"path", "a.log", "offset", 300, "log", "", "host", "WEB01"}, 300, "", true},
		{"32 bit", []any{"path", "a.log", "offset", 70000, "log", "x", "host", "WEB01"}, 70000, "x", true},
		{"8 bit", []any{"path", "a.log", "offset", 200, "log", "x", "host", "WEB01"}, 200, "x", true},
		{"long text", []any{"path", "a.log", "offset", 1, "log", string(make([]byte, 70000)), "host", "WEB01"}, 1, string(make([]byte, 70000)), true},
		{"other path", []any{"path", "b.log", "offset", 7, "log", "one", "host", "WEB01"}, 0, "", false},
		{"other host", []any{"path", "a.log", "offset", 7, "log", "one", "host", "WEB02"}, 0, "", false},
		{"negative", []any{"path", "a.log", "offset", -7, "log", "one", "host", "WEB01"}, 0, "", false},
		{"number is text", []any{"path", "a.log", "offset", "7", "log", "one", "host", "WEB01"}, 0, "", false},
		{"text is number", []any{"path", "a.log", "offset", 7, "log", 1, "host", "WEB01"}, 0, "", false},
		{"text is binary", []any{"path", "a.log", "offset", 7, "log", []byte("one"), "host", "WEB01"}, 0, "", false},
		{"text is list", []any{"path", "a.log", "offset", 7, "log", []any{"one"}, "host", "WEB01"}, 0, "", false},
		{"other order", []any{"path", "a.log", "log", "one", "offset", 7, "host", "WEB01"}, 0, "", false},
		{"one more", append(learned[:8:8], "x", 1), 0, "", false},
		{"one less", learned[:6], 0, "", false},
		{"empty", nil, 0, "", false},
	} {
		for width, f := range map[string]chunktest.Framing{"tail": chunktest.TailFraming(), "shortest": chunktest.New()} {
			t.Run(tc.name+"/"+width, func(t *testing.T) {
				var s chunk.Stencil
				if !s.Learn(body(t, f, learned...), "offset", "log") {
					t.Fatal("nothing learned")
				}
				number, text, ok := s.Match(body(t, f, tc.other...))
				if number != tc.number || string(text) != tc.text || ok != tc.ok {
					t.Errorf("got %d %.20q %v, want %d %.20q %v", number, text, ok, tc.number, tc.text, tc.ok)
				}
			})
		}
	}
}

func TestStencil_learn(t *testing.T) {
	for _, tc := range []struct {
		name  string
		pairs []any
		ok    bool
	}{
		{"log alone", []any{"log", "x"}, true},
		{"tail's order", []any{"path", "a", "offset", 1, "log", "x"}, true},
		{"number behind", []any{"log", "x", "offset", 1}, false},
		{"no text", []any{"offset", 1}, false},
		{"text twice", []any{"log", "x", "log", "y"}, false},
		{"number twice", []any{"offset", 1, "offset", 2, "log", "y"}, false},
		{"signed number", []any{"offset", -1, "log", "y"}, false},
		{"binary text", []any{"log", []byte("y")}, false},
		{"empty", nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s chunk.Stencil
			m := body(t, chunktest.TailFraming(), tc.pairs...)
			if ok := s.Learn(m, "offset", "log"); ok != tc.ok {
				t.Fatalf("learned %v, want %v", ok, tc.ok)
			}
			if _, _, ok := s.Match(m); ok != tc.ok {
				t.Errorf("fits its own body: %v, want %v", ok, tc.ok)
			}
			if s.Forget(); tc.ok {
				if _, _, ok := s.Match(m); ok {
					t.Error("fits after Forget")
				}
			}
		})
	}
	var zero chunk.Stencil
	if _, _, ok := zero.Match(chunk.Map{}); ok {
		t.Error("the zero Stencil fits")
	}
}

// A body cut anywhere, or with any byte changed, gives what the iterator gives or nothing.
func TestStencil_damaged(t *testing.T) {
	f := chunktest.TailFraming()
	whole := chunktest.Event(f, chunktest.TailTime, 0, "path", "a.log", "offset", 70000, "log", "a line", "host", "W")
	var s chunk.Stencil
	s.Learn(body(t, f, "path", "a.log", "offset", 70000, "log", "a line", "host", "W"), "offset", "log")
	for i := range whole {
		for _, b := range []byte{0, 1, 0x7f, 0xa0, 0xc1, 0xcc, 0xce, 0xcf, 0xd9, 0xdb, 0xdf, 0xff} {
			damaged := append([]byte{}, whole...)
			damaged[i] = b
			checkStencil(t, &s, damaged)
			checkStencil(t, &s, append(damaged, whole...))
		}
		checkStencil(t, &s, whole[:i])
		checkStencil(t, &s, append(append([]byte{}, whole...), whole[:i]...))
	}
}

// checkStencil reads data with the stencil and without: the events are the same, and what the stencil gives is what the
// map has.
func checkStencil(t *testing.T, s *chunk.Stencil, data []byte) {
	t.Helper()
	var with, without chunk.Reader
	with.Reset(data, chunk.Limits{})
	with.Expect(s)
	without.Reset(data, chunk.Limits{})
	for {
		ev, ok := with.Next()
		want, wantOK := without.Next()
		if ok != wantOK || fmt.Sprint(with.Err()) != fmt.Sprint(without.Err()) || with.Skipped() != without.Skipped() {
			t.Fatalf("% x: %v %v %+v, without the stencil %v %v %+v", data, ok, with.Err(), with.Skipped(), wantOK, without.Err(), without.Skipped())
		}
		if !ok {
			return
		}
		if ev.Time != want.Time || ev.Offset != want.Offset || !bytes.Equal(ev.Raw, want.Raw) {
			t.Fatalf("% x: %+v, without the stencil %+v", data, ev, want)
		}
		number, text, isAlike := s.Match(ev.Body)
		if isAlike != ev.IsAlike || isAlike && (number != ev.Number || !bytes.Equal(text, ev.Text)) {
			t.Fatalf("% x: the reader has %v %d %q, Match %v %d %q", data, ev.IsAlike, ev.Number, ev.Text, isAlike, number, text)
		}
		n, hasNumber := ev.Body.Get("offset")
		l, _ := ev.Body.Get("log")
		if u, isUint := n.Uint(); isAlike && (isUint != hasNumber || u != number || !bytes.Equal(text, l.Bytes())) {
			t.Fatalf("% x: stencil gives %d %q, the map %d %q", data, number, text, u, l.Bytes())
		}
	}
}

// FuzzStencil learns from each event of any chunk in turn, and reads the chunk by that.
func FuzzStencil(f *testing.F) {
	addSeeds(f)
	one := func(offset int, line string) []byte { return chunktest.Tail("a.log", uint64(offset), line) }
	f.Add(chunktest.Chunk(one(0, "a"), one(70000, "b"), one(1, string(make([]byte, 300)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r chunk.Reader
		r.Reset(data, chunk.Limits{})
		for range 8 {
			ev, ok := r.Next()
			if !ok {
				return
			}
			var s chunk.Stencil
			if s.Learn(ev.Body, "offset", "log") {
				checkStencil(t, &s, data)
			}
		}
	})
}
