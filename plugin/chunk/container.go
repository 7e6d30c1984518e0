// SPDX-License-Identifier: Apache-2.0

package chunk

// Map is a view of an encoded map. The zero Map is empty.
type Map struct {
	raw []byte // header and entries
}

// Len is the number of entries, those that MapIter passes over included.
func (m Map) Len() int {
	n, _, _ := container(m.raw, 0, MapKind)
	return n
}

// Value is the map as a Value, for Decode. It is the zero Value for the zero Map.
func (m Map) Value() Value {
	if len(m.raw) == 0 {
		return Value{}
	}
	return valueOf(m.raw)
}

// Iter begins a walk over the entries, in the order of the chunk.
func (m Map) Iter() MapIter {
	n, first, ok := container(m.raw, 0, MapKind)
	if !ok {
		return MapIter{}
	}
	return MapIter{data: m.raw, pos: first, left: n}
}

// Get is the value under key. Of several entries with the key the last one
// counts, as in Decode. It reads the whole map: to find several keys, iterate.
func (m Map) Get(key string) (val Value, ok bool) {
	var k []byte
	var v Value
	for it := m.Iter(); it.Next(&k, &v); {
		if string(k) == key {
			val, ok = v, true
		}
	}
	return val, ok
}

// MapIter walks the entries of a Map. To go down into maps within maps reads
// their bytes once for each level.
type MapIter struct {
	data []byte
	pos  int
	left int // entries still to come
}

// Next moves to the next entry whose key is text (a string or a binary) and
// reports whether there was one; entries with other keys are passed over. Both
// results are parts of the chunk.
func (it *MapIter) Next(key *[]byte, val *Value) bool {
	for ; it.left > 0; it.left-- {
		data, start := it.data, it.pos
		mid := textEnd(data, start)
		end := len(data) // of the last value: that was seen when the map was cut out
		if it.left > 1 {
			end = textEnd(data, mid)
		}
		if mid < 0 || end < 0 || mid >= len(data) {
			it.left = 0
			return false
		}
		it.pos = end
		if info := &codes[data[start]]; info.kind == String || info.kind == Binary {
			it.left--
			*key = data[start+int(info.head) : mid : mid]
			*val = valueOf(data[mid:end:end])
			return true
		}
	}
	return false
}

// NextUnder is Next where the next key is written as the bytes of key, its header included; else it reports false and
// stays where it is. Records of one source have the same keys in the same order, so that a caller who remembers them
// needs to read none.
func (it *MapIter) NextUnder(key []byte, val *Value) bool {
	data, mid := it.data, it.pos+len(key)
	if it.left <= 0 || mid >= len(data) || string(data[it.pos:mid]) != string(key) {
		return false
	}
	end := len(data) // see Next
	if it.left > 1 {
		if end = textEnd(data, mid); end < 0 {
			return false
		}
	}
	it.pos = end
	it.left--
	*val = valueOf(data[mid:end:end])
	return true
}

// Array is a view of an encoded array. The zero Array is empty.
type Array struct {
	raw []byte // header and elements
}

// Len is the number of elements.
func (a Array) Len() int {
	n, _, _ := container(a.raw, 0, ArrayKind)
	return n
}

// Iter begins a walk over the elements.
func (a Array) Iter() ArrayIter {
	n, first, ok := container(a.raw, 0, ArrayKind)
	if !ok {
		return ArrayIter{}
	}
	return ArrayIter{data: a.raw, pos: first, left: n}
}

// ArrayIter walks the elements of an Array.
type ArrayIter struct {
	data []byte
	pos  int
	left int // elements still to come
}

// Next moves to the next element and reports whether there was one.
func (it *ArrayIter) Next(val *Value) bool {
	if it.left <= 0 {
		return false
	}
	it.left--
	end := valueEnd(it.data, it.pos)
	if end < 0 {
		it.left = 0
		return false
	}
	*val = valueOf(it.data[it.pos:end:end])
	it.pos = end
	return true
}
