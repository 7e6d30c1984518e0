// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"webshell/correlate"
)

// TestFlood holds the smallest memory against a part of each flood; go run ./flood plays them whole.
func TestFlood(t *testing.T) {
	const limit = 4 << 20
	for i := range floods {
		fl := &floods[i]
		if fl.isLost {
			continue // what it says of Coverage needs all of it
		}
		t.Run(fl.name, func(t *testing.T) {
			o := correlate.DefaultOptions(correlate.Windows)
			o.MemoryLimit = limit
			c, err := correlate.New(o)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			f := play(fl, func(r *correlate.Request) {
				n++
				if n > storyLength+60_000 {
					return
				}
				c.AddRequest(r, r.Time)
				if s := n % 10_000; s == 0 && c.Stats().Bytes > limit+limit/20 {
					t.Fatalf("record %d: %d bytes, limit %d", n, c.Stats().Bytes, limit)
				}
			})
			now := correlate.At(f.now)
			c.AddAlert(shellAlert(now), now)
			for c.Step(now) {
			}
			var res result
			if res.judge(c.Take()); res.Known != len(attackers) {
				t.Errorf("%d attackers known of %d, coverage %s", res.Known, len(attackers), res.Coverage)
			}
		})
	}
}
