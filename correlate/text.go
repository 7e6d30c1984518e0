// SPDX-License-Identifier: Apache-2.0

package correlate

// textID names a string in texts; 0 is no string. Values of requests repeat, so each is kept once and counted.
type textID uint32

// texts holds every string that the history refers to, with the number of its users. The map and the list always
// agree: ids[list[i].s] == i for every i with refs > 0.
type texts struct {
	ids  map[string]textID
	list []text   // by id; list[0] is unused
	free []textID // ids whose refs are 0
	peak int      // most strings at once since the map was made: Go maps keep their size
	used int64    // bytes of strings with a user
}

type text struct {
	s    string
	refs uint32
}

const (
	// textOverhead is what a string costs beside its bytes: the list's slot (24) and the free list's (4).
	textOverhead = 28
	// textMapSlot is a map[string]textID slot at its usual load, 25 bytes at 7/16 to 7/8 full; held against
	// the heap by a test.
	textMapSlot = 40
)

func newTexts() texts {
	return texts{ids: map[string]textID{}, list: make([]text, 1)}
}

// acquire gives the id of b and counts one more user. isNew tells that the string was not there.
func (t *texts) acquire(b []byte) (id textID, isNew bool) {
	if id, ok := t.ids[string(b)]; ok {
		t.list[id].refs++
		return id, false
	}
	s := string(b) // copied on purpose: it outlives the chunk
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
		t.list[id] = text{s, 1}
	} else {
		id = textID(len(t.list))
		t.list = append(t.list, text{s, 1})
	}
	t.ids[s] = id
	t.peak = max(t.peak, len(t.ids))
	t.used += sizeClass(len(s))
	return id, true
}

// find gives the id of b where some record holds it.
func (t *texts) find(b []byte) textID { return t.ids[string(b)] }

// retain counts one more user of id.
func (t *texts) retain(id textID) { t.list[id].refs++ }

// release takes one user away; the last one takes the string along.
func (t *texts) release(id textID) {
	e := &t.list[id]
	if e.refs--; e.refs > 0 {
		return
	}
	t.used -= sizeClass(len(e.s))
	delete(t.ids, e.s)
	*e = text{}
	t.free = append(t.free, id)
}

// get is the string of id, "" for 0.
func (t *texts) get(id textID) string { return t.list[id].s }

// bytes is what the table takes, its map at its peak size.
func (t *texts) bytes() int64 {
	return t.used + int64(cap(t.list))*textOverhead + int64(t.peak)*textMapSlot
}

// isSparse tells that the map is worth making anew.
func (t *texts) isSparse() bool { return t.peak >= mapFloor && len(t.ids) <= t.peak/4 }

// compact makes the map anew.
func (t *texts) compact() {
	ids := make(map[string]textID, len(t.ids))
	for s, id := range t.ids {
		ids[s] = id
	}
	t.ids, t.peak = ids, len(ids)
}

// mapFloor is the size below which a map is not worth making anew.
const mapFloor = 1024

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
