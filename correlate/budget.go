// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"hash/maphash"
	"net/netip"
)

// One account over everything that is kept. used grows and shrinks with each node; the texts have an account of
// their own; slack is what maps keep of their peak size after their entries have gone.

const mapSlot = 46 // a map's slot for a pointer under a string, 25 bytes at 7/16 to 7/8 full; less under a number

// bytes is what the state takes.
func (c *Correlator) bytes() int64 { return c.used + c.slack + c.texts.bytes() + c.index.bytes() }

// charge books n bytes, negative ones for what was freed, on a script and its host.
func (c *Correlator) charge(s *scriptHistory, n int64) {
	c.used += n
	c.book(s, n)
}

// chargeHost books n bytes on a host.
func (c *Correlator) chargeHost(h *hostHistory, n int64) {
	c.used += n
	h.weight += n
	if h.isNew {
		c.newHosts.weight += n
	}
}

// book makes a script answerable for n bytes that are counted elsewhere: those of texts belong to all their users.
func (c *Correlator) book(s *scriptHistory, n int64) {
	s.weight += n
	s.host.weight += n
	if s.line != nil {
		s.line.weight += n
	}
	if s.host.isNew {
		c.newHosts.weight += n
	}
	c.heavy.move(&s.mass, s.weight)
}

// chargeClient books n bytes on a client and, above it, on its script and host.
func (c *Correlator) chargeClient(cl *clientHistory, n int64) {
	c.used += n
	c.bookClient(cl, n)
}

// bookClient is book for a client; what stands beyond the first clients of a script is loose: it may go.
func (c *Correlator) bookClient(cl *clientHistory, n int64) {
	if n == 0 {
		return
	}
	s := cl.stem.home
	cl.weight += n
	c.book(s, n)
	if cl.at >= 0 && !cl.has(isKept) {
		c.loosen(s, n)
	}
}

// loosen books n bytes that may go.
func (c *Correlator) loosen(s *scriptHistory, n int64) {
	s.loose += n
	s.host.loose += n
	s.host.fat.move(&s.rank, s.loose)
	c.fatHosts.move(&s.host.rank, s.host.loose)
}

// mapPeak is the size of maps, or of another kind of memory, that never get smaller, whatever leaves them.
type mapPeak struct{ peak, length int }

// resize notes the length of a map; what its peak has beyond it is slack.
func (c *Correlator) resize(p *mapPeak, length int, slot int64) {
	before := p.peak - p.length
	p.peak, p.length = max(p.peak, length), length
	c.slack += int64(p.peak-p.length-before) * slot
}

// shrink lets a peak come down by a part of what it is above the length: the allocator finds use for what is free.
func (c *Correlator) shrink(p *mapPeak, slot int64) {
	step := (p.peak - p.length + shrinkShare - 1) / shrinkShare
	p.peak -= step
	c.slack -= int64(step) * slot
}

// shrinkShare lets a peak come down within a minute or two, at a step a second.
const shrinkShare = 32

// clientSlack is what the heap keeps of a client that has gone: its place is free for another client only, until all
// others that share a page with it have gone too. Where one kind of traffic takes the place of another this is a lot.
const clientSlack = 128

// isSparse tells that a map is worth making anew, and not so large that this takes more than some milliseconds.
func (p *mapPeak) isSparse() bool {
	return p.peak >= mapFloor && p.length <= p.peak/4 && p.length <= mapCeiling
}

const (
	mapFloor   = 1024
	mapCeiling = 16384
)

// renew notes that a map was made anew.
func (c *Correlator) renew(p *mapPeak, slot int64) {
	c.slack -= int64(p.peak-p.length) * slot
	p.peak = p.length
}

const (
	// namesPerSource is how many names one source address may bring that nobody else uses: more than a person
	// calls, fewer than a scanner makes up.
	namesPerSource = 128
	// namesPerHour is how many names a site may get in an hour before it is taken to answer any name: more than
	// a large application's scripts that are called for the first time within an hour.
	namesPerHour = 1000
	// maxSites of a host are told apart in counting new names.
	maxSites = 64
	// historyRequests make a host more than a name in a log: a quiet server's first hours, and more than a flood of
	// names spends on each.
	historyRequests = 16
	// maxHosts bounds the Computers of one instance; an aggregator of more is split by tag.
	maxHosts = 20000
)

// nameMint counts the names that a site got in an hour.
type nameMint struct {
	hour  int64
	count int
}

// hostLine holds hosts without history, least recently new first out.
type hostLine struct {
	head   *rankNode[*hostHistory]
	weight int64
	count  int
}

func (l *hostLine) push(h *hostHistory) {
	h.isNew = true
	h.place.class = 1
	pushFront(&l.head, &h.place)
	l.weight += h.weight
	l.count++
}

func (l *hostLine) remove(h *hostHistory) {
	h.isNew = false
	unlink(&l.head, &h.place)
	h.place.class = 0
	l.weight -= h.weight
	l.count--
}

// source is the address that brings a name, an IPv6 one by its /64: whoever has one address of that has all.
func (c *Correlator) source(ip []byte) uint64 {
	if a, err := netip.ParseAddr(string(ip)); err == nil {
		if a = a.Unmap(); a.Is6() {
			p, _ := a.WithZone("").Prefix(64)
			return maphash.Comparable(c.seed, p)
		}
	}
	return maphash.Bytes(c.seed, ip)
}

// admitName puts a new name on probation.
func (c *Correlator) admitName(s *scriptHistory, r *Request) {
	s.creator = c.source(r.ClientIP)
	s.isAlone = true
	c.creators[s.creator]++
	c.countCreators()
	c.mint(s, r)
	c.probation.push(s)
}

// mint counts a new name of the script's site in this hour.
func (c *Correlator) mint(s *scriptHistory, r *Request) {
	h := s.host
	if h.mints == nil {
		h.mints = map[uint64]nameMint{}
	}
	site := maphash.Bytes(c.seed, r.SiteName)
	m, known := h.mints[site]
	if !known && len(h.mints) >= maxSites {
		site = 0
		m, known = h.mints[site]
	}
	if !known {
		c.chargeHost(h, mintBytes)
	}
	if hour := int64(r.Time) / 3600e9; hour != m.hour {
		m = nameMint{hour: hour}
	}
	m.count++
	h.mints[site] = m
	s.isMinted = m.count > namesPerHour
}

// reconsider moves a name to the line where it belongs after an answer: the first one that is not 400 or 404 ends
// its probation.
func (c *Correlator) reconsider(s *scriptHistory, v *visit) {
	switch s.line {
	case &c.probation:
		if v.vals[colStatus] == statusNotFound || v.vals[colStatus] == statusBadRequest {
			c.probation.touch(s)
			return
		}
		c.requeue(s)
	case &c.surplus:
		c.surplus.touch(s)
	}
}

const (
	statusBadRequest = 400<<1 + 2 // as tokens
	statusNotFound   = 404<<1 + 2
)

// requeue puts a name that was really answered where it belongs.
func (c *Correlator) requeue(s *scriptHistory) {
	s.line.remove(s)
	switch {
	case s.isAlone && c.creators[s.creator] > namesPerSource:
		c.surplus.push(s)
	case s.isMinted && s.size() < firstClients-1:
		c.minted.push(s)
	default:
		c.ordinary.push(s)
	}
}

// confirmName notes another client of the script: one from another source than the name's first makes it a name like
// others, but one of a site that answers any name only when it has as many clients as a list can hold.
func (c *Correlator) confirmName(s *scriptHistory, ip []byte) {
	if s.isAlone && s.requests > 0 && c.source(ip) != s.creator {
		c.forgetCreator(s)
		if s.line == &c.surplus {
			c.requeue(s)
		}
	}
	if s.line == &c.minted && s.size() >= firstClients-1 {
		c.requeue(s)
	}
}

func (c *Correlator) forgetCreator(s *scriptHistory) {
	if !s.isAlone {
		return
	}
	s.isAlone = false
	if c.creators[s.creator]--; c.creators[s.creator] <= 0 {
		delete(c.creators, s.creator)
		c.countCreators()
	}
}

// countCreators books the map of sources.
func (c *Correlator) countCreators() {
	c.used += int64(len(c.creators)-c.creatorsPeak.length) * mapSlot
	c.resize(&c.creatorsPeak, len(c.creators), mapSlot)
}

// settleHost gives a host that has shown some traffic its own right.
func (c *Correlator) settleHost(h *hostHistory) {
	if h.isNew && h.requests >= historyRequests {
		c.newHosts.remove(h)
	}
}
