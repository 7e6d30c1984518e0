// SPDX-License-Identifier: Apache-2.0

package correlate

import "hash/maphash"

// textID names a string in texts; 0 is no string. Values of requests repeat, so each is kept once and counted.
type textID uint32

// texts holds every string that the history refers to, with the number of its users. Strings stand in pages, so
// that no growth copies them.
type texts struct {
	seed  maphash.Seed
	pages []*textPage // by id; id 0 is unused
	count int         // ids that were ever given out, 0 included
	free  textID      // head of the chain of ids without a user
	live  int
	table shards[textID]
	used  int64 // bytes of strings with a user
}

type textPage [textPageSize]text

type text struct {
	s    string
	hash uint64
	refs uint32
	next textID // free, when refs is 0
}

const (
	textPageSize  = 1024
	textBytes     = 32 // of text
	textSlotBytes = 8
)

func newTexts(seed maphash.Seed) texts { return texts{seed: seed, count: 1} }

func (t *texts) at(id textID) *text { return &t.pages[id/textPageSize][id%textPageSize] }

// acquire gives the id of b and counts one more user. isNew tells that the string was not there.
func (t *texts) acquire(b []byte) (id textID, isNew bool) {
	h := maphash.Bytes(t.seed, b)
	if id = t.lookUp(h); id != 0 {
		t.at(id).refs++
		return id, false
	}
	id = t.newID()
	e := t.at(id)
	*e = text{s: string(b), hash: h, refs: 1} // copied on purpose: it outlives the chunk
	t.live++
	t.used += sizeClass(len(b))
	t.table.add(h, id)
	return id, true
}

func (t *texts) newID() textID {
	if id := t.free; id != 0 {
		t.free = t.at(id).next
		return id
	}
	id := textID(t.count)
	if t.count++; int(id/textPageSize) >= len(t.pages) {
		t.pages = append(t.pages, new(textPage))
	}
	return id
}

// find gives the id of b where some record holds it.
func (t *texts) find(b []byte) textID { return t.lookUp(maphash.Bytes(t.seed, b)) }

// lookUp gives the id of the string with a hash, which is enough to tell it from others: see clientIndex.
func (t *texts) lookUp(h uint64) textID {
	s := t.table.of(h)
	if s.n == 0 {
		return 0
	}
	for i := s.home(h); ; i = s.next(i) {
		switch at := s.slots[i]; {
		case at.value == 0:
			return 0
		case at.hash == uint32(h) && t.at(at.value).hash == h:
			return at.value
		}
	}
}

// retain counts one more user of id.
func (t *texts) retain(id textID) { t.at(id).refs++ }

// release takes one user away; the last one takes the string along.
func (t *texts) release(id textID) {
	e := t.at(id)
	if e.refs--; e.refs > 0 {
		return
	}
	t.table.remove(e.hash, id)
	t.used -= sizeClass(len(e.s))
	t.live--
	*e = text{next: t.free}
	t.free = id
}

// get is the string of id, "" for 0.
func (t *texts) get(id textID) string {
	if id == 0 {
		return ""
	}
	return t.at(id).s
}

// bytes is what the table takes. Strings are of many sizes: a sixth of what they take is free among them, at least.
func (t *texts) bytes() int64 {
	return t.used + t.used/6 + int64(len(t.pages))*textPageSize*textBytes + t.table.slots*textSlotBytes
}

// sizeClass is what Go's allocator takes for n bytes, from above: steps of 8 to 128 bytes, then an eighth.
func sizeClass(n int) int64 {
	switch {
	case n == 0:
		return 0
	case n <= 32:
		return int64(n+7) &^ 7
	case n <= 256:
		return int64(n+15) &^ 15
	default:
		return int64(n + n/8)
	}
}
