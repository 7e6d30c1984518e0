// SPDX-License-Identifier: Apache-2.0

package correlate

import "testing"

// FuzzCorrelator reads operations from bytes. Where the first one asks for more than the memory holds, the bound and
// the invariants must hold after each step; else engine and model must agree too.
func FuzzCorrelator(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(append([]byte{byte(seed)}, randomBytes(seed, 300)...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 3000 {
			return
		}
		if len(data) > 0 && data[0]&4 != 0 {
			fuzzPressure(t, data)
			return
		}
		x, err := newDuel(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := x.run(); err != nil {
			t.Fatal(err)
		}
	})
}

func fuzzPressure(t *testing.T, data []byte) {
	d := &driver{data: data}
	c, err := New(d.options())
	if err != nil {
		t.Fatal(err)
	}
	c.opt.MemoryLimit = 80 << 10 // of which a page of texts and the least of the tables take a half
	for len(d.data) > 0 {
		d.act(c)
		c.Take()
		if got, limit := c.bytes(), c.opt.MemoryLimit; got > limit+limit/4 {
			t.Fatalf("%d bytes, limit %d", got, limit)
		}
		mustHold(t, c)
	}
}
