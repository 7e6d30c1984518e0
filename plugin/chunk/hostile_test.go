// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

// sampleChunk has every shape of value in it once, good and bad.
func sampleChunk() []byte {
	old, wide := chunktest.Old(), chunktest.Framing{Header: true, Width: chunktest.W16, Text: chunktest.W32}
	return chunktest.Chunk(
		chunktest.Event(chunktest.TailFraming(), -1, 0, "group", 1),
		chunktest.Tail(`C:\inetpub\u_ex260302.log`, 70033, "GET /up/shell.aspx"),
		chunktest.Event(chunktest.Framing{Time: chunktest.Uint32}, secondsAtTen, 0, "log", []byte("binary"), 7, "number for a key"),
		chunktest.Append(nil, chunktest.Pairs{"metrics", []any{1.5, float32(2), nil, true}}),
		chunktest.Event(wide, secondsAtTen, 5, "payload", chunktest.Pairs{"sc-status", 404, "list", []any{-1, -200, -70000, int64(-5e9), uint64(1 << 63)}}),
		event("no time", chunktest.Pairs{}),
		chunktest.Event(old, secondsAtTen, 0, "ext", chunktest.Ext{Type: 5, Data: []byte("abc")}, []byte("key"), "v", "key", "w"),
		event(1, chunktest.Pairs{"deep", []any{[]any{[]any{[]any{1}}}}}),
		chunktest.Event(chunktest.TailFraming(), -2, 0),
	)
}

func TestReader_truncatedAnywhere(t *testing.T) {
	data := sampleChunk()
	for n := range len(data) + 1 {
		checkChunk(t, data[:n:n], testLimits)
	}
	whole := refChunk(data, testLimits)
	if !whole.clean || len(whole.events) != 4 || whole.skipped.BadEvent.Body != 2 {
		t.Fatalf("the sample is not what it should be: %+v", whole)
	}
}

func TestReader_truncatedIsNotClean(t *testing.T) {
	first := chunktest.Tail("a.log", 0, "first")
	data := chunktest.Chunk(first, chunktest.Tail("a.log", 7, "second"))
	for n := len(first) + 1; n < len(data); n++ {
		var r chunk.Reader
		if got := countEvents(&r, data[:n]); got != 1 {
			t.Fatalf("cut at %d of %d: %d events, want 1", n, len(data), got)
		}
		var e *chunk.Error
		if !errors.As(r.Err(), &e) || *e != (chunk.Error{Event: 1, Offset: len(first), Err: chunk.ErrTruncated}) {
			t.Fatalf("cut at %d of %d: %v, want event 1 at offset %d truncated", n, len(data), r.Err(), len(first))
		}
	}
}

func TestReader_corruptedAnywhere(t *testing.T) {
	data := sampleChunk()
	bad := make([]byte, len(data))
	for i := range data {
		for _, c := range []byte{0x00, 0x80, 0x90, 0xa5, 0xc0, 0xc1, 0xc6, 0xc9, 0xd8, 0xdb, 0xdd, 0xdf, 0xff, data[i] ^ 1, data[i] + 1} {
			copy(bad, data)
			bad[i] = c
			checkChunk(t, bad, testLimits)
		}
	}
}

func TestReader_malformed(t *testing.T) {
	first := chunktest.Tail("a.log", 0, "first")
	for name, rest := range map[string][]byte{
		"between events": {0xc1},
		"for a key":      {0x92, 0x01, 0x81, 0xc1, 0x01},
		"for a time":     {0x92, 0xc1, 0x80},
	} {
		var r chunk.Reader
		n := countEvents(&r, chunktest.Chunk(first, rest, first))
		want := chunk.Error{Event: 1, Offset: len(first), Err: chunk.ErrMalformed}
		var e *chunk.Error
		if !errors.As(r.Err(), &e) || *e != want || n != 1 {
			t.Errorf("%s: %d events, %v; want 1, %v", name, n, r.Err(), &want)
		}
		if _, ok := r.Next(); ok {
			t.Errorf("%s: an event behind the error", name)
		}
	}
}

// hostileHeaders claim what can't be there.
var hostileHeaders = map[string][]byte{
	"map32":                {0xdf, 0xff, 0xff, 0xff, 0xff},
	"array32":              {0xdd, 0xff, 0xff, 0xff, 0xff},
	"str32":                {0xdb, 0xff, 0xff, 0xff, 0xff},
	"bin32":                {0xc6, 0xff, 0xff, 0xff, 0xff},
	"ext32":                {0xc9, 0xff, 0xff, 0xff, 0xff, 0},
	"body map32":           {0x92, 0x01, 0xdf, 0xff, 0xff, 0xff, 0xff},
	"body map16":           {0x92, 0x01, 0xde, 0xff, 0xff},
	"metadata map32":       {0x92, 0x92, 0x01, 0xdf, 0xff, 0xff, 0xff, 0xff},
	"header array32":       {0x92, 0xdd, 0xff, 0xff, 0xff, 0xff},
	"key str32":            {0x92, 0x01, 0x81, 0xdb, 0xff, 0xff, 0xff, 0xff},
	"value map32":          {0x92, 0x01, 0x81, 0xa1, 'a', 0xdf, 0xff, 0xff, 0xff, 0xff},
	"value ext32":          {0x92, 0x01, 0x81, 0xa1, 'a', 0xc9, 0xff, 0xff, 0xff, 0xff, 0},
	"map32 of half of max": {0xdf, 0x7f, 0xff, 0xff, 0xff},
	"many array32":         bytes.Repeat([]byte{0xdd, 0xff, 0xff, 0xff, 0xff}, 1000),
	"many map32":           bytes.Repeat([]byte{0xdf, 0xff, 0xff, 0xff, 0xff}, 1000),
}

func TestReader_hostileHeaders(t *testing.T) {
	for name, header := range hostileHeaders {
		for _, behind := range []int{0, 1, 10} {
			data := append(bytes.Clone(header), make([]byte, behind)...)
			var r chunk.Reader
			allocs := testing.AllocsPerRun(10, func() {
				if n := countEvents(&r, data); n != 0 {
					t.Errorf("%s: %d events", name, n)
				}
			})
			if allocs != 0 {
				t.Errorf("%s: %v allocations", name, allocs)
			}
			if !errors.Is(r.Err(), chunk.ErrTruncated) {
				t.Errorf("%s and %d bytes: %v, want %v", name, behind, r.Err(), chunk.ErrTruncated)
			}
			exerciseValue(chunk.Value{Kind: chunk.MapKind, Raw: data}, 4)
		}
	}
}

// bombBytes is the size at which msgpack/v5's own Skip takes 256 MB of stack.
const bombBytes = 2 << 20

func TestReader_depthBombs(t *testing.T) {
	nest := func(code ...byte) []byte { return bytes.Repeat(code, bombBytes/len(code)) }
	tail := chunktest.Tail("a.log", 0, "behind")
	for _, test := range []struct {
		name string
		bomb []byte
		want chunk.Skipped
		err  error
	}{
		{"arrays, whole", append(nest(0x91), 0xc0), chunk.Skipped{NotAnEvent: 1}, nil},
		{"arrays of two, whole", append(nest(0x92, 0xc0), 0xc0), chunk.Skipped{BadEvent: chunk.BadEvents{Body: 1}}, nil},
		{"maps by value, whole", append(nest(0x81, 0xc0), 0xc0), chunk.Skipped{NotAnEvent: 1}, nil},
		{"maps by key, whole", append(nest(0x81), make([]byte, bombBytes+1)...), chunk.Skipped{NotAnEvent: 1}, nil},
		{"in a body, whole", append(append([]byte{0x92, 1, 0x81, 0xa1, 'a'}, nest(0x91)...), 0xc0), chunk.Skipped{BadEvent: chunk.BadEvents{TooDeep: 1}}, nil},
		{"in metadata, whole", append(append([]byte{0x92, 0x92, 1, 0x81, 0xa1, 'a'}, nest(0x91)...), 0xc0, 0x80), chunk.Skipped{BadEvent: chunk.BadEvents{TooDeep: 1}}, nil},
		{"arrays without end", nest(0x92), chunk.Skipped{}, chunk.ErrTruncated},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := test.bomb
			if test.err == nil {
				data = append(data, tail...)
			}
			var r chunk.Reader
			before := stackBytes()
			n := countEvents(&r, data)
			if grown := stackBytes() - before; grown > 1<<20 {
				t.Errorf("the stack grew by %d bytes", grown)
			}
			if got := r.Skipped(); got != test.want || !errors.Is(r.Err(), test.err) {
				t.Errorf("skipped %+v, error %v; want %+v, %v", got, r.Err(), test.want, test.err)
			}
			if want := len(data) - len(test.bomb); (n == 1) != (want > 0) {
				t.Errorf("%d events behind the bomb", n)
			}
			exerciseValue(chunk.Value{Raw: data}, 1)
			if _, err := chunk.Decode(chunk.Value{Raw: data}, chunk.DecodeLimits{}); err == nil {
				t.Error("decoded the bomb")
			}
		})
	}
}

func stackBytes() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}

// TestReader_flatBombs has hundreds of kilobytes of the shortest values and events.
func TestReader_flatBombs(t *testing.T) {
	for _, unit := range [][]byte{{0xc0}, {0x90}, {0x80}, {0x92, 0x01, 0x80}, {0x92, 0xff, 0x80}, {0x92, 0x01, 0x01}, {0x92, 0x91, 0x01, 0x80}} {
		values := bombBytes / 4 / len(unit)
		var r chunk.Reader
		events := countEventsIn(t, &r, bytes.Repeat(unit, values))
		s := r.Skipped()
		if got := events + s.GroupStart + s.GroupEnd + s.NotAnEvent + s.BadEvent.Total(); got != values {
			t.Errorf("% x: %d values accounted for, want %d", unit, got, values)
		}
	}
}

// TestReader_randomChunks walks random bytes made of the codes that matter.
func TestReader_randomChunks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	alphabet := []byte{0, 1, 2, 3, 0x80, 0x81, 0x82, 0x90, 0x91, 0x92, 0x92, 0x92, 0xa0, 0xa1, 0xc0, 0xc1, 0xc4, 0xc7, 0xca, 0xcc, 0xd0, 0xd4, 0xd7, 0xd9, 0xdc, 0xde, 0xdd, 0xdf, 0xff}
	for range 20_000 {
		data := make([]byte, rng.IntN(40))
		for i := range data {
			data[i] = alphabet[rng.IntN(len(alphabet))]
		}
		checkChunk(t, data, testLimits)
		exerciseValue(chunk.Value{Raw: data}, 8)
	}
}

// exerciseValue calls everything a Value has, down to depth levels.
func exerciseValue(v chunk.Value, depth int) {
	v.Bool()
	v.Int()
	v.Uint()
	v.Float()
	v.Ext()
	v.Bytes()
	_ = v.Kind.String()
	a, _ := v.Array()
	m, _ := v.Map()
	m.Get("a")
	if a.Len() < 0 || m.Len() < 0 || depth == 0 {
		return
	}
	const enough = 64 // children of one value that are looked at
	var key []byte
	var val chunk.Value
	n := 0
	for it := a.Iter(); n < enough && it.Next(&val); n++ {
		exerciseValue(val, depth-1)
	}
	for it := m.Iter(); n < enough && it.Next(&key, &val); n++ {
		exerciseValue(val, depth-1)
	}
}
