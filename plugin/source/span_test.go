// SPDX-License-Identifier: Apache-2.0

package source

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Spans against a list of bytes: they are its runs, with gaps up to closeTo taken for nothing, and closed tells that a
// later one was reached.
func TestSpans(t *testing.T) {
	const size = 600
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 2))
		var s spans
		var seen [size + 80]bool
		for range 25 {
			from := int64(dice.IntN(size))
			to := from + 1 + int64(dice.IntN(30))
			wantClosed := slices.ContainsFunc(runs(seen[:]), func(r span) bool { return r.from > from && r.from <= to+closeTo })
			for i := from; i < to; i++ {
				seen[i] = true
			}
			if closed := s.add(from, to); closed != wantClosed {
				t.Fatalf("seed %d: add(%d, %d) closed %v, want %v", seed, from, to, closed, wantClosed)
			}
			if want := runs(seen[:]); !slices.Equal(s, want) {
				t.Fatalf("seed %d: add(%d, %d)\n got %v\nwant %v", seed, from, to, s, want)
			}
			if at := s.at(from); at.from > from || at.to < to {
				t.Fatalf("seed %d: [%d,%d) was added, it is in %v", seed, from, to, at)
			}
		}
	}
}

// runs are the runs of bytes that no more than closeTo bytes divide.
func runs(seen []bool) (all spans) {
	for i, is := range seen {
		at := int64(i)
		switch n := len(all); {
		case !is:
		case n > 0 && at <= all[n-1].to+closeTo:
			all[n-1].to = at + 1
		default:
			all = append(all, span{at, at + 1})
		}
	}
	return all
}

// Too many gaps: the smallest is forgotten, and the order is kept.
func TestSpans_bounded(t *testing.T) {
	var s spans
	for i := range int64(10000) {
		from := i * 7919 % 10007 * 100
		s.add(from, from+50)
		if len(s) > maxSpans {
			t.Fatalf("%d spans, limit %d", len(s), maxSpans)
		}
		for j := 1; j < len(s); j++ {
			if s[j].from <= s[j-1].to+closeTo || s[j].to < s[j].from {
				t.Fatalf("spans %v: number %d", s, j)
			}
		}
	}
}
