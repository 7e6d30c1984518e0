// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"testing"

	"webshell/correlate"
)

// replay runs the steps of a world through the engine under `matching kql` and compares it with the rule on the way.
type replay struct {
	*engine
	rule *sentinel

	latest map[key]row // of each key, what its newest revision said
	order  map[string]revision
	ids    map[key]string

	final           map[key]row // the rule's rows when it was drained last
	rows, revisions int         // compared
}

// revision is what puts a detection's revisions in order.
type revision struct {
	generated correlate.Instant
	number    int64
}

func (r revision) isBefore(o revision) bool {
	return r.generated < o.generated || r.generated == o.generated && r.number < o.number
}

// replayKQL gives what was compared, or the first step at which the engine and the rule differ.
func replayKQL(t testing.TB, steps []step) (*replay, error) {
	t.Helper()
	r := &replay{
		engine: newEngine(t, correlate.KQL), rule: newSentinel(t),
		latest: map[key]row{}, order: map[string]revision{}, ids: map[key]string{},
	}
	defer r.rule.close()
	for i := range steps {
		if err := r.do(&steps[i]); err != nil {
			return r, fmt.Errorf("step %d, %s, clock %s: %w", i, steps[i], clock(int64(r.Clock())), err)
		}
	}
	wall := correlate.Instant(0)
	if len(steps) > 0 {
		wall = correlate.Instant(steps[len(steps)-1].at)
	}
	if err := r.drain(wall); err != nil {
		return r, fmt.Errorf("at the end, clock %s: %w", clock(int64(r.Clock())), err)
	}
	return r, nil
}

func (r *replay) do(s *step) error {
	wall := correlate.Instant(s.at)
	switch s.kind {
	case arriveRequest:
		return r.arrive(s.request.time, s.at, func() error { return r.arriveRequest(s) }, func() { r.rule.request(&s.request) })
	case arriveAlert:
		return r.arrive(s.alert.time, s.at, func() error { return r.arriveAlert(s) }, func() { r.rule.alert(&s.alert) })
	case tick:
		r.Tick(wall)
	case lookBack:
		r.Step(wall)
	case drain:
		return r.drain(wall)
	case look:
		return r.look(max(s.now, int64(r.Clock())))
	}
	return r.checkRevisions(r.Take(), nil)
}

func (r *replay) arriveRequest(s *step) error {
	before := int64(r.Clock())
	want := correlate.Accepted
	switch {
	case s.request.time > s.at+futureSlack:
		want = correlate.Future
	case before != 0 && s.request.time <= before-logWindow:
		want = correlate.Late
	}
	got := r.request(&s.request, s.at)
	if got != want && (got != correlate.NotScript || want != correlate.Accepted) {
		return fmt.Errorf("the engine says %s, want %s", got, want)
	}
	if want == correlate.Accepted && int64(r.Clock()) != max(before, s.request.time) {
		return fmt.Errorf("the clock was %s", clock(before))
	}
	return nil
}

func (r *replay) arriveAlert(s *step) error {
	before := int64(r.Clock())
	outcomes := r.alert(&s.alert, s.at)
	if len(outcomes) > 1 {
		return fmt.Errorf("one row gave %d alerts", len(outcomes))
	}
	isFuture := s.alert.time > s.at+futureSlack
	for _, o := range outcomes {
		if (o == correlate.Future) != isFuture {
			return fmt.Errorf("the engine says %s", o)
		}
	}
	if now := int64(r.Clock()); now != before && now != max(before, s.alert.time) {
		return fmt.Errorf("the clock was %s", clock(before))
	}
	return nil
}

// arrive hands a record of time t to the engine and, unless it is from the future, to the rule's tables. Revisions
// that the engine made before it moved its clock must be the rule's rows of then.
func (r *replay) arrive(t, wall int64, toEngine func() error, toRule func()) error {
	before := int64(r.Clock())
	isFuture := t > wall+futureSlack
	var ending map[key]row
	if before != 0 && !isFuture && t > before && r.rule.endsAlert(before, t) {
		ending = r.rule.rows(before)
	}
	if err := toEngine(); err != nil {
		return err
	}
	if !isFuture {
		toRule()
	}
	if err := r.checkRevisions(r.Take(), ending); err != nil || ending == nil {
		return err
	}
	return r.checkEnded(ending)
}

// checkRevisions holds revisions against the rule at the clock, or against the rows that the clock has just passed.
func (r *replay) checkRevisions(made []*correlate.Detection, passed map[key]row) error {
	now := int64(r.Clock())
	for _, d := range made {
		got := rowOf(d)
		if err := r.checkOrder(d, got.key); err != nil {
			return err
		}
		r.revisions++
		r.latest[got.key] = got
		if old, ok := passed[got.key]; ok && got.isSame(old) {
			continue
		}
		want, ok := r.rule.row(now, got.key)
		if !ok {
			return fmt.Errorf("revision %d is none of the rule's rows:\n%s", d.Revision, got)
		}
		if !got.isSame(want) {
			return fmt.Errorf("revision %d is not the rule's row:\n got %s\nwant %s", d.Revision, got, want)
		}
	}
	return nil
}

// checkOrder makes sure that who sorts revisions as SPEC section 4 says has the newest one last, and that the
// detection's id stands for its key.
func (r *replay) checkOrder(d *correlate.Detection, k key) error {
	if id, ok := r.ids[k]; ok && id != d.ID {
		return fmt.Errorf("%+v has the ids %s and %s", k, id, d.ID)
	}
	r.ids[k] = d.ID
	this := revision{d.TimeGenerated, d.Revision}
	if last, ok := r.order[d.ID]; ok && !last.isBefore(this) {
		return fmt.Errorf("%+v: revision %d of %s comes after revision %d of %s", k, this.number, this.generated, last.number, last.generated)
	}
	r.order[d.ID] = this
	return nil
}

// checkEnded makes sure that a row which ends with its alert was told as it was. (One that has left the log window at
// the same time may have done so before it was told.)
func (r *replay) checkEnded(before map[key]row) error {
	now := int64(r.Clock())
	after := r.rule.rows(now)
	for k, was := range before {
		if _, goesOn := after[k]; goesOn || was.end <= now-logWindow {
			continue
		}
		if told := r.latest[k]; !told.covers(was) {
			return fmt.Errorf("a row ended that was not told:\n was %s\ntold %s", was, told)
		}
	}
	return nil
}

// look compares all rows at now.
func (r *replay) look(now int64) error {
	want := r.rule.rows(now)
	got := r.Rows(correlate.Instant(now))
	for _, d := range got {
		have := rowOf(d)
		w, ok := want[have.key]
		if !ok {
			return fmt.Errorf("Rows(%s) has a row that the rule has not, or twice:\n%s", clock(now), have)
		}
		if !have.isSame(w) {
			return fmt.Errorf("Rows(%s) and the rule differ:\n got %s\nwant %s", clock(now), have, w)
		}
		delete(want, have.key)
		r.rows++
	}
	for _, w := range want {
		return fmt.Errorf("Rows(%s) lacks a row:\n%s", clock(now), w)
	}
	if made := r.Take(); len(made) != 0 {
		return fmt.Errorf("Rows made %d revisions", len(made))
	}
	return r.checkTold()
}

// checkTold makes sure that every row of the clock was told, if nothing waits.
func (r *replay) checkTold() error {
	if r.Stats().Pending > 0 {
		return nil
	}
	for k, w := range r.rule.rows(int64(r.Clock())) {
		if told := r.latest[k]; !told.covers(w) {
			return fmt.Errorf("nothing waits, and a row was not told:\nrule %s\ntold %s", w, told)
		}
	}
	return nil
}

// drain has the engine send what waits: now every row has a revision that equals it.
func (r *replay) drain(wall correlate.Instant) error {
	r.Drain(wall)
	if err := r.checkRevisions(r.Take(), nil); err != nil {
		return err
	}
	r.final = r.rule.rows(int64(r.Clock()))
	for k, w := range r.final {
		if told := r.latest[k]; !told.isSame(w) {
			return fmt.Errorf("the last revision is not the rule's row:\n got %s\nwant %s", told, w)
		}
	}
	return r.look(int64(r.Clock()))
}
