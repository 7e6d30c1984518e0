// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"webshell/correlate"
)

// result is what became of a flood.
type result struct {
	Known     int           // attackers with every request, of four
	Coverage  string        // the worst of the shell's detections
	Clients   int64         // of the shell, as the detections say
	Records   int           // that were played
	Each      time.Duration // on average, of the processor's time, the timer's part included
	Tail      time.Duration // 99.9 per cent take less
	Longest   time.Duration
	Alert     time.Duration // from the alert to its last detection
	Growth    int64         // of the resident memory, at its peak
	Accounted int64
	Evicted   map[string]int64
	Fault     string
}

// recordsPerTick is what comes between two ticks of a second on a server that is flooded.
const recordsPerTick = 2000

// collectorPercent is how much garbage the collector may leave beside what is in use, as it is in the plugin once the
// state fills memory_limit. Half of the process's bound is for that, the rest for what the allocator has free among
// values of many sizes.
const collectorPercent = 25

// runEngine plays a flood to the engine itself. It is run in a process of its own, for the resident memory's sake.
func runEngine(fl *flood, limit int64) (res result) {
	debug.SetGCPercent(collectorPercent)
	o := correlate.DefaultOptions(correlate.Windows)
	o.MemoryLimit = limit
	c, err := correlate.New(o)
	if err != nil {
		return result{Fault: err.Error()}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	took := newHistogram()
	runtime.GC()
	before := resident("VmRSS")
	f := play(fl, func(r *correlate.Request) {
		start := cpuTime()
		c.AddRequest(r, r.Time)
		if took.n%recordsPerTick == 0 {
			c.Tick(r.Time)
		}
		took.add(cpuTime() - start)
	})
	now := correlate.At(f.now)
	start := cpuTime()
	c.AddAlert(shellAlert(now), now)
	for c.Step(now) {
	}
	res.Alert = cpuTime() - start
	res.judge(c.Take())
	res.Growth = resident("VmHWM") - before
	res.Records, res.Each, res.Tail, res.Longest = took.n, took.total/time.Duration(took.n), took.percentile(0.999), took.longest
	s := c.Stats()
	res.Accounted, res.Evicted = s.Bytes, s.Evicted
	return res
}

func shellAlert(t correlate.Instant) *correlate.Alert {
	return &correlate.Alert{
		Shape: correlate.ShapeSentinel, ID: "a1", Provider: "MDATP", Time: t, IsCloud: true,
		Files: []correlate.FileEntity{{Name: "shell.aspx", Host: correlate.NoHost, Listed: true}},
		Hosts: []correlate.HostEntity{{HostName: host, Listed: true}},
	}
}

func (res *result) judge(detections []*correlate.Detection) {
	for _, d := range detections {
		if d.ShellLocation != shell {
			continue
		}
		if attackers[d.AttackerIP] == d.RequestCount {
			res.Known++
		}
		if worse(d.Coverage, res.Coverage) {
			res.Coverage = d.Coverage
		}
		res.Clients = max(res.Clients, d.ClientsTotal)
	}
}

func worse(a, b string) bool {
	order := []string{"", "complete", "since", "partial"}
	return slices.Index(order, a) > slices.Index(order, b)
}

// faults names what is not as it should be.
func (res *result) faults(fl *flood, limit int64) (list []string) {
	want := func(ok bool, format string, args ...any) {
		if !ok {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	want(res.Fault == "", "%s", res.Fault)
	if fl.isLost {
		want(res.Known == len(attackers) || res.Coverage != "complete", "%d attackers known, coverage %s", res.Known, res.Coverage)
	} else {
		want(res.Known == len(attackers), "%d attackers known of %d", res.Known, len(attackers))
	}
	if fl.clients > 0 {
		off := math.Abs(float64(res.Clients)/float64(fl.clients) - 1)
		want(off < 0.15, "%d clients of the shell, want about %d", res.Clients, fl.clients)
	}
	want(res.Growth <= bound(limit), "resident memory grew by %d MiB, at most %d wanted", res.Growth>>20, bound(limit)>>20)
	return list
}

// bound is what the process may grow by.
func bound(limit int64) int64 { return limit + limit/4 + 16<<20 }

// histogram counts durations in classes of a sixteenth, so that no list of millions disturbs what is measured.
type histogram struct {
	classes [64 * 16]int
	n       int
	total   time.Duration
	longest time.Duration
}

func newHistogram() *histogram { return &histogram{} }

func (h *histogram) add(d time.Duration) {
	h.n++
	h.total += d
	h.longest = max(h.longest, d)
	h.classes[min(int(16*math.Log2(float64(max(d, 1)))), len(h.classes)-1)]++
}

func (h *histogram) percentile(p float64) time.Duration {
	left := int(p * float64(h.n))
	for class, n := range h.classes {
		if left -= n; left < 0 {
			return time.Duration(math.Exp2(float64(class+1) / 16))
		}
	}
	return h.longest
}
