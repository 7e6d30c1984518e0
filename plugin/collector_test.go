// SPDX-License-Identifier: Apache-2.0

package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestCollectorPercentFor(t *testing.T) {
	for _, tc := range []struct {
		live uint64
		want int
	}{
		{0, 100}, {1, 100}, {1 << 20, 100}, {4 << 20, 100}, {8 << 20, 50}, {16 << 20, 25}, {32 << 20, 25}, {64 << 20, 25},
		{65 << 20, 25}, {1 << 30, 25}, {1 << 62, 25},
	} {
		if got := collectorPercentFor(tc.live); got != tc.want {
			t.Errorf("%d MiB live: %d%%, want %d%%", tc.live>>20, got, tc.want)
		}
	}
}

// The runtime follows what is live; a GOGC of the administrator's stays.
func TestPacer(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	t.Setenv("GOGC", "77")
	newPacer().pace()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("GOGC=77 became %d", got)
	}
	t.Setenv("GOGC", "")
	p := newPacer()
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
	if got := debug.SetGCPercent(collectorPercent); got <= collectorPercent || got > collectorMost {
		t.Errorf("%d%% with a small heap, want more than %d%%", got, collectorPercent)
	}
	if n := testing.AllocsPerRun(100, p.pace); n > 0 {
		t.Errorf("%.0f allocations", n)
	}
}
