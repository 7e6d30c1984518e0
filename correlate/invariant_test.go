// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
)

// inspector walks the whole tree and collects what disagrees.
type inspector struct {
	c       *Correlator
	faults  []error
	refs    map[textID]uint32
	used    int64 // bytes of the tree, added up anew
	slack   int64
	pinned  int64
	clients map[*clientHistory]bool
	scripts map[*scriptHistory]bool
	alone   map[uint64]int32 // scripts by the source that alone uses them
}

// checkInvariants tells in what ways the parts of c disagree, nil when they agree.
func checkInvariants(c *Correlator) error {
	n := &inspector{
		c: c, refs: map[textID]uint32{}, clients: map[*clientHistory]bool{}, scripts: map[*scriptHistory]bool{},
		alone: map[uint64]int32{},
	}
	n.hosts()
	n.rankings()
	n.watches()
	n.reports()
	n.texts()
	n.account()
	return errors.Join(n.faults...)
}

func (n *inspector) want(ok bool, format string, args ...any) {
	if !ok && len(n.faults) < 20 {
		n.faults = append(n.faults, fmt.Errorf(format, args...))
	}
}

func (n *inspector) ref(id textID) { n.refs[id]++ }

func (n *inspector) hosts() {
	c := n.c
	scripts, newOnes := 0, 0
	for name, h := range c.hosts {
		n.want(h.name == name, "host %q is filed under %q", h.name, name)
		n.want(slices.Contains(c.shortNames[h.short], h), "host %q is not under its short name", name)
		n.host(h)
		scripts += len(h.scripts)
		if h.isNew {
			newOnes++
		}
	}
	short := 0
	for _, list := range c.shortNames {
		short += len(list)
	}
	n.want(short == len(c.hosts), "%d hosts under short names, %d in all", short, len(c.hosts))
	n.want(scripts == c.scripts && scripts == c.all.len(), "scripts: %d, counter %d, list %d", scripts, c.scripts, c.all.len())
	n.want(len(n.clients) == c.clients, "clients: %d, counter %d", len(n.clients), c.clients)
	n.want(newOnes == c.newHosts.count, "new hosts: %d, counter %d", newOnes, c.newHosts.count)
	n.want(c.lastHost == nil || c.hosts[c.lastHost.name] == c.lastHost, "the latest host is gone")
}

func (n *inspector) host(h *hostHistory) {
	stems, guests := map[*scriptHistory]int{}, map[*scriptHistory]int{}
	users := map[*stem][]*clientHistory{}
	for name, s := range h.scripts {
		n.want(s.name == name && s.host == h && !s.isGone, "script %q: filed wrongly, or gone", name)
		n.script(s)
		for i := range s.size() {
			cl := s.nth(i)
			users[cl.stem] = append(users[cl.stem], cl)
		}
	}
	for text, st := range h.stems {
		n.ref(st.id)
		n.used += stemBytes
		n.want(st.text == text && n.c.texts.get(st.id) == text, "URL %q: text %q", text, st.text)
		n.want(h.scripts[st.home.name] == st.home, "URL %q: home is not here", text)
		stems[st.home]++
		for _, o := range st.others {
			guests[o.script]++
			n.want(o.at < o.script.guests.len() && o.script.guests.at(o.at).stem == st, "URL %q: no guest of %q", text, o.script.name)
		}
		n.stemClients(st, users[st])
	}
	for _, s := range h.scripts {
		n.want(int(s.stems) == stems[s] && s.guests.len() == guests[s], "script %q: %d URLs, %d guests; want %d, %d",
			s.name, s.stems, s.guests.len(), stems[s], guests[s])
		n.want((s.line == nil) == (s.stems == 0), "script %q: %d URLs, in a line: %v", s.name, s.stems, s.line != nil)
	}
	n.callers(h)
}

// stemClients holds a URL against the clients that use it.
func (n *inspector) stemClients(st *stem, users []*clientHistory) {
	n.want(st.count == len(users) && st.count > 0, "URL %q: %d clients, want %d", st.text, st.count, len(users))
	if !st.keepsGuests() {
		n.want(st.guests.len() == 0, "URL %q: guests that nothing needs", st.text)
		return
	}
	n.used += int64(st.guests.len()) * guestBytes
	n.want(st.guests.len() == len(users), "URL %q: %d guests, want %d", st.text, st.guests.len(), len(users))
	for i := range st.guests.len() {
		cl := st.guests.at(i)
		n.want(int(cl.guestAt) == i && slices.Contains(users, cl), "URL %q: guest %d is wrong", st.text, i)
	}
}

func (n *inspector) script(s *scriptHistory) {
	n.scripts[s] = true
	n.used += scriptBytes + sizeClass(len(s.name)) + int64(s.guests.len())*guestSlot + int64(len(s.spellings))*spellingSlot
	if s.sketch != nil {
		n.used += sketchBytes
	}
	if s.isAlone {
		n.alone[s.creator]++
	}
	n.want(n.c.all.at(int(s.sweepAt)) == s, "script %q: not where it is swept", s.name)
	n.want(len(s.first) <= firstClients, "script %q: %d first clients", s.name, len(s.first))
	for i, cl := range s.first {
		n.want(cl.at == -1, "script %q: first client %d", s.name, i)
		n.client(s, cl)
		n.used += firstBytes
	}
	pinned := 0
	for i := range s.later.len() {
		cl := s.later.at(i)
		n.want(int(cl.at) == i, "script %q: later client %d thinks it is %d", s.name, i, cl.at)
		n.client(s, cl)
		n.used += lruBytes
		if cl.has(isKept) {
			pinned++
		} else {
			n.want(s.recent.Contains(cl), "script %q: a client is not in the list of recency", s.name)
		}
	}
	if s.recent != nil {
		n.used += lruFixed
		n.want(s.recent.Len() == s.later.len()-pinned, "script %q: %d in the list of recency, want %d", s.name, s.recent.Len(), s.later.len()-pinned)
	}
	n.peak(s.peak, s.later.len(), mapSlot)
	n.spellings(s)
	n.want(!s.isEmpty(), "script %q is empty", s.name)
}

func (n *inspector) spellings(s *scriptHistory) {
	for ip, sp := range s.spellings {
		n.ref(ip)
		count := 0
		for i := range s.size() {
			if s.nth(i).ip == ip {
				count++
			}
		}
		n.want(sp.count <= count && sp.count > 0, "script %q: %d spellings counted, %d there", s.name, sp.count, count)
		n.want(sp.shared == nil || !sp.shared.has(isGone) && sp.shared.stem.home == s && sp.shared.ip == ip, "script %q: shared spelling is wrong", s.name)
	}
}

func (n *inspector) client(s *scriptHistory, cl *clientHistory) {
	n.want(!n.clients[cl] && !cl.has(isGone), "a client is there twice, or gone")
	n.clients[cl] = true
	n.want(cl.stem.home == s && s.host.stems[cl.stem.text] == cl.stem, "a client of %q is at home in %q", s.name, cl.stem.home.name)
	n.want(n.c.index.find(maphash.String(n.c.seed, n.c.texts.get(cl.ip)), cl.site, cl.stem) == cl, "a client of %q is not found", s.name)
	n.ref(cl.ip)
	n.ref(cl.site)
	n.ref(cl.stem.id)
	visits := decodeVisits(nil, cl.visits)
	n.want(len(visits) == int(cl.count), "a client of %q: %d visits, counter %d", s.name, len(visits), cl.count)
	newest := Instant(0)
	if len(visits) > 0 {
		n.want(visits[len(visits)-1].time == cl.last, "a client of %q: time of the last visit", s.name)
	}
	n.used += clientBytes + int64(cap(cl.visits))
	eachHeld(cl.visits, n.ref)
	if b := cl.bulk; b != nil {
		first := decodeVisits(nil, b.first)
		n.want(len(first) == b.firstN, "a client of %q: %d first visits, counter %d", s.name, len(first), b.firstN)
		visits = append(visits, first...)
		eachHeld(b.first, n.ref)
		n.bulk(b)
		for i := range b.hours {
			newest = max(newest, b.hours[i].last)
		}
	}
	for i := range visits {
		newest = max(newest, visits[i].time)
	}
	n.want(cl.newest >= newest, "a client of %q: newest %v, has %v", s.name, cl.newest, newest)
	if cl.report != nil {
		n.used += cl.report.size()
	}
}

func (n *inspector) bulk(b *bulk) {
	n.used += bulkBytes + b.size()
	for i := range b.sets {
		n.want(len(b.sets[i].members) <= n.c.opt.SetLimit, "a set of %d values", len(b.sets[i].members))
		for _, m := range b.sets[i].members {
			if id := textOf(setColumns[i], m.value); id != 0 {
				n.ref(id)
			}
		}
	}
	n.want(slices.IsSortedFunc(b.hours, func(a, b hour) int { return int(min(max(a.first-b.last, -1), 1)) }), "hours are not by time: %+v", b.hours)
}

// callers holds the chains of a host against its clients.
func (n *inspector) callers(h *hostHistory) {
	chained := 0
	for ip, head := range h.callers {
		n.used += callerBytes
		n.want(head.prev == nil, "the head of a chain has one before it")
		for cl := head; cl != nil; cl = cl.next {
			chained++
			n.want(n.clients[cl] && cl.ip == ip && cl.stem.home.host == h, "a chain has a wrong client")
			n.want(cl.next == nil || cl.next.prev == cl, "a chain is broken")
		}
	}
	here := 0
	for _, s := range h.scripts {
		here += s.size()
	}
	n.want(chained == here, "host %q: %d clients in chains, want %d", h.name, chained, here)
	n.peak(h.peak, h.entries(), mapSlot)
}
