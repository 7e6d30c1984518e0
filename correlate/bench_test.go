// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// known is a client in few bytes, so that the benchmark itself touches little memory: a real request has just been
// read when it gets here.
type known struct {
	ip    [4]byte
	stem  uint16
	agent uint8
}

// population makes an engine that remembers n clients of about the ordinary mix, and gives them.
type population struct {
	c       *Correlator
	clients []known
	stems   [][]byte
	agents  [][]byte
	r       Request
	ip      []byte
	rnd     *rand.Rand
}

func populate(b *testing.B, n int) *population {
	b.Helper()
	p := &population{
		c:   newCorrelator(b, Windows, func(o *Options) { o.MemoryLimit = 1 << 30 }),
		rnd: rand.New(rand.NewPCG(1, 2)),
	}
	for i := range 400 {
		p.stems = append(p.stems, fmt.Appendf(nil, "/app/area%d/page%d.aspx", i%20, i))
	}
	for i := range 200 {
		p.agents = append(p.agents, fmt.Appendf(nil, "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+Chrome/%d.0.0.0", i))
	}
	defaults(p.rnd, 1, &p.r)
	var k known
	for i := 0; p.c.clients < n; i++ {
		if i%5 == 0 {
			k = known{ip: [4]byte{10, byte(p.rnd.Uint32()), byte(p.rnd.Uint32()), byte(p.rnd.Uint32())}, agent: uint8(p.rnd.IntN(200))}
		}
		k.stem = uint16(p.rnd.IntN(len(p.stems)))
		before := p.c.clients
		if p.add(k); p.c.clients > before {
			p.clients = append(p.clients, k)
		}
	}
	return p
}

// ask makes one request of a client.
func (p *population) ask(k known) {
	p.ip = p.ip[:0]
	for i, octet := range k.ip {
		if i > 0 {
			p.ip = append(p.ip, '.')
		}
		p.ip = strconv.AppendUint(p.ip, uint64(octet), 10)
	}
	p.r.ClientIP, p.r.URIStem, p.r.UserAgent = p.ip, p.stems[k.stem], p.agents[k.agent]
}

// add sends one request of a client.
func (p *population) add(k known) {
	p.ask(k)
	p.c.AddRequest(&p.r, p.r.Time)
}

// byTurns picks clients as they come on a server: a thousand of them are there at a time, each for some twenty requests.
func (p *population) byTurns() func() known {
	present := slices.Clone(p.clients[:min(len(p.clients), 1000)])
	i := 0
	return func() known {
		if i++; i%20 == 0 {
			present[p.rnd.IntN(len(present))] = p.clients[p.rnd.IntN(len(p.clients))]
		}
		return present[p.rnd.IntN(len(present))]
	}
}

// atRandom picks any client, so that nearly everything that is touched has to come from memory.
func (p *population) atRandom() func() known {
	return func() known { return p.clients[p.rnd.IntN(len(p.clients))] }
}

// BenchmarkAddRequest_known is what a request costs whose client and values are remembered, by how many are, and how much more
// than where one is. What the benchmark spends on making the request is measured beside it and taken off.
func BenchmarkAddRequest_known(b *testing.B) {
	for _, n := range []int{1000, 20_000, 1_000_000} {
		for _, way := range []struct {
			name string
			next func(*population) func() known
		}{{"turns", (*population).byTurns}, {"random", (*population).atRandom}} {
			b.Run(fmt.Sprintf("clients=%d/%s", n, way.name), func(b *testing.B) { benchKnown(b, n, way.next) })
		}
	}
}

// benchKnown measures the state of n clients beside an empty one, a block of requests at a time. Requests add to the
// state, so it is made anew before it is another one than was asked for.
func benchKnown(b *testing.B, n int, way func(*population) func() known) {
	const block = 4096
	empty := populate(b, 1)
	one := empty.atRandom()
	var p *population
	var next func() known
	limit := int64(0)
	blocks := []func(){
		func() { p.add(next()) },
		func() { p.ask(next()) },
		func() { empty.add(one()) },
		func() { empty.ask(one()) },
	}
	least := []time.Duration{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64}
	b.ReportAllocs()
	for b.Loop() {
		if p == nil || p.c.bytes() > limit {
			b.StopTimer()
			p = populate(b, n)
			next, limit = way(p), p.c.bytes()+p.c.bytes()/4
			b.StartTimer()
		}
		for i, f := range blocks {
			start := time.Now()
			for range block {
				f()
			}
			least[i] = min(least[i], time.Since(start))
		}
	}
	own, base := float64(least[0]-least[1])/block, float64(least[2]-least[3])/block
	b.ReportMetric(own, "ns/request")
	b.ReportMetric(base, "empty-ns/request")
	b.ReportMetric(own-base, "more-ns/request")
	b.ReportMetric(own/base, "x-empty")
	b.ReportMetric(float64(p.c.bytes())/float64(p.c.clients), "bytes/client")
}

// BenchmarkAddRequest_new is what a client costs that was not there, at the memory limit and below it.
func BenchmarkAddRequest_new(b *testing.B) {
	for _, limit := range []int64{16 << 20, 512 << 20} {
		b.Run(fmt.Sprintf("limit=%dM", limit>>20), func(b *testing.B) {
			p := populate(b, 1)
			p.c.opt.MemoryLimit = limit
			i := 0
			add := func() {
				p.add(known{ip: [4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}, stem: uint16(i) % 400, agent: uint8(i) % 200})
				i++
			}
			for range 100_000 {
				add()
			}
			measure(b, add)
			b.ReportMetric(float64(p.c.Stats().Evicted["fattest_script"])/float64(i), "evicted/op")
		})
	}
}

// measure runs f as often as it takes, and reports what it costs of the processor beside the clock.
func measure(b *testing.B, f func()) {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b.ReportAllocs()
	b.ResetTimer()
	start := cpuTime()
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64((cpuTime()-start).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// percentiles reports how long calls took, of the processor's time.
func percentiles(b *testing.B, took []time.Duration, name string) {
	slices.Sort(took)
	at := func(p float64) float64 { return float64(took[int(p*float64(len(took)-1))].Microseconds()) }
	b.ReportMetric(at(0.5), name+"-p50-µs")
	b.ReportMetric(at(0.99), name+"-p99-µs")
	b.ReportMetric(at(1), name+"-max-µs")
}

// BenchmarkAddAlert_shell is the time from an alert to its detections where a million clients are remembered, a
// hundred of them on the alerted script, what else these called included.
func BenchmarkAddAlert_shell(b *testing.B) {
	const shells, attackers = 200, 100
	c := newCorrelator(b, Windows, func(o *Options) { o.MemoryLimit = 512 << 20 })
	rnd := rand.New(rand.NewPCG(1, 2))
	next := ordinary(400, 5)
	var r Request
	for i := 0; c.clients < 1_000_000-shells*attackers; i++ {
		next(rnd, i/50, &r)
		c.AddRequest(&r, r.Time)
		if i%50 == 0 && i/50 < shells*attackers { // the same client, on a shell
			shell := r
			shell.URIStem = fmt.Appendf(nil, "/up/shell%d.aspx", i/50%shells)
			c.AddRequest(&shell, r.Time)
		}
	}
	b.Logf("%d clients, %d MiB", c.clients, c.bytes()>>20)
	var took []time.Duration
	detections := 0
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := 0; b.Loop(); i++ {
		a := alertOn(c.Clock(), fmt.Sprint("a", i), "WEB01", fmt.Sprintf("shell%d.aspx", i%shells))
		start := cpuTime()
		c.AddAlert(a, c.Clock().Add(time.Duration(i)*time.Hour))
		for c.Step(c.Clock()) {
		}
		took = append(took, cpuTime()-start)
		detections += len(c.Take())
	}
	percentiles(b, took, "alert")
	b.ReportMetric(float64(detections)/float64(len(took)), "detections/op")
}

// BenchmarkAddAlert_common is the longest that an alert on a script of 200 000 clients holds up a flush, and then its dismissal: one call of
// AddAlert, of Step, of Tick or of AddRequest meanwhile.
func BenchmarkAddAlert_common(b *testing.B) {
	for _, m := range []Matching{Windows, KQL} {
		b.Run(fmt.Sprintf("matching=%d", m), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				took = append(took, commonFile(b, m)...)
			}
			percentiles(b, took, "call")
		})
	}
}

func commonFile(b *testing.B, m Matching) (took []time.Duration) {
	b.StopTimer()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := newCorrelator(b, m, func(o *Options) { o.MemoryLimit = 512 << 20 })
	rnd := rand.New(rand.NewPCG(1, 2))
	var r Request
	for i := range 200_000 {
		oneScript(rnd, i, &r)
		c.AddRequest(&r, r.Time)
	}
	b.StartTimer()
	timed := func(f func()) {
		start := cpuTime()
		f()
		took = append(took, cpuTime()-start)
	}
	wall := c.Clock()
	timed(func() { c.AddAlert(alertOn(wall, "a", "WEB01", "default.aspx"), wall) })
	for i, more := 0, true; more; i++ {
		timed(func() { more = c.Step(wall) })
		timed(func() { c.AddRequest(&r, wall) })
		timed(func() { c.Tick(wall) })
		c.Take()
	}
	end := alertOn(wall, "a", "WEB01", "default.aspx")
	end.Status = StatusDismissed
	timed(func() { c.AddAlert(end, wall) })
	for more := true; more; {
		timed(func() { more = c.Step(wall) })
		c.Take()
	}
	return took
}
