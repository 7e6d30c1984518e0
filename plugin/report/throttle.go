// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Interval is the least time between two summaries of one reason.
const Interval = 30 * time.Second

// maxReasons bounds the reasons of a Throttle; reasons are words of ours, so more of them is a mistake, and those
// share OtherReasons.
const maxReasons = 256

// OtherReasons stands for the reasons beyond the bound.
const OtherReasons = "other"

// Throttle turns events that happen often into few log lines: the first of a reason is due at once, then one
// summary with a count at most every Interval. The zero value is ready, and it is safe for concurrent use.
type Throttle struct {
	mu      sync.Mutex
	reasons map[string]*tally
}

type tally struct {
	waiting int64     // events since the last summary
	said    time.Time // when that was
}

// Summary is what a log line should say now.
type Summary struct {
	Reason string
	Count  int64         // events since the last summary of this reason
	Since  time.Duration // time since then, 0 for the first
}

// Attrs gives the summary as attributes of a log line.
func (s Summary) Attrs() []any {
	if s.Since == 0 {
		return []any{"reason", s.Reason, "count", s.Count}
	}
	return []any{"reason", s.Reason, "count", s.Count, "since", s.Since.Round(time.Second)}
}

// Add counts n events of the reason; due tells whether to log the summary now. now is the wall clock.
func (t *Throttle) Add(reason string, n int64, now time.Time) (s Summary, due bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	reason, one, isNew := t.tally(reason)
	one.waiting += n
	if isNew {
		return one.summary(reason, now), true
	}
	if !one.isDue(now) {
		return Summary{}, false
	}
	return one.summary(reason, now), true
}

// Due gives the summaries whose time has come without another event, sorted by reason: call it from a timer.
func (t *Throttle) Due(now time.Time) []Summary {
	return t.collect(now, (*tally).isDue)
}

// Rest gives what was counted and not yet said, due or not: call it at the end.
func (t *Throttle) Rest(now time.Time) []Summary {
	return t.collect(now, func(one *tally, _ time.Time) bool { return one.waiting > 0 })
}

func (t *Throttle) collect(now time.Time, wanted func(*tally, time.Time) bool) []Summary {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Summary
	for reason, one := range t.reasons {
		if wanted(one, now) {
			out = append(out, one.summary(reason, now))
		}
	}
	slices.SortFunc(out, func(a, b Summary) int { return strings.Compare(a.Reason, b.Reason) })
	return out
}

func (t *Throttle) tally(reason string) (name string, one *tally, isNew bool) {
	one, ok := t.reasons[reason]
	if !ok && len(t.reasons) >= maxReasons-1 {
		reason = OtherReasons
		one, ok = t.reasons[reason]
	}
	if !ok {
		one = &tally{}
		if t.reasons == nil {
			t.reasons = map[string]*tally{}
		}
		t.reasons[reason] = one
	}
	return reason, one, !ok
}

// isDue also holds when the wall clock was set back: silence must not last until it has caught up.
func (one *tally) isDue(now time.Time) bool {
	passed := now.Sub(one.said)
	return one.waiting > 0 && (passed >= Interval || passed < 0)
}

func (one *tally) summary(reason string, now time.Time) Summary {
	s := Summary{Reason: reason, Count: one.waiting}
	if !one.said.IsZero() {
		s.Since = max(now.Sub(one.said), 0)
	}
	one.waiting, one.said = 0, now
	return s
}
