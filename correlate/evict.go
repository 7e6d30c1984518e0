// SPDX-License-Identifier: Apache-2.0

package correlate

const (
	// evictSteps bounds the work of one request; the next ones go on.
	evictSteps = 64
	// dropSteps bounds what is dropped of one script at a time; few have more clients than the first ones.
	dropSteps = 2 * firstClients
	// secondChances are given to what is pinned or was used, before a step gives up.
	secondChances = 32
	// probationShare, newHostShare and pinnedShare of the memory limit: names that were never answered, hosts
	// without history, and clients that were reported.
	probationShare = 10
	newHostShare   = 4
	pinnedShare    = 2
)

// makeRoom brings the state back within its limit, a bounded step at a time.
func (c *Correlator) makeRoom() {
	for i := 0; i < evictSteps && c.probation.weight > c.opt.MemoryLimit/probationShare; i++ {
		c.evictName(c.probation.next(), evictProbation)
	}
	for i := 0; i < evictSteps && c.isCrowded() && c.dropNewHost(); i++ {
	}
	for i := 0; i < evictSteps && c.bytes() > c.opt.MemoryLimit; i++ {
		if !c.evictOne() {
			return
		}
	}
}

func (c *Correlator) isCrowded() bool {
	return c.newHosts.weight > c.opt.MemoryLimit/newHostShare || len(c.hosts) > maxHosts
}

// evictOne frees something, in the order of SPEC section 7; false means that there is nothing left to free.
func (c *Correlator) evictOne() bool {
	if s := c.probation.next(); s != nil && c.evictName(s, evictProbation) {
		return true
	}
	if s := c.surplus.next(); s != nil && c.evictName(s, evictSurplus) {
		return true
	}
	if c.evictClient() {
		return true
	}
	if s := c.minted.next(); s != nil && c.evictName(s, evictMinted) {
		return true
	}
	if c.slim() || c.evictOldest() {
		return true
	}
	return c.dropNewHost()
}

// evictName drops a whole script, unless an alert names it: then it leaves the line.
func (c *Correlator) evictName(s *scriptHistory, why evictReason) bool {
	if len(s.targets) > 0 {
		s.line.remove(s)
		c.ordinary.push(s)
		return false
	}
	c.dropScript(s, why)
	return true
}

// evictClient drops the least recent client beyond the first ones, of the fattest script of the fattest host.
func (c *Correlator) evictClient() bool {
	h, ok := c.fatHosts.fattest()
	if !ok {
		return false
	}
	s, ok := h.fat.fattest()
	if !ok {
		return false
	}
	cl, ok := s.stalest()
	if ok {
		c.lose(cl, evictClient)
	}
	return ok
}

// lose drops a client whose requests may still be in the window.
func (c *Correlator) lose(cl *clientHistory, why evictReason) {
	s := cl.stem.home
	if c.inWindow(cl.newest) {
		s.lost = max(s.lost, cl.newest)
		for _, o := range cl.stem.others {
			o.script.lost = max(o.script.lost, cl.newest)
		}
		c.evicted[why] += cl.requests()
	} else {
		c.stats.Expired += cl.requests()
	}
	c.dropClient(cl)
}

// requests is the number of requests that cl remembers.
func (cl *clientHistory) requests() int64 {
	n := int64(cl.count)
	if b := cl.bulk; b != nil {
		n += int64(b.firstN)
		for i := range b.hours {
			n += b.hours[i].requests
		}
	}
	return n
}

// dropClient takes a client out of the tree, and its URL when nobody else calls it.
func (c *Correlator) dropClient(cl *clientHistory) {
	st, s := cl.stem, cl.stem.home
	c.forgetReport(cl)
	c.bookClient(cl, -cl.weight) // while it is still in its list
	freed := clientBytes + int64(cap(cl.visits)) + s.remove(cl)
	c.resize(&s.peak, s.later.len(), mapSlot)
	if cl.bulk != nil {
		freed += bulkBytes + cl.bulk.size()
		c.releaseBulk(cl.bulk)
	}
	eachHeld(cl.visits, c.texts.release)
	c.index.remove(cl)
	s.host.unchain(cl)
	if s.host.callers[cl.ip] == nil {
		freed += callerBytes
		c.resizeHost(s.host)
	}
	c.dropSpelling(s, cl)
	if st.keepsGuests() {
		freed += guestBytes
		c.removeGuest(st, cl)
	}
	cl.visits, cl.bulk = nil, nil // whoever still points to it shall not keep them
	c.used -= freed
	c.clients--
	c.resize(&c.clientPeak, c.clients, clientSlack)
	st.count--
	c.texts.release(cl.ip)
	c.texts.release(cl.site)
	c.texts.release(cl.stem.id)
	if st.count == 0 {
		c.dropStem(st)
	}
}

func (c *Correlator) removeGuest(st *stem, cl *clientHistory) {
	if last, isMoved := st.guests.remove(int(cl.guestAt)); isMoved {
		last.guestAt = cl.guestAt
	}
	for _, o := range st.others {
		o.script.version++
		o.script.guestClients--
	}
}

func (c *Correlator) dropSpelling(s *scriptHistory, cl *clientHistory) {
	sp := s.spellings[cl.ip]
	if sp == nil {
		return
	}
	sp.count--
	if sp.shared == cl {
		sp.shared = nil
	}
	if sp.count <= 0 {
		delete(s.spellings, cl.ip)
		c.texts.release(cl.ip)
		c.charge(s, -spellingSlot)
	}
}

// dropStem forgets a URL, and the scripts that only it named.
func (c *Correlator) dropStem(st *stem) {
	s := st.home
	delete(s.host.stems, st.text)
	c.resizeHost(s.host)
	c.charge(s, -stemBytes)
	if s.stems--; s.stems == 0 {
		c.forgetCreator(s)
		s.line.remove(s)
	}
	c.texts.release(st.id)
	for _, o := range st.others {
		o.script.removeGuest(o.at)
		c.charge(o.script, -guestSlot)
		c.dropIfEmpty(o.script)
	}
	st.others = nil
	c.dropIfEmpty(s)
}

// removeGuest takes the URL at a place out of a script's guests.
func (s *scriptHistory) removeGuest(at int) {
	s.version++
	if last, isMoved := s.guests.remove(at); isMoved {
		last.stem.others[last.at].at = at
	}
}

// dropIfEmpty forgets a script that nothing holds any more.
func (c *Correlator) dropIfEmpty(s *scriptHistory) {
	if !s.isEmpty() || s.isGone {
		return
	}
	s.isGone = true
	h := s.host
	if s.lost != 0 {
		h.namesLost = max(h.namesLost, s.lost)
	}
	delete(h.scripts, s.name)
	c.resizeHost(h)
	c.renew(&s.peak, mapSlot)
	c.charge(s, -s.weight)
	h.fat.remove(&s.rank)
	c.heavy.remove(&s.mass)
	c.fatHosts.move(&h.rank, h.loose)
	c.scripts--
	c.unsweep(s)
	if len(h.scripts) == 0 && !h.isNew { // nothing is left of its history: it may go like a new one
		h.requests = 0
		c.newHosts.push(h)
	}
}

// dropScript drops a script with its clients, beginning with those beyond the first ones, some of them at a time: the
// next call goes on. What an alert or another script's URL still holds stays, empty.
func (c *Correlator) dropScript(s *scriptHistory, why evictReason) {
	for i := 0; i < dropSteps && !s.isGone && s.size() > 0; i++ {
		if last := s.later.len() - 1; last >= 0 {
			c.lose(s.later.at(last), why)
		} else {
			c.lose(s.first[len(s.first)-1], why)
		}
	}
}

// evictOldest drops the least recent script that no alert names.
func (c *Correlator) evictOldest() bool {
	for range secondChances {
		s := c.ordinary.next()
		if s == nil {
			return false
		}
		if len(s.targets) > 0 || s.lastTime > s.queuedAt {
			s.queuedAt = s.lastTime
			c.ordinary.touch(s)
			continue
		}
		c.dropScript(s, evictScript)
		return true
	}
	if s := c.ordinary.next(); s != nil && len(s.targets) == 0 {
		c.dropScript(s, evictScript)
		return true
	}
	return false
}

// dropNewHost drops the oldest host without history; those that an alert names have a second chance.
func (c *Correlator) dropNewHost() bool {
	if c.newHosts.head == nil {
		return false
	}
	h := c.newHosts.head.prev.item
	for i := 0; i < secondChances && h.watched > 0; i++ {
		c.newHosts.head = c.newHosts.head.prev // the oldest one becomes the newest
		h = c.newHosts.head.prev.item
	}
	c.dropHost(h)
	return true
}

func (c *Correlator) dropHost(h *hostHistory) {
	for _, s := range h.scripts {
		for len(s.targets) > 0 {
			c.detach(s, s.targets[0])
		}
		for !s.isGone && s.size() > 0 { // a host without history has few
			c.dropScript(s, evictHost)
		}
	}
	if h.isNew {
		c.newHosts.remove(h)
	}
	c.fatHosts.remove(&h.rank)
	delete(c.hosts, h.name)
	if c.lastHost == h {
		c.lastHost = nil
	}
	if list := without(c.shortNames[h.short], h); len(list) > 0 {
		c.shortNames[h.short] = list
	} else {
		delete(c.shortNames, h.short)
	}
	c.renew(&h.peak, mapSlot)
	c.resize(&c.hostPeak, len(c.hosts), mapSlot)
	c.used -= h.weight
	c.hostsLost = max(c.hostsLost, c.clock)
}
