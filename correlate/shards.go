// SPDX-License-Identifier: Apache-2.0

package correlate

// shards is a hash table of values that are told apart elsewhere: it finds those that have a hash. Open addressing, at
// most three quarters full, in shards by the hash's highest bits, so that no growth copies more than a small part, and
// what is let go shrinks again. The zero value of V is no value.
type shards[V comparable] struct {
	shards [shardCount]shard[V]
	slots  int64 // of all shards
}

type shard[V comparable] struct {
	slots []slot[V]
	n     int
}

// slot is a value beside a part of its hash, so that few values are looked at in vain.
type slot[V comparable] struct {
	value V
	hash  uint32
}

const (
	shardCount = 256
	minSlots   = 4
	fewSlots   = 64
)

// of gives the shard for a hash. A search begins at its home and goes on to next, until it meets a slot without a value;
// an empty shard has no slots.
func (t *shards[V]) of(h uint64) *shard[V] { return &t.shards[h>>56] }

func (s *shard[V]) home(h uint64) int { return int(uint64(uint32(h)) * uint64(len(s.slots)) >> 32) }

func (s *shard[V]) next(i int) int {
	if i++; i < len(s.slots) {
		return i
	}
	return 0
}

// behind is how far slot i is behind another, by way of next.
func (s *shard[V]) behind(i, other int) int {
	if i < other {
		i += len(s.slots)
	}
	return i - other
}

// add puts v, which is not there yet, under its hash.
func (t *shards[V]) add(h uint64, v V) {
	s := t.of(h)
	if 4*(s.n+1) > 3*len(s.slots) {
		t.resize(s, grown(len(s.slots)))
	}
	s.insert(slot[V]{v, uint32(h)})
}

// grown is a shard's next length: twice as many slots while they are few, then half as many more, for those that are
// empty add up.
func grown(length int) int {
	switch {
	case length < minSlots:
		return minSlots
	case length < fewSlots:
		return 2 * length
	default:
		return length + length/2
	}
}

// remove takes v, which is there, out.
func (t *shards[V]) remove(h uint64, v V) {
	s := t.of(h)
	s.remove(h, v)
	if len(s.slots) > minSlots && 4*s.n < len(s.slots) {
		t.resize(s, max(len(s.slots)/2, minSlots))
	}
}

// resize gives a shard another length.
func (t *shards[V]) resize(s *shard[V], length int) {
	t.slots += int64(length - len(s.slots))
	old := s.slots
	s.slots, s.n = make([]slot[V], length), 0
	var none V
	for _, x := range old {
		if x.value != none {
			s.insert(x)
		}
	}
}

func (s *shard[V]) insert(x slot[V]) {
	var none V
	i := s.home(uint64(x.hash))
	for s.slots[i].value != none {
		i = s.next(i)
	}
	s.slots[i] = x
	s.n++
}

// remove closes the gap that v leaves, so that what stood behind it is still found.
func (s *shard[V]) remove(h uint64, v V) {
	i := s.home(h)
	for s.slots[i].value != v {
		i = s.next(i)
	}
	var none V
	for j := s.next(i); s.slots[j].value != none; j = s.next(j) {
		if home := s.home(uint64(s.slots[j].hash)); s.behind(j, home) >= s.behind(j, i) {
			s.slots[i] = s.slots[j]
			i = j
		}
	}
	s.slots[i] = slot[V]{}
	s.n--
}
