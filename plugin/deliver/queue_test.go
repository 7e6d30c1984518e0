// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"webshell/correlate"
)

// item makes a revision of detection id with text of that size.
func item(id string, revision, size int) *Item {
	text := []byte(fmt.Sprintf(`{"id":%q,"rev":%d,"x":%q}`, id, revision, strings.Repeat("x", size)))
	return &Item{ID: id, Revision: int64(revision), Time: correlate.Instant(revision), First: revision == 1, Create: text, Update: text}
}

// names says what ds are: id, revision, and ! where it goes as a first.
func names(ds []Delivery) string {
	var out []string
	for _, d := range ds {
		mark := ""
		if d.First {
			mark = "!"
		}
		out = append(out, fmt.Sprintf("%s%d%s", d.Item.ID, d.Item.Revision, mark))
	}
	return strings.Join(out, " ")
}

var all = BatchLimit{Items: 1 << 20, Bytes: 1 << 30}

// wantTake takes all and compares.
func wantTake(t *testing.T, q Queue, output int, want string) []Delivery {
	t.Helper()
	ds := q.Take(output, all)
	if got := names(ds); got != want {
		t.Errorf("output %d: got %q, want %q", output, got, want)
	}
	return ds
}

func TestQueue_newerRevisionTakesThePlace(t *testing.T) {
	q := NewQueue(1, 1<<20)
	q.Put([]*Item{item("a", 1, 0), item("b", 1, 0), item("a", 2, 0), item("a", 1, 0)})
	ds := wantTake(t, q, 0, "a2! b1!")
	q.Done(0, ds, len(ds))
	if s := q.Stats().Outputs[0]; s.Replaced != 2 || s.Acknowledged != 2 || s.Waiting != 0 {
		t.Errorf("got %+v", s)
	}
	if b := q.Stats().Bytes; b != 0 {
		t.Errorf("%d bytes in an empty queue", b)
	}
}

func TestQueue_firstUntilAcknowledged(t *testing.T) {
	q := NewQueue(1, 1<<20)
	q.Put([]*Item{item("a", 1, 0)})
	sent := wantTake(t, q, 0, "a1!")
	q.Put([]*Item{item("a", 2, 0), item("b", 1, 0)}) // while a1 is on its way
	q.Done(0, sent, 0)                               // its acknowledgement was lost
	sent = wantTake(t, q, 0, "a2! b1!")
	q.Put([]*Item{item("a", 3, 0), item("b", 2, 0)})
	q.Done(0, sent, 1) // a2 arrived, b1 did not
	sent = wantTake(t, q, 0, "b2! a3")
	q.Done(0, sent, 2)
	q.Put([]*Item{item("a", 4, 0)})
	wantTake(t, q, 0, "a4")
}

func TestQueue_olderThanWhatIsOnItsWay(t *testing.T) {
	q := NewQueue(1, 1<<20)
	q.Put([]*Item{item("a", 2, 0)})
	sent := q.Take(0, all)
	q.Put([]*Item{item("a", 1, 0)})
	q.Done(0, sent, 1)
	wantTake(t, q, 0, "")
}

func TestQueue_outputsHoldUpNoOther(t *testing.T) {
	q := NewQueue(2, 1<<20)
	q.Put([]*Item{item("a", 1, 0), item("b", 1, 0)})
	stuck := wantTake(t, q, 0, "a1! b1!")
	for revision := 2; revision < 5; revision++ {
		q.Done(1, q.Take(1, all), 2)
		q.Put([]*Item{item("a", revision, 0), item("b", revision, 0)})
	}
	wantTake(t, q, 1, "a4 b4")
	q.Done(0, stuck, 0)
	wantTake(t, q, 0, "a4! b4!")
}

func TestQueue_batchLimits(t *testing.T) {
	q := NewQueue(1, 1<<20)
	for i := range 10 {
		q.Put([]*Item{item(string(rune('a'+i)), 1, 1000)})
	}
	if n := len(q.Take(0, BatchLimit{Items: 3, Bytes: 1 << 20})); n != 3 {
		t.Errorf("%d items, want 3", n)
	}
	if n := len(q.Take(0, BatchLimit{Items: 100, Bytes: 2500})); n != 2 {
		t.Errorf("%d items, want the 2 that 2500 bytes hold", n)
	}
	if n := len(q.Take(0, BatchLimit{Items: 100, Bytes: 10})); n != 1 {
		t.Errorf("%d items, want 1 whatever its size", n)
	}
}

func TestQueue_dropsAcknowledgedFirst(t *testing.T) {
	one := item("a", 1, 1000)
	q := NewQueue(1, 4*(one.bytes()+slotOverhead))
	q.Put([]*Item{item("a", 1, 1000), item("b", 1, 1000)})
	q.Done(0, q.Take(0, all), 2)
	lost := q.Put([]*Item{item("c", 1, 1000), item("a", 2, 1000), item("d", 1, 1000), item("b", 2, 1000)})
	if lost != (Dropped{}) {
		t.Fatalf("dropped %+v while there was room", lost)
	}
	if lost = q.Put([]*Item{item("e", 1, 1000)}); lost != (Dropped{Acknowledged: 1}) {
		t.Fatalf("got %+v, want the update of a", lost)
	}
	if lost = q.Put([]*Item{item("f", 1, 1000), item("g", 1, 1000)}); lost != (Dropped{Acknowledged: 1, First: 1}) {
		t.Fatalf("got %+v, want the update of b, then c", lost)
	}
	q.Done(0, wantTake(t, q, 0, "d1! e1! f1! g1!"), 4)
	q.Put([]*Item{item("c", 2, 0), item("a", 3, 0)}) // the output never heard of c
	wantTake(t, q, 0, "c2! a3")
}

func TestQueue_slowOutputPaysForItself(t *testing.T) {
	one := item("a", 1, 1000)
	q := NewQueue(2, 10*(one.bytes()+2*slotOverhead))
	for i := range 100 {
		q.Put([]*Item{item(fmt.Sprint("id", i), 1, 1000)})
		q.Done(1, q.Take(1, all), 1)
	}
	s := q.Stats()
	if s.Outputs[1].Acknowledged != 100 || s.Outputs[1].Dropped != (Dropped{}) {
		t.Errorf("the fast output lost something: %+v", s.Outputs[1])
	}
	if got := int64(s.Outputs[0].Waiting) + s.Outputs[0].Dropped.First; got != 100 {
		t.Errorf("the slow output accounts for %d, want 100: %+v", got, s.Outputs[0])
	}
	if s.Bytes > 10*(one.bytes()+2*slotOverhead) {
		t.Errorf("%d bytes, beyond the limit", s.Bytes)
	}
}

func TestQueue_tooLargeAndClosed(t *testing.T) {
	q := NewQueue(1, 10_000)
	if lost := q.Put([]*Item{item("a", 1, 20_000)}); lost != (Dropped{TooLarge: 1}) {
		t.Errorf("got %+v, want one too large", lost)
	}
	q.Put([]*Item{item("a", 2, 0), item("b", 1, 0)})
	sent := wantTake(t, q, 0, "a2! b1!")
	q.Put([]*Item{item("c", 1, 0)})
	if lost := q.Discard(0); lost != (Dropped{Closed: 1}) {
		t.Errorf("got %+v, want c", lost)
	}
	q.Done(0, sent, 1)
	q.Put([]*Item{item("d", 1, 0)})
	wantTake(t, q, 0, "")
	if s := q.Stats(); s.Bytes != 0 || s.Outputs[0].Dropped.Closed != 3 {
		t.Errorf("got %+v", s)
	}
}

// TestQueue_random drives a queue with random calls and checks its invariants after each, and at the end that every
// detection's newest revision was acknowledged or dropped.
func TestQueue_random(t *testing.T) {
	for seed := range uint64(200) {
		w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 0)), newest: map[string]int{}}
		w.q = NewQueue(2, 3000+int64(w.rng.IntN(20_000))).(*memoryQueue)
		w.got = []map[string]int{{}, {}}
		for range 300 {
			w.step()
			w.check()
		}
		w.drain()
	}
}

// world is one run: the queue, and what its two outputs got.
type world struct {
	t      *testing.T
	rng    *rand.Rand
	q      *memoryQueue
	newest map[string]int
	got    []map[string]int
	onWay  [2][]Delivery
	lost   int64
}

// step makes one random call.
func (w *world) step() {
	output := w.rng.IntN(2)
	switch w.rng.IntN(4) {
	case 0, 1:
		id := string(rune('a' + w.rng.IntN(12)))
		w.newest[id]++
		w.lost += w.q.Put([]*Item{item(id, w.newest[id], w.rng.IntN(1500))}).Total()
	case 2:
		if w.onWay[output] == nil {
			w.onWay[output] = w.q.Take(output, BatchLimit{Items: 1 + w.rng.IntN(5), Bytes: 3000})
		}
	case 3:
		w.done(output, w.rng.IntN(len(w.onWay[output])+1))
	}
}

// done acknowledges the first n deliveries of an output.
func (w *world) done(output, n int) {
	ds := w.onWay[output]
	w.onWay[output] = nil
	for i := range ds[:n] {
		d := &ds[i]
		known := w.got[output][d.Item.ID]
		if d.First && known > 0 && w.lost == 0 {
			w.t.Fatalf("%s goes as a first, but revision %d was acknowledged", names(ds[i:i+1]), known)
		}
		if !d.First && known == 0 {
			w.t.Fatalf("%s goes as an update, but nothing was acknowledged", names(ds[i:i+1]))
		}
		w.got[output][d.Item.ID] = max(known, int(d.Item.Revision))
	}
	w.lost += w.q.Done(output, ds, n).Total()
}

// check walks the queue.
func (w *world) check() {
	w.t.Helper()
	var slots, items int64
	seen := map[*Item]bool{}
	for _, l := range w.q.lanes {
		var held []*slot
		for _, list := range []*slotList{&l.firsts, &l.updates} {
			seq := uint64(0)
			for s := list.front; s != nil; s = s.next {
				if s.seq <= seq || l.list(s) != list || l.waiting[s.item.ID] != s {
					w.t.Fatalf("slot %s%d is out of place", s.item.ID, s.item.Revision)
				}
				seq = s.seq
				held = append(held, s)
			}
		}
		if len(held) != len(l.waiting) {
			w.t.Fatalf("%d in lists, %d in the map", len(held), len(l.waiting))
		}
		for _, s := range l.sending {
			held = append(held, s)
		}
		slots += int64(len(held))
		for _, s := range held {
			seen[s.item] = true
		}
	}
	for it := range seen {
		items += it.bytes()
	}
	if want := items + slots*slotOverhead; w.q.bytes != want || len(w.q.refs) != len(seen) {
		w.t.Fatalf("counted %d bytes and %d items, want %d and %d", w.q.bytes, len(w.q.refs), want, len(seen))
	}
	waiting := len(w.q.lanes[0].waiting) + len(w.q.lanes[1].waiting)
	if w.q.bytes > w.q.limit && waiting > 0 {
		w.t.Fatalf("%d bytes with %d that could go, limit %d", w.q.bytes, waiting, w.q.limit)
	}
}

// drain takes everything and compares with what was put.
func (w *world) drain() {
	for output := range 2 {
		w.done(output, len(w.onWay[output]))
		w.onWay[output] = w.q.Take(output, all)
		w.done(output, len(w.onWay[output]))
		missing := int64(0)
		for id, revision := range w.newest {
			if w.got[output][id] < revision {
				missing++
			}
		}
		if missing > w.lost {
			w.t.Fatalf("%d detections missing, %d were dropped", missing, w.lost)
		}
	}
	select {
	case <-w.q.Idle():
	default:
		w.t.Fatal("not idle when empty")
	}
}

func TestIDSet(t *testing.T) {
	var s idSet
	for i := range 2 * maxUnknown {
		s.add(fmt.Sprint(i))
	}
	if len(s.ids) != maxUnknown || s.remove("0") || !s.remove(fmt.Sprint(2*maxUnknown-1)) || s.remove("no such") {
		t.Errorf("%d ids, want the last %d", len(s.ids), maxUnknown)
	}
}

// TestQueue_memory fills a queue that nobody takes from and compares what the process pays with what is counted.
func TestQueue_memory(t *testing.T) {
	const limit = 8 << 20
	for _, size := range []int{0, 300, 3000} {
		before := heap()
		q := NewQueue(2, limit)
		for i := range 200_000 * 100 / (size + 400) {
			q.Put([]*Item{item(fmt.Sprintf("%032x", i), 1, size)})
		}
		counted, paid := q.Stats().Bytes, heap()-before
		unknown := int64(2 * maxUnknown * 130)
		if counted > limit || counted < limit*9/10 {
			t.Errorf("size %d: %d bytes counted, want nearly %d", size, counted, limit)
		}
		if paid > limit+limit/20+unknown {
			t.Errorf("size %d: %d bytes paid for %d counted", size, paid, counted)
		}
		runtime.KeepAlive(q)
	}
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestQueue_readyAndIdle(t *testing.T) {
	q := NewQueue(1, 1<<20)
	q.Put([]*Item{item("a", 1, 0)})
	<-q.Ready(0)
	ds := q.Take(0, all)
	idle := q.Idle()
	q.Done(0, ds, 0)
	<-q.Ready(0) // it waits again
	select {
	case <-idle:
		t.Fatal("idle while a delivery waits")
	default:
	}
	q.Done(0, slices.Clone(q.Take(0, all)), 1)
	<-idle
}
