// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"hash/maphash"
	"math/bits"
)

// clientIndex finds a client by its address, its site and its URL. Texts are told apart by their hashes alone, which
// spares the look at texts that are seldom at hand: of a million addresses any two have the same 64 bits by a chance of
// one in thirty million, and nobody can choose them, for the seed is the process's own.
type clientIndex struct {
	table shards[*clientHistory]
	salt  uint64
}

const clientSlotBytes = 16

func newClientIndex(seed maphash.Seed) clientIndex {
	return clientIndex{salt: maphash.String(seed, "clients") | 1}
}

// hash is where a client of an address, by its hash, stands in the table.
func (x *clientIndex) hash(address uint64, site, stem textID) uint64 {
	high, low := bits.Mul64(address^uint64(site)<<32^uint64(stem), x.salt)
	return high ^ low
}

// find gives the client, nil where it is not remembered.
func (x *clientIndex) find(address uint64, site textID, st *stem) *clientHistory {
	h := x.hash(address, site, st.id)
	s := x.table.of(h)
	if s.n == 0 {
		return nil
	}
	for i := s.home(h); ; i = s.next(i) {
		at := &s.slots[i]
		if at.value == nil {
			return nil
		}
		if at.hash == uint32(h) {
			if c := at.value; c.address == address && c.stem == st && c.site == site {
				return c
			}
		}
	}
}

func (x *clientIndex) add(c *clientHistory) { x.table.add(x.hash(c.address, c.site, c.stem.id), c) }

func (x *clientIndex) remove(c *clientHistory) {
	x.table.remove(x.hash(c.address, c.site, c.stem.id), c)
}

func (x *clientIndex) bytes() int64 { return x.table.slots * clientSlotBytes }
