// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"math/rand/v2"
	"testing"
	"time"
)

func randomBytes(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestInvariants_random(t *testing.T) {
	for seed := range uint64(200) {
		d := &driver{data: randomBytes(seed, 1000+int(seed%5)*10000)}
		c, err := New(d.options())
		if err != nil {
			t.Fatal(err)
		}
		if d.isWide {
			c.opt.MemoryLimit = 200 << 10
		}
		for step := 0; len(d.data) > 0; step++ {
			switch b := d.next(); {
			case b < 200:
				r, _ := d.request()
				c.AddRequest(r, d.wall)
			case b < 230:
				c.AddAlert(d.alert(), d.wall)
			case b < 250:
				d.wall = d.wall.Add(time.Duration(d.next()) * time.Second)
				c.Tick(d.wall)
			default:
				c.Drain(d.wall)
			}
			c.Take()
			if step > 400 && step%16 != 0 {
				continue
			}
			if err := checkInvariants(c); err != nil {
				t.Fatalf("seed %d step %d: %v", seed, step, err)
			}
		}
	}
}
