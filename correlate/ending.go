// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"container/heap"
	"slices"
)

// over is what stops counting at a moment: one of the two.
type over struct {
	target *target
	alert  *alertState
}

// endAlerts ends what is over at t, while the clock still stands before it: under KQL a revision must be the rule's
// row at the clock when it was made, so what waits is sent now.
func (c *Correlator) endAlerts(t, wall Instant) {
	c.finishJobs(t, wall)
	var targets []*target
	var alerts []*alertState
	for len(c.ends) > 0 && c.ends[0].at <= t {
		e := heap.Pop(&c.ends).(*moment[over]).item
		if e.target != nil {
			targets = append(targets, e.target)
		} else {
			alerts = append(alerts, e.alert)
			targets = append(targets, e.alert.targets...)
		}
	}
	c.endTargets(targets, wall)
	for _, a := range alerts {
		c.forgetAlert(a)
	}
}

// finishJobs does to the end what is under way for alerts and targets that are over at t: there is no later chance. A
// clock that jumps far may so keep a flush waiting, for as long as it takes to report what those alerts name.
func (c *Correlator) finishJobs(t, wall Instant) {
	if len(c.ends) == 0 || c.ends[0].at > t {
		return
	}
	for _, j := range c.jobs {
		if j.endsBy(t) {
			c.finish(j, wall)
		}
	}
}

// finish does all steps of a job; what is then left of it does nothing.
func (c *Correlator) finish(j job, wall Instant) {
	for c.spent = 0; !j.run(c, wall); {
		c.spent = 0
	}
}

// endsBy tells whether the target is over at t, by itself or with its alert.
func (t *target) endsBy(at Instant) bool { return t.end.at <= at || t.alert.end.at <= at }

// endTargets ends the watch of targets, some of which may be named twice. What waits to be said of them is sent first.
func (c *Correlator) endTargets(targets []*target, wall Instant) {
	for _, t := range targets {
		t.isEnding = true
	}
	c.sendWaiting(wall)
	for _, t := range targets {
		if !t.isEnding {
			continue
		}
		t.isEnding = false
		c.endTarget(t)
	}
}

// endTarget ends the watch of a target, whatever waits to be said of it.
func (c *Correlator) endTarget(t *target) {
	c.unlist(t)
	c.ends.drop(&t.end)
}

// sendWaiting sends the revisions that wait and are about a target which ends.
func (c *Correlator) sendWaiting(wall Instant) {
	var waiting []*clientHistory
	for _, d := range c.due {
		if slices.ContainsFunc(d.item.report.matches, func(m match) bool { return m.target.isEnding }) {
			waiting = append(waiting, d.item)
		}
	}
	for _, cl := range waiting {
		c.send(cl, wall)
	}
}

// endAlert forgets an alert with all that it names.
func (c *Correlator) endAlert(a *alertState, wall Instant) {
	c.endTargets(slices.Clone(a.targets), wall)
	c.forgetAlert(a)
}

// forgetAlert forgets an alert of which nothing is watched any more.
func (c *Correlator) forgetAlert(a *alertState) {
	c.ends.drop(&a.end)
	switch {
	case a.dismissed != 0:
	case len(a.files) == 0:
		c.stats.Alerts[NoFile]++
	case !c.hasHost(a):
		c.stats.NoHost++
	}
	delete(c.alerts, a.key)
	c.forgetEntities(a)
	c.chargeAlert(a, -a.bytes)
	unlink(c.lineOf(a), &a.place)
	a.isOver = true
}

// forgetEntities lets go of what an alert names.
func (c *Correlator) forgetEntities(a *alertState) {
	for _, f := range a.files {
		c.forgetNames(f)
	}
	c.forgetWaiting(a)
	a.reported = list[*clientHistory]{}
	a.files, a.hosts = nil, nil
	a.fileAt, a.hostAt = nil, nil
}
