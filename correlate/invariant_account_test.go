// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"maps"
	"slices"

	"webshell/correlate/script"
)

// rankings holds rings and lines against the weights that put scripts and hosts there.
func (n *inspector) rankings() {
	c := n.c
	lines := map[*line]int64{}
	for s := range n.scripts {
		weight, loose := int64(0), int64(0)
		for i := range s.size() {
			cl := s.nth(i)
			weight += cl.weight
			if cl.at >= 0 && !cl.has(isKept) {
				loose += cl.weight
			}
		}
		n.want(s.loose == loose, "script %q: loose %d, want %d", s.name, s.loose, loose)
		n.want(s.weight >= weight && s.weight-weight >= scriptBytes, "script %q weighs %d, its clients %d", s.name, s.weight, weight)
		n.want(s.rank.class == classOf(s.loose), "script %q: in class %d by loose %d", s.name, s.rank.class, s.loose)
		n.want(s.mass.class == classOf(s.weight), "script %q: in class %d by weight %d", s.name, s.mass.class, s.weight)
		n.want((s.place.class != 0) == (s.line != nil), "script %q: place in a line", s.name)
		if s.line != nil {
			lines[s.line] += s.weight
		}
	}
	n.want(ringSize(c.heavy.heads...) == len(n.scripts), "%d scripts ranked by weight, want %d", ringSize(c.heavy.heads...), len(n.scripts))
	inLines := 0
	for _, l := range []*line{&c.probation, &c.surplus, &c.minted, &c.ordinary} {
		n.want(l.weight == lines[l], "a line weighs %d, want %d", l.weight, lines[l])
		inLines += ringSize(l.head)
		delete(lines, l)
	}
	n.want(len(lines) == 0, "a script is in an unknown line")
	for s := range n.scripts {
		if s.line == nil {
			inLines++
		}
	}
	n.want(inLines == len(n.scripts), "%d scripts in lines or outside, want %d", inLines, len(n.scripts))
	n.hostRankings()
}

func (n *inspector) hostRankings() {
	c := n.c
	fat, newWeight := 0, int64(0)
	for _, h := range c.hosts {
		weight, loose, ranked := hostBytes+2*sizeClass(len(h.name)), int64(0), 0
		for _, s := range h.scripts {
			weight += s.weight
			loose += s.loose
			if s.loose > 0 {
				ranked++
			}
		}
		if h.mints != nil {
			weight += mintBytes * int64(len(h.mints))
		}
		n.want(h.weight == weight && h.loose == loose, "host %q: weight %d, loose %d; want %d, %d", h.name, h.weight, h.loose, weight, loose)
		n.want(h.rank.class == classOf(h.loose), "host %q: in class %d by loose %d", h.name, h.rank.class, h.loose)
		n.want(ringSize(h.fat.heads...) == ranked, "host %q: %d scripts ranked, want %d", h.name, ringSize(h.fat.heads...), ranked)
		if h.loose > 0 {
			fat++
		}
		if h.isNew {
			newWeight += h.weight
		}
		n.used += hostBytes + 2*sizeClass(len(h.name)) + mintBytes*int64(len(h.mints))
	}
	n.want(ringSize(c.fatHosts.heads...) == fat, "%d hosts ranked, want %d", ringSize(c.fatHosts.heads...), fat)
	n.want(ringSize(c.newHosts.head) == c.newHosts.count, "%d hosts in line, counter %d", ringSize(c.newHosts.head), c.newHosts.count)
	n.want(c.newHosts.weight == newWeight, "new hosts weigh %d, want %d", c.newHosts.weight, newWeight)
}

func classOf(weight int64) int8 {
	class := int8(0)
	for w := weight; w > 0; w /= 2 {
		if class++; w < rankUnit {
			break
		}
	}
	return class
}

// ringSize counts the nodes of rings, and gives -1 for a broken one.
func ringSize[T any](heads ...*rankNode[T]) int {
	size := 0
	for _, head := range heads {
		for node := head; node != nil; {
			if node.next.prev != node || node.class == 0 {
				return -1
			}
			size++
			if node = node.next; node == head {
				break
			}
		}
	}
	return size
}

// texts holds the table of strings against their users.
func (n *inspector) texts() {
	c := n.c
	for col := range c.recent {
		if id := c.recent[col].id; id != 0 {
			n.ref(id)
			n.want(c.recent[col].s == c.texts.get(id), "column %d: latest value", col)
		}
	}
	if c.lastSite != 0 {
		n.ref(c.lastSite)
	}
	used, live := int64(0), 0
	for id := 1; id < c.texts.count; id++ {
		e := c.texts.at(textID(id))
		n.want(e.refs == n.refs[textID(id)], "text %d %q: %d users, want %d", id, e.s, e.refs, n.refs[textID(id)])
		if e.refs == 0 {
			continue
		}
		live++
		used += sizeClass(len(e.s))
		n.want(c.texts.find([]byte(e.s)) == textID(id), "text %q is not found", e.s)
	}
	n.textTable(live)
	n.want(c.texts.used == used, "texts: %d bytes, want %d", c.texts.used, used)
}

// textTable holds the parts of the table of strings against each other.
func (n *inspector) textTable(live int) {
	t := &n.c.texts
	free := 0
	for id := t.free; id != 0 && free < t.count; id = t.at(id).next {
		n.want(t.at(id).refs == 0, "text %d is free and has users", id)
		free++
	}
	inShards, slots := shardSizes(&t.table)
	n.want(t.live == live && inShards == live && free == t.count-1-live && slots == t.table.slots,
		"texts: %d live, counter %d, %d in shards, %d free, %d slots, counter %d", live, t.live, inShards, free, slots, t.table.slots)
}

func shardSizes[V comparable](t *shards[V]) (values int, slots int64) {
	for i := range t.shards {
		values += t.shards[i].n
		slots += int64(len(t.shards[i].slots))
	}
	return values, slots
}

// account compares the bytes booked with those added up anew.
func (n *inspector) account() {
	c := n.c
	indexed, slots := shardSizes(&c.index.table)
	n.want(indexed == len(n.clients) && slots == c.index.table.slots, "index: %d clients of %d, %d slots, counter %d", indexed, len(n.clients), slots, c.index.table.slots)
	n.want(maps.Equal(n.alone, c.creators), "creators %v, want %v", c.creators, n.alone)
	n.used += int64(len(c.creators)) * mapSlot
	n.peak(c.creatorsPeak, len(c.creators), mapSlot)
	n.peak(c.hostPeak, len(c.hosts), mapSlot)
	n.peak(c.clientPeak, c.clients, clientSlack)
	n.peak(c.watchPeak, len(c.watches), watchSlot)
	n.peak(c.namePeak, len(c.names), watchSlot)
	n.peak(c.awaitedPeak, len(c.awaited), mapSlot)
	n.used += c.alertBytes
	n.want(c.used == n.used, "used %d, want %d", c.used, n.used)
	n.want(c.slack == n.slack, "slack %d, want %d", c.slack, n.slack)
	n.want(c.pinned == n.pinned, "pinned %d, want %d", c.pinned, n.pinned)
}

// watches holds alerts, their targets and what these watch against each other.
func (n *inspector) watches() {
	c := n.c
	targets, unlisted, endings := 0, 0, 0
	bytes := int64(0)
	watching := map[*target]int{}
	for _, list := range c.watches {
		for _, t := range list {
			watching[t]++
		}
	}
	names := map[string]int{}
	lined := map[*alertState]bool{}
	for _, a := range ringOf(c.here) {
		lined[a] = true
	}
	for _, a := range ringOf(c.aside) {
		lined[a] = false
	}
	n.want(len(lined) == len(c.alerts), "%d alerts in lines, %d in all", len(lined), len(c.alerts))
	for key, a := range c.alerts {
		n.want(a.key == key && !a.isOver && a.end.index >= 0, "alert %q is over, or filed wrongly", key)
		n.want(lined[a] == a.isHere && a.isHere == (len(a.targets) > 0 || a.isHere && a.dismissed != 0), "alert %q is in the wrong line", key)
		n.waiting(a)
		for _, f := range a.files {
			for i := range f.names {
				for _, k := range script.LookupKeys(f.names[i]) {
					if c.opt.Matching == Windows && !c.ext.MatchString(k.Name) {
						names[k.Name]++
					}
				}
			}
		}
		bytes += a.bytes
		endings++
		for i, t := range a.targets {
			n.want(t.alert == a && t.at == i && t.end.index >= 0 && c.ends[t.end.index] == &t.end, "a target of %q", key)
			n.want(watching[t] == len(t.keys()), "a target of %q watches %d names, want %d", key, watching[t], len(t.keys()))
			targets++
			endings++
			if t.record.isUnlisted {
				unlisted++
			}
			for _, s := range t.on {
				n.want(n.scripts[s] && slices.Contains(s.targets, t), "a target of %q is not on its script", key)
			}
		}
		for i := range a.reported.len() {
			cl := a.reported.at(i)
			at := cl.report.matchOf(a)
			n.want(n.clients[cl] && at >= 0 && int(cl.report.matches[at].at) == i, "alert %q: reported client %d", key, i)
		}
	}
	n.want(targets == c.targets && unlisted == c.unlisted && endings == len(c.ends), "targets %d, unlisted %d, endings %d; counters %d, %d, %d",
		targets, unlisted, endings, c.targets, c.unlisted, len(c.ends))
	n.want(maps.Equal(names, c.names), "watched names %v, want %v", c.names, names)
	n.want(bytes == c.alertBytes, "alerts take %d, want %d", c.alertBytes, bytes)
	filtered := nameFilter{}
	for name := range names {
		filtered.add(name)
	}
	n.want(filtered == c.watchFilter, "the filter of names is wrong")
	for s := range n.scripts {
		for _, t := range s.targets {
			n.want(t.end.index >= 0 && slices.Contains(t.on, s), "script %q: a target that is over", s.name)
		}
		n.want(len(s.targets) <= maxScriptTargets, "script %q: %d targets", s.name, len(s.targets))
	}
	for _, h := range c.hosts {
		watched := 0
		for _, s := range h.scripts {
			if len(s.targets) > 0 {
				watched++
			}
		}
		n.want(h.watched == watched, "host %q: %d watched scripts, counter %d", h.name, watched, h.watched)
	}
}

// waiting holds the hosts that an alert waits for against those that were seen.
func (n *inspector) waiting(a *alertState) {
	c := n.c
	for _, h := range a.hosts {
		if !h.isAwaited {
			continue
		}
		w := c.awaited[h.key(c.opt.Matching)]
		n.want(w != nil && h.waitsAt < len(w.alerts) && w.alerts[h.waitsAt] == waiter{a, h}, "alert %q waits for %q, not at %d", a.key, h.entity.HostName, h.waitsAt)
	}
}

// ringOf gives the items of a list.
func ringOf[T any](head *rankNode[T]) []T {
	var items []T
	for n := head; n != nil; n = n.next {
		if items = append(items, n.item); n.next == head {
			break
		}
	}
	return items
}

// reports holds what was sent of clients against the queue and the alerts.
func (n *inspector) reports() {
	c := n.c
	for cl := range n.clients {
		r := cl.report
		n.want(!cl.has(isKept) || r != nil && r.pinned > 0, "a client is kept without a report")
		if r == nil {
			continue
		}
		n.pinned += r.pinned
		n.want(r.due.item == cl && (r.due.index < 0 || c.due[r.due.index] == &r.due), "a due revision")
		for _, m := range r.matches {
			if a := m.target.alert; m.target.end.index >= 0 {
				n.want(int(m.at) < a.reported.len() && a.reported.at(int(m.at)) == cl, "a match of alert %q at %d", a.key, m.at)
			}
		}
	}
	for i, d := range c.due {
		n.want(d.index == i && n.clients[d.item], "due revision %d is of a client that is gone", i)
	}
}

// peak holds a map's peak against its length.
func (n *inspector) peak(p mapPeak, length int, slot int64) {
	n.want(p.length == length && p.peak >= length, "a map of %d has length %d, peak %d", length, p.length, p.peak)
	n.slack += int64(p.peak-length) * slot
}
