// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"container/heap"
	"slices"
)

// ending is when something stops counting; it stands in one heap with all others.
type ending struct {
	at     Instant
	target *target // one of the two
	alert  *alertState
	index  int // in the heap, -1 outside
}

type endings []*ending

func (e endings) Len() int           { return len(e) }
func (e endings) Less(i, j int) bool { return e[i].at < e[j].at }
func (e endings) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].index, e[j].index = i, j
}
func (e *endings) Push(x any) {
	n := x.(*ending)
	n.index = len(*e)
	*e = append(*e, n)
}
func (e *endings) Pop() any {
	old := *e
	n := old[len(old)-1]
	old[len(old)-1] = nil
	*e = old[:len(old)-1]
	n.index = -1
	return n
}

// setEnd moves an ending in the heap, or puts it there.
func (c *Correlator) setEnd(e *ending, at Instant) {
	e.at = at
	if e.index < 0 {
		heap.Push(&c.ends, e)
	} else {
		heap.Fix(&c.ends, e.index)
	}
}

// endAlerts ends what is over at t, while the clock still stands before it: under KQL a revision must be the rule's
// row at the clock when it was made, so what waits is sent now.
func (c *Correlator) endAlerts(t, wall Instant) {
	c.finishJobs(t, wall)
	var targets []*target
	var alerts []*alertState
	for len(c.ends) > 0 && c.ends[0].at <= t {
		e := heap.Pop(&c.ends).(*ending)
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
		for c.spent = 0; j.endsBy(t) && !j.run(c, wall); {
			c.spent = 0
		}
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
	if t.end.index >= 0 {
		heap.Remove(&c.ends, t.end.index)
	}
}

// sendWaiting sends the revisions that wait and are about a target which ends.
func (c *Correlator) sendWaiting(wall Instant) {
	var waiting []*clientHistory
	for _, d := range c.due {
		if slices.ContainsFunc(d.client.report.matches, func(m match) bool { return m.target.isEnding }) {
			waiting = append(waiting, d.client)
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
	if a.end.index >= 0 {
		heap.Remove(&c.ends, a.end.index)
	}
	switch {
	case a.dismissed != 0:
	case len(a.files) == 0:
		c.stats.Alerts[NoFile]++
	case !c.hasHost(a):
		c.stats.NoHost++
	}
	delete(c.alerts, a.key)
	a.forgetEntities()
	c.chargeAlert(a, -a.bytes)
	a.isOver = true
}

// forgetEntities lets go of what an alert names.
func (a *alertState) forgetEntities() {
	a.reported, a.files, a.hosts = nil, nil, nil
	a.fileAt, a.hostAt, a.pairs = nil, nil, nil
}
