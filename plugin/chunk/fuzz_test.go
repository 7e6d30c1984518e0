// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"errors"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

// fuzzBytes bounds the inputs: the reference recurses.
const fuzzBytes = 1 << 14

func addSeeds(f *testing.F) {
	f.Add([]byte{})
	f.Add(sampleChunk())
	f.Add(chunktest.Tail(`C:\inetpub\logs\u_ex260302.log`, 70033, "GET /up/shell.aspx"))
	eachFraming(func(fr chunktest.Framing, _ uint32, _ string) {
		if fr.Text != fr.Width {
			return // one of each is enough to start from
		}
		f.Add(chunktest.Event(fr, secondsAtTen, 250e6, "log", "x", "n", []any{-1, 2.5, nil}))
	})
	for _, header := range hostileHeaders {
		f.Add(header)
	}
}

// FuzzReader holds the walk over any bytes to the reference: the same events, the
// same counts, and an error at the very place where the reference stops.
func FuzzReader(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzBytes {
			t.Skip("longer than the reference can recurse")
		}
		checkChunk(t, data, testLimits)
		checkChunk(t, data, chunk.Limits{Depth: chunk.MaxDepth, Count: fuzzBytes, Bytes: fuzzBytes})
		exerciseValue(chunk.Value{Raw: data}, 8)
	})
}

// FuzzDecode holds Decode of any bytes to the reference and to its limits.
func FuzzDecode(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzBytes {
			t.Skip("longer than the reference can recurse")
		}
		lim := chunk.DecodeLimits{Depth: 8, Values: 1000, Bytes: 4096}
		got, err := chunk.Decode(chunk.Value{Raw: data}, lim)
		want, rest, refErr := refValue(data)
		switch {
		case errors.Is(err, chunk.ErrTooDeep):
			if refErr == nil && refDepth(want) <= lim.Depth {
				t.Fatalf("% x: %v at a depth of %d", data, err, refDepth(want))
			}
		case errors.Is(err, chunk.ErrTooLarge):
			if refErr == nil && len(data) <= lim.Bytes && refCount(want) <= lim.Values {
				t.Fatalf("% x: %v with %d values", data, err, refCount(want))
			}
		case (err == nil) != (refErr == nil):
			t.Fatalf("% x: error %v, want %v", data, err, refErr)
		case err == nil:
			if refDepth(want) > lim.Depth || refCount(want) > lim.Values || len(data) > lim.Bytes {
				t.Fatalf("% x: decoded beyond the limits", data)
			}
			if want = refPlain(want); !samePlain(got, want) {
				t.Fatalf("% x (%d behind): %#v, want %#v", data, len(rest), got, want)
			}
		}
	})
}

// refCount is how many values are in v, itself and keys counted.
func refCount(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += refCount(e)
		}
	case refMap:
		for _, p := range v {
			n += refCount(p.key) + refCount(p.val)
		}
	}
	return n
}
