// SPDX-License-Identifier: Apache-2.0

package deliver

// slotList is a list of slots, linked through them. container/list would cost two more allocations a slot.
type slotList struct{ front, back *slot }

// pushBack adds s at the end.
func (l *slotList) pushBack(s *slot) {
	s.prev, s.next = l.back, nil
	if l.back != nil {
		l.back.next = s
	} else {
		l.front = s
	}
	l.back = s
}

// pushFront adds s at the start.
func (l *slotList) pushFront(s *slot) {
	s.prev, s.next = nil, l.front
	if l.front != nil {
		l.front.prev = s
	} else {
		l.back = s
	}
	l.front = s
}

// remove takes s out.
func (l *slotList) remove(s *slot) {
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		l.front = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	} else {
		l.back = s.prev
	}
	s.prev, s.next = nil, nil
}

// maxUnknown bounds an idSet: about 2 MiB of ids, as many detections as the default queue holds several times over.
const maxUnknown = 16384

// idSet remembers the last maxUnknown ids added. The zero value is empty.
type idSet struct {
	ids   map[string]struct{}
	order []string // ring in order of addition; an id that was removed stays until its turn
	next  int
}

// add remembers id.
func (s *idSet) add(id string) {
	if s.ids == nil {
		s.ids = map[string]struct{}{}
	}
	if len(s.order) < maxUnknown {
		s.order = append(s.order, id)
	} else {
		delete(s.ids, s.order[s.next])
		s.order[s.next] = id
		s.next = (s.next + 1) % maxUnknown
	}
	s.ids[id] = struct{}{}
}

// remove forgets id and reports whether it was there.
func (s *idSet) remove(id string) bool {
	if _, ok := s.ids[id]; !ok {
		return false
	}
	delete(s.ids, id)
	return true
}
