// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"math/rand/v2"
	"testing"
)

func TestList(t *testing.T) {
	var l list[int]
	var want []int
	rnd := rand.New(rand.NewPCG(1, 2))
	for step := range 20_000 {
		if grows := step/5000%2 == 0; len(want) == 0 || rnd.IntN(10) < 2 == !grows {
			l.push(step)
			want = append(want, step)
		} else {
			i := rnd.IntN(len(want))
			end := len(want) - 1
			last, isMoved := l.remove(i)
			if last != want[end] || isMoved != (i < end) {
				t.Fatalf("step %d: %d took the place, %v; want %d", step, last, isMoved, want[end])
			}
			want[i] = want[end]
			want = want[:end]
		}
		if l.len() != len(want) {
			t.Fatalf("step %d: length %d, want %d", step, l.len(), len(want))
		}
		if step%97 == 0 {
			for i, n := range want {
				if l.at(i) != n {
					t.Fatalf("step %d: item %d is %d, want %d", step, i, l.at(i), n)
				}
			}
		}
	}
}
