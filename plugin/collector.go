// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// pacer tells Go's collector how much garbage it may leave: a quarter of memory_limit, or of what is in use where that
// is more. The runtime's default doubles the memory that a full state takes; a quarter of what is in use alone has a
// state that still grows collected all the time. The runtime is the process's own: of several instances the one decides
// that changed its mind last, each within what the process may grow by. GOGC in the environment is left alone.
type pacer struct {
	isOff   bool
	slack   uint64 // bytes
	percent int
	live    [1]metrics.Sample
}

const (
	collectorPercent = 25
	// collectorMost is for a heap that has just begun: it may have grown before it is looked at again.
	collectorMost = 100
)

func newPacer(memoryLimit int64) *pacer {
	p := &pacer{isOff: os.Getenv("GOGC") != "", slack: uint64(memoryLimit) * collectorPercent / 100}
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
	if live <= p.slack*100/collectorMost {
		return collectorMost
	}
	return max(int(p.slack*100/live), collectorPercent)
}
