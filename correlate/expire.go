// SPDX-License-Identifier: Apache-2.0

package correlate

import "slices"

// sweeper goes round the scripts and drops what has left the log window, a few clients at each tick.
type sweeper struct {
	script int // place in Correlator.all
	client int // how many of its clients were looked at
}

// sweepSteps is the number of clients looked at in a tick: a million within five minutes, about a millisecond each.
const sweepSteps = 4096

func (c *Correlator) expireSome() {
	for step := 0; step < sweepSteps && c.all.len() > 0; step++ {
		if c.sweep.script >= c.all.len() {
			c.sweep = sweeper{}
			return
		}
		s := c.all.at(c.sweep.script)
		n := s.size()
		if c.sweep.client >= n || c.keepsAll(s) {
			c.sweep = sweeper{script: c.sweep.script + 1}
			continue
		}
		cl := s.nth(n - 1 - c.sweep.client) // from the end: removal moves only what was looked at
		c.expireClient(cl)
		switch {
		case s.isGone: // another one stands in its place now
			c.sweep.client = 0
		case s.size() == n:
			c.sweep.client++
		}
	}
}

// keepsAll tells that nothing of s expires: an active alert names it (SPEC section 4).
func (c *Correlator) keepsAll(s *scriptHistory) bool {
	return c.opt.Matching == Windows && len(s.targets) > 0
}

// nth is the i-th client at home in s.
func (s *scriptHistory) nth(i int) *clientHistory {
	if i < len(s.first) {
		return s.first[i]
	}
	return s.later.at(i - len(s.first))
}

// expireClient drops what of cl has left the window.
func (c *Correlator) expireClient(cl *clientHistory) {
	for _, o := range cl.stem.others {
		if c.keepsAll(o.script) {
			return
		}
	}
	if r := cl.report; r != nil && r.due.index < 0 {
		if c.forgetEnded(cl); len(r.matches) == 0 {
			c.unpin(cl)
		}
	}
	if !c.inWindow(cl.newest) {
		c.stats.Expired += cl.requests()
		c.dropClient(cl)
		return
	}
	if c.opt.Matching == KQL && cl.count >= trimAt {
		c.trim(cl, func(v *visit) bool { return c.inWindow(v.time) })
	} else if cl.bulk != nil {
		c.trimBulk(cl)
	}
}

// trimAt is the number of visits from which on it is worth looking for old ones among them.
const trimAt = 64

// trim keeps the visits of cl for which keep says so, and counts the others as expired.
func (c *Correlator) trim(cl *clientHistory, keep func(*visit) bool) (gone int) {
	visits := c.decode(cl)
	kept := make([]visit, 0, len(visits))
	for i := range visits {
		if keep(&visits[i]) {
			kept = append(kept, visits[i])
		}
	}
	if gone = int(cl.count) - len(kept); gone == 0 {
		return 0
	}
	before := cap(cl.visits)
	c.rewrite(cl, visits, nil, kept)
	cl.visits = slices.Clone(cl.visits)
	c.chargeClient(cl, int64(cap(cl.visits)-before))
	c.stats.Expired += int64(gone)
	return gone
}

// trimBulk drops hours and values that have left the window.
func (c *Correlator) trimBulk(cl *clientHistory) {
	b := cl.bulk
	before := b.size()
	b.hours = slices.DeleteFunc(b.hours, func(h hour) bool {
		if c.inWindow(h.last) {
			return false
		}
		c.stats.Expired += h.requests
		return true
	})
	for i := range b.sets {
		b.sets[i].members = slices.DeleteFunc(b.sets[i].members, func(m member) bool {
			if c.inWindow(m.last) {
				return false
			}
			if id := textOf(setColumns[i], m.value); id != 0 {
				c.texts.release(id)
			}
			return true
		})
	}
	c.chargeClient(cl, b.size()-before)
}

// unsweep takes a script that is gone out of the sweep.
func (c *Correlator) unsweep(s *scriptHistory) {
	if last, isMoved := c.all.remove(int(s.sweepAt)); isMoved {
		last.sweepAt = s.sweepAt
	}
}

// compact makes maps anew that have become much smaller than they were: Go maps never give memory back. It does one
// at a time, the largest of which takes some milliseconds.
func (c *Correlator) compact() {
	c.shrink(&c.clientPeak, clientSlack)
	switch {
	case c.creatorsPeak.isSparse():
		c.creators = copyMap(c.creators)
		c.renew(&c.creatorsPeak, mapSlot)
	case c.hostPeak.isSparse():
		c.hosts, c.shortNames = copyMap(c.hosts), copyMap(c.shortNames)
		c.renew(&c.hostPeak, mapSlot)
	case c.watchPeak.isSparse():
		c.watches = copyMap(c.watches)
		c.renew(&c.watchPeak, watchSlot)
	case c.namePeak.isSparse():
		c.names = copyMap(c.names)
		c.renew(&c.namePeak, watchSlot)
	case c.awaitedPeak.isSparse():
		c.awaited = copyMap(c.awaited)
		c.renew(&c.awaitedPeak, mapSlot)
	case c.sweep.script < c.all.len():
		s := c.all.at(c.sweep.script)
		if s.peak.isSparse() {
			c.compactRecent(s)
		} else if h := s.host; h.peak.isSparse() {
			h.stems, h.scripts, h.callers = copyMap(h.stems), copyMap(h.scripts), copyMap(h.callers)
			c.renew(&h.peak, mapSlot)
		}
	}
}

func copyMap[K comparable, V any](m map[K]V) map[K]V {
	out := make(map[K]V, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// compactRecent rebuilds a list of recency that has shrunk, from the least recent on.
func (c *Correlator) compactRecent(s *scriptHistory) {
	order := s.recent.Keys()
	s.recent = newRecent()
	for _, cl := range order {
		s.recent.Add(cl, struct{}{})
	}
	c.renew(&s.peak, mapSlot)
}

// slim takes values off the heaviest client of the heaviest script, where the first clients of scripts alone fill the
// memory. False means that there is nothing to take.
func (c *Correlator) slim() bool {
	s, ok := c.heavy.fattest()
	if !ok || s.weight < c.opt.MemoryLimit/slimShare {
		return false
	}
	var fattest *clientHistory
	for _, cl := range s.first {
		if fattest == nil || cl.weight > fattest.weight {
			fattest = cl
		}
	}
	return fattest != nil && c.shed(fattest)
}

// slimShare of the memory limit is more than a script's first clients should take.
const slimShare = 32

// shed drops a client's optional values, under KQL its older half; false means that it has none.
func (c *Correlator) shed(cl *clientHistory) bool {
	if cl.weight < shedFloor {
		return false
	}
	if c.opt.Matching == KQL {
		return c.shedOldest(cl)
	}
	visits := c.decode(cl)
	bare := slices.Clone(visits)
	for i := range bare {
		for col := colUserAgent; col < colServerIP; col++ {
			if bare[i].vals[col] != 0 {
				bare[i].vals[col] = 0
				cl.marks |= cutOf(col)
			}
		}
	}
	before := int64(cap(cl.visits))
	firstN := 0
	if b := cl.bulk; b != nil {
		before += b.size()
		firstN = b.firstN
		c.shedSets(cl, b)
	}
	c.rewrite(cl, visits, bare[:firstN], bare[firstN:])
	after := int64(cap(cl.visits))
	if cl.bulk != nil {
		after += cl.bulk.size()
	}
	c.chargeClient(cl, after-before)
	c.bookClient(cl, clientBytes+after-cl.weight) // its texts are gone
	return true
}

// shedFloor is what a client weighs without values worth taking.
const shedFloor = 32 << 10

func (c *Correlator) shedSets(cl *clientHistory, b *bulk) {
	for i, col := range setColumns {
		set := &b.sets[i]
		if col >= colServerIP || len(set.members) <= 4 {
			continue
		}
		for _, m := range set.members[4:] {
			if id := textOf(col, m.value); id != 0 {
				c.texts.release(id)
			}
		}
		set.members = slices.Clip(set.members[:4])
		cl.marks |= cutOf(col)
	}
}

// shedOldest drops the older half of a client's requests.
func (c *Correlator) shedOldest(cl *clientHistory) bool {
	visits := c.decode(cl)
	if len(visits) < 2 {
		return false
	}
	times := make([]Instant, len(visits))
	for i := range visits {
		times[i] = visits[i].time
	}
	slices.Sort(times)
	edge := times[len(times)/2]
	gone := c.trim(cl, func(v *visit) bool { return v.time > edge })
	c.stats.Expired -= int64(gone)
	c.evicted[evictClient] += int64(gone)
	s := cl.stem.home
	s.lost = max(s.lost, edge)
	if cl.count == 0 {
		c.dropClient(cl)
	} else {
		c.bookClient(cl, clientBytes+int64(cap(cl.visits))-cl.weight)
	}
	return gone > 0
}
