// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"hash/maphash"
	"net/netip"
)

// One account over everything that is kept. used grows and shrinks with each node; the texts have an account of
// their own; slack is what maps keep of their peak size after their entries have gone.

const mapSlot = 40 // a map's slot for a pointer under a string or a number, at the usual load

// bytes is what the state takes.
func (c *Correlator) bytes() int64 { return c.used + c.slack + c.texts.bytes() }

// charge books n bytes, negative ones for what was freed, on a script and its host.
func (c *Correlator) charge(s *scriptHistory, n int64) {
	c.used += n
	c.book(s, n)
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
	if cl.at >= 0 && cl.flags&isKept == 0 {
		s.loose += n
		s.host.loose += n
		s.host.fat.move(&s.rank, s.loose)
		c.fatHosts.move(&s.host.rank, s.host.loose)
	}
}

// grow notes that a map got its len-th entry; what its peak had left is taken first.
func (c *Correlator) grow(peak *int, length int) {
	if length > *peak {
		*peak = length
	} else {
		c.slack -= mapSlot
	}
}

// shrink notes that an entry left a map.
func (c *Correlator) shrink() { c.slack += mapSlot }

const (
	// namesPerSource is how many names one source address may bring that nobody else uses: more than a person
	// calls, fewer than a scanner makes up.
	namesPerSource = 128
	// namesPerHour is how many names a site may get in an hour before it is taken to answer any name: more than
	// a large application's scripts that are called for the first time within an hour.
	namesPerHour = 1000
	// maxSites of a host are told apart in counting new names.
	maxSites = 64
	// historyRequests make a host more than a name in a log.
	historyRequests = 100
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
	pushFront(&l.head, &h.place)
	l.weight += h.weight
	l.count++
}

func (l *hostLine) remove(h *hostHistory) {
	h.isNew = false
	unlink(&l.head, &h.place)
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
	if n := c.creators[s.creator]; n == 0 {
		c.grow(&c.creatorsPeak, len(c.creators)+1)
		c.used += mapSlot
	}
	c.creators[s.creator]++
	s.site = c.lastSite
	c.mint(s, r.Time)
	c.probation.push(s)
}

// mint counts a new name of the script's site in this hour.
func (c *Correlator) mint(s *scriptHistory, t Instant) {
	mints := s.host.mints
	if mints == nil {
		mints = map[textID]nameMint{}
		s.host.mints = mints
	}
	site := s.site
	if _, known := mints[site]; !known && len(mints) >= maxSites {
		site = 0
	}
	m := mints[site]
	if hour := int64(t) / 3600e9; hour != m.hour {
		m = nameMint{hour: hour}
	}
	m.count++
	mints[site] = m
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
	case s.isAlone && s.isMinted:
		c.minted.push(s)
	default:
		c.ordinary.push(s)
	}
}

// confirmName notes a client of the script; one from another source than the name's first makes it a name like others.
func (c *Correlator) confirmName(s *scriptHistory, ip []byte) {
	if !s.isAlone || s.requests == 0 || c.source(ip) == s.creator {
		return
	}
	c.forgetCreator(s)
	if s.line == &c.surplus || s.line == &c.minted {
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
		c.used -= mapSlot
		c.shrink()
	}
}

// settleHost gives a host that has shown some traffic its own right.
func (c *Correlator) settleHost(h *hostHistory) {
	if h.isNew && h.requests >= historyRequests {
		c.newHosts.remove(h)
	}
}
