// SPDX-License-Identifier: Apache-2.0

package correlate

import "hash/maphash"

// textID names a string in texts; 0 is no string. Values of requests repeat, so each is kept once and counted.
type textID uint32

// texts holds every string that the history refers to, with the number of its users. Strings stand in pages and are
// found by shards, so that no growth copies more than a small part, and what is let go shrinks again.
type texts struct {
	seed   maphash.Seed
	pages  []*textPage // by id; id 0 is unused
	count  int         // ids that were ever given out, 0 included
	free   textID      // head of the chain of ids without a user
	live   int
	shards [textShards]textShard // by the hash's highest bits
	used   int64                 // bytes of strings with a user
	slots  int64                 // of all shards
}

type textPage [textPageSize]text

type text struct {
	s    string
	refs uint32
	next textID // free, when refs is 0
}

// textShard is a hash table with open addressing, at most three quarters full.
type textShard struct {
	slots []textSlot // a power of two long
	n     int
}

// textSlot is an id, 0 for none, beside a part of the hash, so that few strings are looked at in vain.
type textSlot struct {
	id   textID
	hash uint32
}

const (
	textShards   = 256
	textPageSize = 1024
	textBytes    = 24 // of text
	slotBytes    = 8
	minSlots     = 8
)

func newTexts(seed maphash.Seed) texts { return texts{seed: seed, count: 1} }

func (t *texts) at(id textID) *text { return &t.pages[id/textPageSize][id%textPageSize] }

// acquire gives the id of b and counts one more user. isNew tells that the string was not there.
func (t *texts) acquire(b []byte) (id textID, isNew bool) {
	h := maphash.Bytes(t.seed, b)
	if id = t.lookUp(h, b); id != 0 {
		t.at(id).refs++
		return id, false
	}
	id = t.newID()
	e := t.at(id)
	e.s, e.refs, e.next = string(b), 1, 0 // copied on purpose: it outlives the chunk
	t.live++
	t.used += sizeClass(len(b))
	s := &t.shards[h>>56]
	if 4*(s.n+1) > 3*len(s.slots) {
		t.resize(s, max(2*len(s.slots), minSlots))
	}
	s.insert(textSlot{id, uint32(h)})
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
func (t *texts) find(b []byte) textID { return t.lookUp(maphash.Bytes(t.seed, b), b) }

func (t *texts) lookUp(h uint64, b []byte) textID {
	s := &t.shards[h>>56]
	if s.n == 0 {
		return 0
	}
	mask := len(s.slots) - 1
	for i := int(uint32(h)) & mask; ; i = (i + 1) & mask {
		switch slot := s.slots[i]; {
		case slot.id == 0:
			return 0
		case slot.hash == uint32(h) && t.at(slot.id).s == string(b):
			return slot.id
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
	h := maphash.String(t.seed, e.s)
	s := &t.shards[h>>56]
	s.remove(id, uint32(h))
	if len(s.slots) > minSlots && 8*s.n < len(s.slots) {
		t.resize(s, len(s.slots)/2)
	}
	t.used -= sizeClass(len(e.s))
	t.live--
	*e = text{next: t.free}
	t.free = id
}

// resize gives a shard another length.
func (t *texts) resize(s *textShard, length int) {
	t.slots += int64(length - len(s.slots))
	old := s.slots
	s.slots, s.n = make([]textSlot, length), 0
	for _, slot := range old {
		if slot.id != 0 {
			s.insert(slot)
		}
	}
}

func (s *textShard) insert(slot textSlot) {
	mask := len(s.slots) - 1
	i := int(slot.hash) & mask
	for s.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = slot
	s.n++
}

// remove takes an id out and closes the gap, so that what stood behind it is still found.
func (s *textShard) remove(id textID, hash uint32) {
	mask := len(s.slots) - 1
	i := int(hash) & mask
	for s.slots[i].id != id {
		i = (i + 1) & mask
	}
	for j := i; ; {
		j = (j + 1) & mask
		next := s.slots[j]
		if next.id == 0 {
			break
		}
		if home := int(next.hash) & mask; (j-home)&mask >= (j-i)&mask {
			s.slots[i] = next
			i = j
		}
	}
	s.slots[i] = textSlot{}
	s.n--
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
	return t.used + t.used/6 + int64(len(t.pages))*textPageSize*textBytes + t.slots*slotBytes
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
