// SPDX-License-Identifier: Apache-2.0

package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestPacer_percentFor(t *testing.T) {
	const mib = 1 << 20
	for _, tc := range []struct {
		limit, live uint64 // MiB
		want        int
	}{
		{1, 0, 100}, {1, 1, 25}, {16, 0, 400}, {16, 1, 400}, {16, 4, 300}, {16, 8, 100}, {16, 12, 33}, {16, 16, 25}, {16, 32, 25},
		{64, 1, 1600}, {64, 4, 1500}, {64, 16, 300}, {64, 32, 100}, {64, 60, 26}, {64, 64, 25}, {64, 65, 25}, {64, 1 << 20, 25},
		{1024, 256, 300}, {1024, 1024, 25},
	} {
		if got := newPacer(int64(tc.limit * mib)).percentFor(tc.live * mib); got != tc.want {
			t.Errorf("limit %d MiB, %d MiB live: %d%%, want %d%%", tc.limit, tc.live, got, tc.want)
		}
	}
}

// The runtime follows what is live; a GOGC of the administrator's stays.
func TestPacer(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	t.Setenv("GOGC", "77")
	newPacer(64 << 20).pace()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("GOGC=77 became %d", got)
	}
	t.Setenv("GOGC", "")
	const limit = 64 << 20
	p := newPacer(limit)
	func() {
		heap := make([]byte, 200<<20)
		runtime.GC()
		p.pace()
		runtime.KeepAlive(heap)
	}()
	if got := debug.SetGCPercent(collectorPercent); got != collectorPercent {
		t.Errorf("%d%% with a large heap, want %d%%", got, collectorPercent)
	}
	runtime.GC()
	p.pace()
	if got, most := debug.SetGCPercent(collectorPercent), limit/leastHeap*100; got <= collectorPercent || got > most {
		t.Errorf("%d%% with a small heap, want more than %d%% and %d%% at most", got, collectorPercent, most)
	}
	if n := testing.AllocsPerRun(100, p.pace); n > 0 {
		t.Errorf("%.0f allocations", n)
	}
}
