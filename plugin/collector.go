// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// pacer tells Go's collector how much garbage it may leave: a quarter of what is in use, or collectorSlack where that
// is more. The runtime's default doubles the memory that a full state takes; a quarter alone has a small state
// collected all the time. The runtime is the process's own, so all instances pace it, each to the same end. GOGC in the
// environment is left alone.
type pacer struct {
	isOff   bool
	percent int
	live    [1]metrics.Sample
}

const (
	collectorPercent = 25
	collectorSlack   = 4 << 20 // a quarter of what a process may grow beside 1.25 times its memory_limit
	// collectorMost is for a heap that has just begun: it may have grown before it is looked at again.
	collectorMost = 100
)

func newPacer() *pacer {
	p := &pacer{isOff: os.Getenv("GOGC") != ""}
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
	want := collectorPercentFor(p.live[0].Value.Uint64())
	if 10*want > 9*p.percent && 10*want < 11*p.percent {
		return
	}
	p.percent = want
	debug.SetGCPercent(want)
}

// collectorPercentFor is how much may be garbage, in per cent of the live bytes.
func collectorPercentFor(live uint64) int {
	slack := uint64(collectorSlack) * 100
	if live < slack/collectorMost {
		return collectorMost
	}
	return max(int(slack/live), collectorPercent)
}
