// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// pacer tells Go's collector how much garbage it may leave: what memory_limit has left, for a state that is small need not
// be gone through again and again while it grows; and a quarter of what is in use, or of memory_limit where that is more,
// once the state fills it. The runtime's default doubles the memory that a full state takes. The runtime is the process's
// own: of several instances the one decides that changed its mind last, each within what the process may grow by. GOGC in
// the environment is left alone.
type pacer struct {
	isOff   bool
	limit   uint64 // bytes: memory_limit
	percent int
	live    [1]metrics.Sample
}

// collectorPercent is how much of what is in use, or of memory_limit, may always be garbage.
const collectorPercent = 25

// leastHeap is what Go's collector takes for the least heap at 100 per cent; it grows with the percentage.
const leastHeap = 4 << 20

func newPacer(memoryLimit int64) *pacer {
	p := &pacer{isOff: os.Getenv("GOGC") != "", limit: uint64(memoryLimit)}
	p.live[0].Name = "/gc/heap/live:bytes"
	return p
}

// pace looks at the heap, which takes some hundred nanoseconds; the setting is only touched when it is off by a tenth.
func (p *pacer) pace() {
	if p.isOff {
		return
	}
	metrics.Read(p.live[:])
	if p.live[0].Value.Kind() != metrics.KindUint64 {
		return
	}
	want := p.percentFor(p.live[0].Value.Uint64())
	if 10*want > 9*p.percent && 10*want < 11*p.percent {
		return
	}
	p.percent = want
	debug.SetGCPercent(want)
}

// percentFor is how much may be garbage, in per cent of the live bytes.
func (p *pacer) percentFor(live uint64) int {
	fill := max(p.limit, live)
	slack := max(fill*collectorPercent/100, fill-live)
	most := max(p.limit, leastHeap) * 100 / leastHeap // else the least heap would be more than memory_limit
	return int(min(slack*100/max(live, 1), most))
}
