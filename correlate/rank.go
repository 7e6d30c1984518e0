// SPDX-License-Identifier: Apache-2.0

package correlate

import "math/bits"

// ranking finds the fattest of many by powers of two: an item moves only when its weight passes one, so that
// keeping it costs nothing on the way of a request. The zero value is ready.
type ranking[T any] struct {
	heads []*rankNode[T] // by class; each a ring without a sentinel
}

// rankNode is an item's place in a ranking or a line; an item embeds one for each.
type rankNode[T any] struct {
	prev, next *rankNode[T]
	item       T
	class      int8 // 0 is in no list
}

// rankUnit is the weight below which items are not told apart.
const rankUnit = 1024

// move puts n where weight belongs; without weight it is in no class.
func (r *ranking[T]) move(n *rankNode[T], weight int64) {
	class := int8(0)
	if weight > 0 {
		class = int8(1 + bits.Len64(uint64(weight)/rankUnit))
	}
	if class == n.class {
		return
	}
	r.remove(n)
	if class == 0 {
		return
	}
	for len(r.heads) <= int(class) {
		r.heads = append(r.heads, nil)
	}
	n.class = class
	pushFront(&r.heads[class], n)
}

func (r *ranking[T]) remove(n *rankNode[T]) {
	if n.class != 0 {
		unlink(&r.heads[n.class], n)
		n.class = 0
	}
}

// fattest gives an item of the highest class, the longest in it first; ok is false when there is none.
func (r *ranking[T]) fattest() (item T, ok bool) {
	for class := len(r.heads) - 1; class > 0; class-- {
		if head := r.heads[class]; head != nil {
			return head.prev.item, true
		}
	}
	return item, false
}

// line is a queue of scripts, oldest first out, with what they weigh together.
type line struct {
	head        *rankNode[*scriptHistory]
	weight      int64
	newestFirst bool
}

func (l *line) push(s *scriptHistory) {
	s.line = l
	s.place.class = 1
	pushFront(&l.head, &s.place)
	l.weight += s.weight
}

func (l *line) remove(s *scriptHistory) {
	unlink(&l.head, &s.place)
	s.place.class = 0
	s.line = nil
	l.weight -= s.weight
}

// touch makes s the newest.
func (l *line) touch(s *scriptHistory) {
	if l.head == &s.place {
		return
	}
	unlink(&l.head, &s.place)
	pushFront(&l.head, &s.place)
}

// next is the script that goes first, nil when the line is empty.
func (l *line) next() *scriptHistory {
	switch {
	case l.head == nil:
		return nil
	case l.newestFirst:
		return l.head.item
	default:
		return l.head.prev.item
	}
}

func pushFront[T any](head **rankNode[T], n *rankNode[T]) {
	if *head == nil {
		n.prev, n.next = n, n
	} else {
		n.prev, n.next = (*head).prev, *head
		n.prev.next, n.next.prev = n, n
	}
	*head = n
}

func unlink[T any](head **rankNode[T], n *rankNode[T]) {
	if n.next == n {
		*head = nil
	} else {
		n.prev.next, n.next.prev = n.next, n.prev
		if *head == n {
			*head = n.next
		}
	}
	n.prev, n.next = nil, nil
}
