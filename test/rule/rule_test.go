// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// env is a number from the environment, for more worlds or for one of them again.
func env(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// seeds gives the first seed of a run and their number. With -count each run goes on where the last one stopped.
func seeds(t *testing.T, next *atomic.Uint64) (first, n uint64) {
	t.Helper()
	n = env(t, "RULE_WORLDS", defaultWorlds)
	return env(t, "RULE_SEED", 1) + next.Add(n) - n, n
}

var nextKQL, nextWindows atomic.Uint64

// Under `matching kql` the engine's rows at any moment, every revision and the last one of each row are the rule's.
func TestRule_kql(t *testing.T) {
	t.Parallel()
	first, n := seeds(t, &nextKQL)
	var rows, revisions atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d worlds from seed %d: %d rows and %d revisions compared", n, first, rows.Load(), revisions.Load())
		if !t.Failed() && n >= defaultWorlds && (rows.Load() < 10*int64(n) || revisions.Load() < 10*int64(n)) {
			t.Errorf("the worlds are too empty to tell anything")
		}
	})
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			steps := newWorld(seed, false).steps
			r, err := replayKQL(t, steps)
			if err != nil {
				report(t, seed, err, steps, func(steps []step) error { _, err := replayKQL(t, steps); return err })
			}
			rows.Add(int64(r.rows))
			revisions.Add(int64(r.revisions))
		})
	}
}

// report fails with as few steps as it can find that still fail.
func report(t *testing.T, seed uint64, err error, steps []step, run func([]step) error) {
	t.Helper()
	t.Errorf("RULE_SEED=%d RULE_WORLDS=1: %v", seed, err)
	steps, err = shrink(steps, err, run)
	var b strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&b, "%3d %s\n", i, s)
	}
	t.Logf("the least steps that were found, with\n%v\n%s", err, b.String())
}

// shrinkRuns bounds the search for fewer steps.
const shrinkRuns = 500

// shrink leaves out steps, first many at once, as long as the rest still fails.
func shrink(steps []step, err error, run func([]step) error) ([]step, error) {
	runs := 0
	for size := len(steps) / 2; size > 0; {
		found := false
		for at := 0; at+size <= len(steps) && runs < shrinkRuns; {
			less := append(append([]step(nil), steps[:at]...), steps[at+size:]...)
			runs++
			if e := run(less); e != nil {
				steps, err, found = less, e, true
				continue
			}
			at += size
		}
		if !found || size > len(steps) {
			size /= 2
		}
	}
	return steps, err
}
