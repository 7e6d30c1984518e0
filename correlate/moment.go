// SPDX-License-Identifier: Apache-2.0

package correlate

import "container/heap"

// moment is when something is to be done about an item. The zero value but for index -1 is in no queue.
type moment[T any] struct {
	at    Instant
	item  T
	index int // in the queue, -1 outside
}

// moments is a queue of them, the earliest first; used by way of set, drop and heap.Pop.
type moments[T any] []*moment[T]

func (q moments[T]) Len() int           { return len(q) }
func (q moments[T]) Less(i, j int) bool { return q[i].at < q[j].at }
func (q moments[T]) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is heap's.
func (q *moments[T]) Push(x any) {
	m := x.(*moment[T])
	m.index = len(*q)
	*q = append(*q, m)
}

// Pop is heap's.
func (q *moments[T]) Pop() any {
	old := *q
	m := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	m.index = -1
	return m
}

// set moves m in the queue, or puts it there.
func (q *moments[T]) set(m *moment[T], at Instant) {
	if m.at = at; m.index >= 0 {
		heap.Fix(q, m.index)
		return
	}
	heap.Push(q, m)
}

// drop takes m out of the queue if it is there.
func (q *moments[T]) drop(m *moment[T]) {
	if m.index >= 0 {
		heap.Remove(q, m.index)
	}
}
