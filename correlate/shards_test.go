// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"math/rand/v2"
	"testing"
)

// has tells whether v stands under h.
func (t *shards[V]) has(h uint64, v V) bool {
	s := t.of(h)
	if s.n == 0 {
		return false
	}
	var none V
	for i := s.home(h); s.slots[i].value != none; i = s.next(i) {
		if s.slots[i].value == v {
			return true
		}
	}
	return false
}

// Whatever comes and goes, in a few shards and with many a hash alike, what is there is found and nothing else.
func TestShards(t *testing.T) {
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 5))
		hashOf := func(v uint32) uint64 { return uint64(v%3)<<56 | uint64(v/3%(16+uint32(seed)*64)) }
		var table shards[uint32]
		there := map[uint32]bool{}
		for step := range 4000 {
			v := 1 + dice.Uint32N(600)
			growing := step/1000%2 == 0 // then it shrinks
			switch h := hashOf(v); {
			case there[v] && (!growing || dice.IntN(4) == 0):
				table.remove(h, v)
				delete(there, v)
			case !there[v] && (growing || dice.IntN(4) == 0):
				table.add(h, v)
				there[v] = true
			}
			if step%50 != 0 {
				continue
			}
			for v := uint32(1); v <= 600; v++ {
				if table.has(hashOf(v), v) != there[v] {
					t.Fatalf("seed %d step %d: %d is there: %v", seed, step, v, there[v])
				}
			}
			if values, slots := shardSizes(&table); values != len(there) || slots != table.slots {
				t.Fatalf("seed %d step %d: %d values of %d, %d slots, counter %d", seed, step, values, len(there), slots, table.slots)
			}
		}
	}
}
