// SPDX-License-Identifier: Apache-2.0

package deliver

// lane is one output's place in the queue; the queue's lock guards it.
//
// A detection has at most one slot in waiting and one in sending. A slot in waiting is in exactly one of the two lists:
// updates if the output acknowledged a revision of its detection, firsts if not. Both lists are sorted by seq.
type lane struct {
	q       *memoryQueue
	ready   chan struct{}
	firsts  slotList
	updates slotList
	waiting map[string]*slot // by DetectionId
	sending map[string]*slot // taken and not done
	unknown idSet            // detections given up before the output acknowledged any revision of them
	bytes   int64            // of the items and slots held, on their way included
	closed  bool
	stats   LaneStats
}

// slot is one detection in one lane.
type slot struct {
	item       *Item
	first      bool   // the output acknowledged no revision yet
	seq        uint64 // order of arrival; a newer revision inherits its place
	prev, next *slot
}

// newLane returns an empty lane of q.
func newLane(q *memoryQueue) *lane {
	return &lane{q: q, ready: make(chan struct{}, 1), waiting: map[string]*slot{}, sending: map[string]*slot{}}
}

// signal tells the output that there may be something to take.
func (l *lane) signal() {
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// waits reports whether there is something to take.
func (l *lane) waits() bool { return len(l.waiting) > 0 }

// list is where a waiting slot belongs.
func (l *lane) list(s *slot) *slotList {
	if s.first {
		return &l.firsts
	}
	return &l.updates
}

// put adds a revision, in the place of a waiting older one of the same detection.
func (l *lane) put(it *Item) Dropped {
	switch {
	case l.closed:
		return l.lost(Dropped{Closed: 1})
	case it.bytes()+slotOverhead > l.q.limit:
		if it.First {
			l.unknown.add(it.ID)
		}
		return l.lost(Dropped{TooLarge: 1})
	}
	if s := l.waiting[it.ID]; s != nil {
		l.replace(s, it)
		return Dropped{}
	}
	s := &slot{item: it, first: l.unknown.remove(it.ID) || it.First}
	if sent := l.sending[it.ID]; sent != nil {
		if !it.newer(sent.item) {
			l.stats.Replaced++
			return Dropped{}
		}
		s.first = sent.first
	}
	l.append(s)
	l.hold(it)
	l.hold(nil)
	return Dropped{}
}

// append puts s behind all that waits.
func (l *lane) append(s *slot) {
	l.q.seq++
	s.seq = l.q.seq
	l.waiting[s.item.ID] = s
	l.list(s).pushBack(s)
}

// replace gives s the newer of its own revision and it.
func (l *lane) replace(s *slot, it *Item) {
	l.stats.Replaced++
	if !it.newer(s.item) {
		return
	}
	old := s.item
	l.hold(it)
	s.item = it
	l.release(old)
}

// take moves the oldest waiting slots to sending.
func (l *lane) take(max BatchLimit) []Delivery {
	var ds []Delivery
	size := 0
	for len(ds) < max.Items {
		s := l.oldest()
		if s == nil {
			break
		}
		d := Delivery{Item: s.item, First: s.first, slot: s}
		if size += len(d.Line()); len(ds) > 0 && size > max.Bytes {
			break
		}
		l.detach(s)
		l.sending[s.item.ID] = s
		ds = append(ds, d)
	}
	return ds
}

// oldest returns the waiting slot that has been here longest, nil without one.
func (l *lane) oldest() *slot {
	a, b := l.firsts.front, l.updates.front
	if a == nil || b != nil && b.seq < a.seq {
		return b
	}
	return a
}

// detach takes s out of waiting; its bytes stay counted.
func (l *lane) detach(s *slot) {
	l.list(s).remove(s)
	delete(l.waiting, s.item.ID)
}

// acknowledge ends a delivery that arrived. A newer revision that waits is an update from now on, and goes to the back:
// the receiver knows of the detection.
func (l *lane) acknowledge(s *slot) {
	delete(l.sending, s.item.ID)
	l.stats.Acknowledged++
	l.free(s)
	if w := l.waiting[s.item.ID]; w != nil && w.first {
		l.detach(w)
		w.first = false
		l.append(w)
	}
}

// giveBack puts a delivery that did not arrive in front again, with the newest revision there is.
func (l *lane) giveBack(s *slot) {
	delete(l.sending, s.item.ID)
	l.stats.Returned++
	if l.closed {
		l.lost(Dropped{Closed: 1})
		l.free(s)
		return
	}
	if w := l.waiting[s.item.ID]; w != nil {
		l.detach(w)
		l.replace(s, w.item)
		l.free(w)
	}
	l.waiting[s.item.ID] = s
	l.list(s).pushFront(s)
}

// dropOldest gives up the oldest update, or the oldest first without any.
func (l *lane) dropOldest() Dropped {
	s, reason := l.updates.front, Dropped{Acknowledged: 1}
	if s == nil {
		s, reason = l.firsts.front, Dropped{First: 1}
		if l.sending[s.item.ID] == nil {
			l.unknown.add(s.item.ID)
		}
	}
	l.detach(s)
	l.free(s)
	return l.lost(reason)
}

// discard gives up all that waits and closes the lane. What is on its way ends with Done.
func (l *lane) discard() Dropped {
	l.closed = true
	var lost Dropped
	for s := l.oldest(); s != nil; s = l.oldest() {
		l.detach(s)
		l.free(s)
		lost.add(l.lost(Dropped{Closed: 1}))
	}
	return lost
}

// lost counts what was given up.
func (l *lane) lost(d Dropped) Dropped {
	l.stats.Dropped.add(d)
	return d
}

// hold counts the bytes of it, or of a slot where it is nil.
func (l *lane) hold(it *Item) {
	if it == nil {
		l.bytes += slotOverhead
		l.q.bytes += slotOverhead
		return
	}
	l.bytes += it.bytes()
	l.q.hold(it)
}

// release is hold undone, for an item.
func (l *lane) release(it *Item) {
	l.bytes -= it.bytes()
	l.q.release(it)
}

// free ends a slot and its hold on its item.
func (l *lane) free(s *slot) {
	l.release(s.item)
	l.bytes -= slotOverhead
	l.q.bytes -= slotOverhead
}
