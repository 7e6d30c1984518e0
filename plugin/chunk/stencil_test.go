// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
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
		}
		checkStencil(t, &s, whole[:i])
	}
}

func checkStencil(t *testing.T, s *chunk.Stencil, data []byte) {
	t.Helper()
	var r chunk.Reader
	r.Reset(data, chunk.Limits{})
	for {
		ev, ok := r.Next()
		if !ok {
			return
		}
		number, text, ok := s.Match(ev.Body)
		if !ok {
			continue
		}
		n, _ := ev.Body.Get("offset")
		l, _ := ev.Body.Get("log")
		want, isUint := n.Uint()
		if got := fmt.Sprint(number, string(text)); !isUint || got != fmt.Sprint(want, string(l.Bytes())) {
			t.Fatalf("% x: stencil gives %s, the map %d %q", data, got, want, l.Bytes())
		}
	}
}
