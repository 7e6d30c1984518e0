// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// world makes the steps of one seed.
type world struct {
	*rand.Rand
	isPlain bool // without what only `matching kql` joins on, and without what SPEC section 2 excludes from `windows`
	base    int64

	hosts, stems, sites, ips [][]byte
	names                    []string
	ids                      [][]byte
	sets                     [setCount][][]byte
	alertTimes, requestTimes []int64
	steps                    []step
}

// newWorld makes the world of a seed. Its kinds alternate, so that any run of seeds has all of them.
func newWorld(seed uint64, isPlain bool) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0x5E47)), isPlain: isPlain}
	w.base = time.Date(2015+w.IntN(15), time.Month(1+w.IntN(12)), 1+w.IntN(28), w.IntN(24), w.IntN(60), w.IntN(60), 0, time.UTC).UnixNano()
	w.choosePools()
	w.arriveAlerts(2 + w.IntN(12))
	w.arriveRequests(40 + w.IntN(260))
	switch seed % 10 {
	case 3:
		w.crowd(40 + w.IntN(180))
	case 7:
		w.hot(70 + w.IntN(150))
	}
	w.order(seed)
	w.cut()
	w.doBetween()
	return w
}

// pick gives one of list, with a preference for its head.
func pick[T any](w *world, list []T) T {
	if w.IntN(2) == 0 {
		return list[w.IntN(min(len(list), 3))]
	}
	return list[w.IntN(len(list))]
}

// some gives n values of list, in any order.
func some[T any](w *world, list []T, n int) (out []T) {
	for _, i := range w.Perm(len(list))[:min(n, len(list))] {
		out = append(out, list[i])
	}
	return out
}

func (w *world) choosePools() {
	for _, h := range some(w, hostNames, 2+w.IntN(5)) {
		w.hosts = append(w.hosts, []byte(h))
	}
	w.ids = [][]byte{[]byte("2518-a"), []byte("2518-b"), []byte("2518-A"), []byte("2518-c")}
	if !w.isPlain {
		w.hosts = append(w.hosts, some(w, oddHosts, w.IntN(4))...)
		w.ids = append(w.ids, []byte(""), nil)
	}
	w.ids = some(w, w.ids, 1+w.IntN(len(w.ids)))
	for range 2 + w.IntN(4) {
		name := fileBases[w.IntN(len(fileBases))] + fileEnds[w.IntN(len(fileEnds))]
		if w.IntN(2) == 0 {
			name = pick(w, fileBases[:3]) + pick(w, fileEnds[:12])
		}
		w.names = append(w.names, name)
		if w.IntN(2) == 0 {
			w.names = append(w.names, strings.ToUpper(name))
		}
	}
	for range 4 + w.IntN(12) {
		w.stems = append(w.stems, []byte(strings.ReplaceAll(pick(w, stemShapes), "*", pick(w, w.names))))
	}
	w.stems = append(w.stems, some(w, plainStems, 4)...)
	w.sites = some(w, siteNames, 1+w.IntN(4))
	w.ips = some(w, clientIPs, 1+w.IntN(6))
	for i := range w.sets {
		w.sets[i] = some(w, setValues[i], 1+w.IntN(len(setValues[i])))
	}
}

func (w *world) edge() int64 { return edges[w.IntN(len(edges))] }

// near is a time about an instant, often a whole second.
func (w *world) near(t, spread int64) int64 {
	t += w.Int64N(2*spread) - spread
	if w.IntN(3) > 0 {
		return t - t%second
	}
	return t - t%100
}

func (w *world) alertTime() int64 {
	switch n := w.IntN(10); {
	case n < 3 && len(w.alertTimes) > 0:
		return w.alertTimes[w.IntN(len(w.alertTimes))] + w.edge() + int64(w.IntN(2))*alertWindow
	case n < 8:
		return w.near(w.base, 2*hour)
	default:
		return w.near(w.base, 7*day)
	}
}

func (w *world) requestTime() int64 {
	a := w.alertTimes[w.IntN(len(w.alertTimes))]
	switch n := w.IntN(20); {
	case n < 6:
		return w.near(a, hour)
	case n < 9:
		return w.near(w.base-4*day, 6*day)
	case n < 13:
		return a - logWindow + w.edge()
	case n < 14:
		return a + alertWindow - logWindow + w.edge()
	case n < 15:
		return a + alertWindow + w.edge()
	case n < 17 && len(w.requestTimes) > 0:
		return w.requestTimes[w.IntN(len(w.requestTimes))] + pick(w, []int64{0, 0, logWindow, -logWindow}) + w.edge()
	case n < 18:
		return a + w.edge()
	default:
		return w.near(a+3*hour, 2*hour) // after the alert's hour
	}
}

func (w *world) arriveAlerts(n int) {
	for range n {
		a := w.alert(w.alertTime())
		w.alertTimes = append(w.alertTimes, a.time)
		w.steps = append(w.steps, step{kind: arriveAlert, at: w.arrival(a.time), alert: a})
	}
}

func (w *world) arriveRequests(n int) {
	for range n {
		w.arriveRequest(w.requestTime(), pick(w, w.stems), pick(w, w.ips), pick(w, w.hosts))
	}
}

func (w *world) arriveRequest(t int64, stem, ip, host []byte) {
	r := request{time: t}
	r.values[colHost], r.values[colSite], r.values[colIP], r.values[colStem] = host, pick(w, w.sites), ip, stem
	for i := range w.sets {
		r.values[colSets+i] = pick(w, w.sets[i])
	}
	w.requestTimes = append(w.requestTimes, t)
	at := w.arrival(t)
	if a := pick(w, w.alertTimes) + w.Int64N(alertWindow); a > t && w.IntN(4) == 0 {
		at = a // while an alert is active
	}
	w.steps = append(w.steps, step{kind: arriveRequest, at: at, request: r})
}

// crowd calls one script from many addresses.
func (w *world) crowd(n int) {
	stem, host, around := pick(w, w.stems), pick(w, w.hosts), pick(w, w.alertTimes)
	for i := range n {
		ip := fmt.Appendf(nil, "192.0.2.%d", i)
		w.arriveRequest(w.near(around-hour/2, hour), stem, ip, host)
	}
}

// hot calls one script very often from one address, over longer than the log window, half of it about the edge.
func (w *world) hot(n int) {
	stem, ip, host, edge := pick(w, w.stems), pick(w, w.ips), pick(w, w.hosts), pick(w, w.alertTimes)-logWindow
	for i := range n {
		t := w.near(w.base-3*day, 5*day)
		if i%2 == 0 {
			t = w.near(edge, hour)
		}
		w.arriveRequest(t, stem, ip, host)
	}
}

// arrival is when a record of time t comes in: mostly soon, at times late, at times very late or ahead of its time.
func (w *world) arrival(t int64) int64 {
	switch n := w.IntN(40); {
	case n < 22:
		return t + w.Int64N(minute)
	case n < 30:
		return t + w.Int64N(2*hour)
	case n < 35:
		return t + w.Int64N(logWindow)
	case n < 37:
		return t + logWindow + w.edge()
	case n < 38:
		return t + alertWindow + w.edge()
	case n < 39:
		return t - futureSlack + pick(w, []int64{0, 100, -100, -second, second})
	default:
		return t
	}
}

// order puts the steps in order of arrival. In every third world logs of another year are played: the wall clock stands
// far ahead of what is logged and hardly moves.
func (w *world) order(seed uint64) {
	slices.SortStableFunc(w.steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	if seed%3 != 0 {
		return
	}
	if w.IntN(3) == 0 {
		w.Shuffle(len(w.steps), func(i, j int) { w.steps[i], w.steps[j] = w.steps[j], w.steps[i] })
	}
	wall := w.base + 3*365*day
	for i := range w.steps {
		wall += 1e6 + w.Int64N(minute)/int64(1+w.IntN(100))
		w.steps[i].at = wall
	}
}

// cut has half of the worlds end soon after an alert came in: their last rows are those of an active alert.
func (w *world) cut() {
	if w.IntN(2) == 0 {
		return
	}
	var alerts []int
	for i := range w.steps {
		if w.steps[i].kind == arriveAlert {
			alerts = append(alerts, i)
		}
	}
	end := alerts[w.IntN(len(alerts))] + 1 + w.IntN(60)
	w.steps = w.steps[:min(end, len(w.steps))]
}

// doBetween puts what the plugin does by itself between the records, and the moments at which all rows are compared.
func (w *world) doBetween() {
	var steps []step
	ticks := w.IntN(3)
	for i := range w.steps {
		s := w.steps[i]
		steps = append(steps, s)
		if w.IntN(4) < ticks {
			steps = append(steps, step{kind: tick, at: s.at + w.Int64N(2*second)})
		}
		if w.IntN(10) < ticks {
			steps = append(steps, step{kind: lookBack, at: s.at})
		}
		if w.IntN(6) == 0 || s.kind == arriveAlert && w.IntN(2) == 0 {
			steps = append(steps, step{kind: look, at: s.at, now: w.moment()})
		}
		if w.IntN(60) == 0 {
			steps = append(steps, step{kind: drain, at: s.at})
		}
	}
	for i := 1; i < len(steps); i++ {
		steps[i].at = max(steps[i].at, steps[i-1].at)
	}
	w.steps = steps
}

// moment is one to look at: at the edge of a window, or long past, which means the engine's clock.
func (w *world) moment() int64 {
	switch w.IntN(4) {
	case 0:
		return pick(w, w.alertTimes) + alertWindow + w.edge()/100*100 + int64(w.IntN(3)-1)
	case 1:
		return w.requestTimes[w.IntN(len(w.requestTimes))] + logWindow + w.edge() + int64(w.IntN(3)-1)
	default:
		return 0
	}
}
