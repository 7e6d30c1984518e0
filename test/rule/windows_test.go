// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"webshell/correlate"
)

// Under `matching windows` every row that the rule ever has is found, with a count no smaller, on worlds without what
// SPEC sections 2 to 4 exclude: files that name another device, alerts without a host, dismissed alerts, more clients
// or spellings than the caps allow.
func TestRule_windows(t *testing.T) {
	t.Parallel()
	first, n := seeds(t, &nextWindows)
	var rows atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d worlds from seed %d: %d rows looked for", n, first, rows.Load())
		if !t.Failed() && n >= defaultWorlds && rows.Load() < 5*int64(n) {
			t.Errorf("the worlds are too empty to tell anything")
		}
	})
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			steps := newWorld(seed, true).steps
			found, err := replayWindows(t, steps)
			if err != nil {
				report(t, seed, err, steps, func(steps []step) error { _, err := replayWindows(t, steps); return err })
			}
			rows.Add(int64(found))
		})
	}
}

// search runs the steps of a world through the engine under `matching windows` and keeps, of each row that the rule
// has on the way, the one with most requests.
type search struct {
	*engine
	rule   *sentinel
	wanted map[key]row
	found  map[key][]row // what the revisions said, in their order
}

// replayWindows gives how many rows were looked for, or one that was not found.
func replayWindows(t testing.TB, steps []step) (int, error) {
	t.Helper()
	r := &search{
		engine: newEngine(t, correlate.Windows), rule: newSentinel(t),
		wanted: map[key]row{}, found: map[key][]row{},
	}
	defer r.rule.close()
	wall := int64(0)
	for i := range steps {
		r.do(&steps[i])
		wall = steps[i].at
	}
	r.Drain(correlate.Instant(wall))
	r.take()
	return len(r.wanted), r.compare()
}

func (r *search) do(s *step) {
	switch s.kind {
	case arriveRequest:
		if r.request(&s.request, s.at) != correlate.Future {
			r.rule.request(&s.request)
		}
	case arriveAlert:
		r.alert(&s.alert, s.at)
		if s.alert.time <= s.at+futureSlack {
			r.rule.alert(&s.alert)
		}
	case tick:
		r.Tick(correlate.Instant(s.at))
	case lookBack:
		r.Step(correlate.Instant(s.at))
	case drain:
		r.Drain(correlate.Instant(s.at))
	}
	r.take()
	if s.kind != arriveAlert && s.kind != look {
		return
	}
	for k, now := range r.rule.rows(int64(r.Clock())) {
		if now.count >= r.wanted[k].count {
			r.wanted[k] = now
		}
	}
}

// take notes what the revisions of the step say.
func (r *search) take() {
	for _, d := range r.Take() {
		got := rowOf(d)
		r.found[got.key] = append(r.found[got.key], got)
	}
}

// compare holds the revisions against the rule's rows: of each one that there ever was, some revision has no less, and
// of each one that there is now, the last revision.
func (r *search) compare() error {
	for k, want := range r.wanted {
		found := r.found[k]
		if !slices.ContainsFunc(found, func(got row) bool { return got.count >= want.count && got.start <= want.start && got.end >= want.end }) {
			return fmt.Errorf("no revision has what the rule's row has:\n got %s\nwant %s", found, want)
		}
	}
	for k, want := range r.rule.rows(int64(r.Clock())) {
		found := r.found[k]
		if got := found[len(found)-1]; got.count < want.count || got.start > want.start || got.end < want.end {
			return fmt.Errorf("the last revision has less than the rule's row:\n got %s\nwant %s", got, want)
		}
	}
	return nil
}
