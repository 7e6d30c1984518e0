// SPDX-License-Identifier: Apache-2.0

package deliver

import "sync"

// Costs beyond the text, measured with TestQueue_memory: what Go spends on the structs, list and map entries.
const (
	itemOverhead = 192 // one item: struct, slice headers, size classes
	slotOverhead = 224 // one output's place: slot and a map entry at its peak size
)

// Queue is what stands between engine and outputs. Outputs are numbered from 0. All methods may be called from several
// goroutines, Take and Done of one output from one goroutine at a time. No method waits for an output.
type Queue interface {
	// Put adds items for every output, in order, and drops what the bound asks for.
	Put(items []*Item) Dropped
	// Take gives the next deliveries of an output, oldest first: at most max.Items and, beyond the first, max.Bytes.
	// They stay in the queue until Done.
	Take(output int, max BatchLimit) []Delivery
	// Done ends a Take: the first n deliveries were acknowledged, the others wait again, or their newer revisions do.
	Done(output int, ds []Delivery, n int) Dropped
	// Ready has a value when an output may have something to take.
	Ready(output int) <-chan struct{}
	// Idle returns a channel that is closed once nothing waits and nothing is on its way.
	Idle() <-chan struct{}
	// Discard drops all that waits for an output, which takes nothing from now on.
	Discard(output int) Dropped
	// Stats returns how much waits, and what became of the rest.
	Stats() QueueStats
}

// BatchLimit bounds one Take.
type BatchLimit struct {
	Items int
	Bytes int
}

// Dropped counts, by reason, detections that one call gave up for some output.
type Dropped struct {
	Acknowledged int64 // at the bound, and the output had acknowledged an earlier revision
	First        int64 // at the bound, and the output knows nothing of this detection
	TooLarge     int64 // one item larger than the whole queue
	Closed       int64 // the output takes nothing any more
}

// add sums two counts.
func (d *Dropped) add(o Dropped) {
	d.Acknowledged += o.Acknowledged
	d.First += o.First
	d.TooLarge += o.TooLarge
	d.Closed += o.Closed
}

// Total is the sum over all reasons.
func (d Dropped) Total() int64 { return d.Acknowledged + d.First + d.TooLarge + d.Closed }

// QueueStats is the state of a queue.
type QueueStats struct {
	Bytes   int64 // of all that waits or is on its way
	Outputs []LaneStats
}

// LaneStats is the state of one output's place in the queue.
type LaneStats struct {
	Waiting      int   // deliveries that wait or are on their way
	Bytes        int64 // theirs, those shared with other outputs included
	Acknowledged int64 // deliveries done
	Replaced     int64 // revisions that a newer one took the place of before they were acknowledged
	Returned     int64 // deliveries that came back unacknowledged
	Dropped      Dropped
}

// memoryQueue is the Queue in memory.
type memoryQueue struct {
	mu    sync.Mutex
	limit int64
	bytes int64 // of all items that any lane holds, and of all slots
	refs  map[*Item]int
	lanes []*lane
	seq   uint64
	idle  []chan struct{}
}

// NewQueue returns a queue in memory for that many outputs and that many bytes.
func NewQueue(outputs int, limit int64) Queue {
	q := &memoryQueue{limit: limit, refs: map[*Item]int{}}
	for range outputs {
		q.lanes = append(q.lanes, newLane(q))
	}
	return q
}

// Put adds items for every output.
func (q *memoryQueue) Put(items []*Item) Dropped {
	q.mu.Lock()
	defer q.mu.Unlock()
	var lost Dropped
	for _, it := range items {
		for _, l := range q.lanes {
			lost.add(l.put(it))
		}
		lost.add(q.shrink())
	}
	for _, l := range q.lanes {
		l.signal()
	}
	q.wakeIdle() // all may have been dropped
	return lost
}

// Take gives the next deliveries of an output.
func (q *memoryQueue) Take(output int, max BatchLimit) []Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lanes[output].take(max)
}

// Done ends a Take.
func (q *memoryQueue) Done(output int, ds []Delivery, n int) Dropped {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[output]
	for i := range ds[:n] {
		l.acknowledge(ds[i].slot)
	}
	for i := len(ds) - 1; i >= n; i-- { // the oldest last, so that it is in front again
		l.giveBack(ds[i].slot)
	}
	lost := q.shrink()
	if l.waits() {
		l.signal()
	}
	q.wakeIdle()
	return lost
}

// Ready has a value when an output may have something to take.
func (q *memoryQueue) Ready(output int) <-chan struct{} { return q.lanes[output].ready }

// Idle returns a channel that is closed once the queue is empty.
func (q *memoryQueue) Idle() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	ch := make(chan struct{})
	q.idle = append(q.idle, ch)
	q.wakeIdle()
	return ch
}

// wakeIdle closes the channels of those who wait for an empty queue, if it is.
func (q *memoryQueue) wakeIdle() {
	if len(q.refs) > 0 {
		return
	}
	for _, ch := range q.idle {
		close(ch)
	}
	q.idle = nil
}

// Discard drops all that waits for an output.
func (q *memoryQueue) Discard(output int) Dropped {
	q.mu.Lock()
	defer q.mu.Unlock()
	lost := q.lanes[output].discard()
	q.wakeIdle()
	return lost
}

// Stats returns how much waits.
func (q *memoryQueue) Stats() QueueStats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := QueueStats{Bytes: q.bytes}
	for _, l := range q.lanes {
		st := l.stats
		st.Waiting, st.Bytes = len(l.waiting)+len(l.sending), l.bytes
		s.Outputs = append(s.Outputs, st)
	}
	return s
}

// shrink drops until the queue is within its limit: from the lane that holds most, as a slow output should pay for
// itself. What is on its way stays.
func (q *memoryQueue) shrink() Dropped {
	var lost Dropped
	for q.bytes > q.limit {
		l := q.fattest()
		if l == nil {
			return lost
		}
		lost.add(l.dropOldest())
	}
	return lost
}

// fattest returns the lane with the most bytes among those where something waits, nil without one.
func (q *memoryQueue) fattest() *lane {
	var fat *lane
	for _, l := range q.lanes {
		if l.waits() && (fat == nil || l.bytes > fat.bytes) {
			fat = l
		}
	}
	return fat
}

// hold counts one more lane that holds it.
func (q *memoryQueue) hold(it *Item) {
	if q.refs[it]++; q.refs[it] == 1 {
		q.bytes += it.bytes()
	}
}

// release counts one lane less.
func (q *memoryQueue) release(it *Item) {
	if q.refs[it]--; q.refs[it] == 0 {
		delete(q.refs, it)
		q.bytes -= it.bytes()
	}
}
