// SPDX-License-Identifier: Apache-2.0

package correlate

import "container/heap"

// due is a revision that waits for the update interval to pass.
type due struct {
	at     Instant // wall clock
	client *clientHistory
	index  int // in the queue, -1 outside
}

type dueQueue []*due

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *dueQueue) Push(x any) {
	d := x.(*due)
	d.index = len(*q)
	*q = append(*q, d)
}
func (q *dueQueue) Pop() any {
	old := *q
	d := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	d.index = -1
	return d
}

// schedule sends a revision now, or when the update interval has passed since the last one.
func (c *Correlator) schedule(cl *clientHistory, wall Instant) (isSent bool) {
	r := cl.report
	if r.due.index >= 0 {
		return false
	}
	if r.revision == 0 || wall >= r.sentAt.Add(c.opt.UpdateInterval) {
		c.send(cl, wall)
		return true
	}
	r.due.at = r.sentAt.Add(c.opt.UpdateInterval)
	heap.Push(&c.due, &r.due)
	return false
}

// hasten has a revision sent at once, or in the next step.
func (c *Correlator) hasten(cl *clientHistory, wall Instant) {
	r := cl.report
	r.due.at = wall
	if r.due.index >= 0 {
		heap.Fix(&c.due, r.due.index)
	} else {
		heap.Push(&c.due, &r.due)
	}
}

// sendDue sends the revisions whose time has come, a step at a time; more tells that there are others.
func (c *Correlator) sendDue(wall Instant) (more bool) {
	for len(c.due) > 0 && c.due[0].at <= wall {
		if c.spent >= stepBudget {
			return true
		}
		c.spent += costDetection
		c.send(c.due[0].client, wall)
	}
	return false
}

// sendAll sends every revision that waits, and under KQL each one whose row has changed by the clock alone.
func (c *Correlator) sendAll(wall Instant) {
	for len(c.due) > 0 {
		c.send(c.due[0].client, wall)
	}
	if c.opt.Matching != KQL {
		return
	}
	for i := range c.all.len() {
		s := c.all.at(i)
		if len(s.targets) == 0 {
			continue
		}
		for i := range s.size() {
			if cl := s.nth(i); c.refresh(cl) && c.rowChanged(cl) {
				c.send(cl, wall)
			}
		}
	}
}

// send makes a revision of what is known of cl now.
func (c *Correlator) send(cl *clientHistory, wall Instant) {
	r := cl.report
	if r.due.index >= 0 {
		heap.Remove(&c.due, r.due.index)
	}
	d := c.build(cl, r.matches, c.lookBack(r.matches))
	if d == nil {
		return
	}
	r.revision++
	r.sentAt = wall
	const milli = 1_000_000
	r.generated = max(wall-wall%milli, r.generated)
	r.sent = sentRow{d.RequestCount, d.StartTime, d.EndTime}
	for i := range r.matches {
		r.matches[i].isTold = true
	}
	d.Revision, d.First, d.TimeGenerated = r.revision, r.revision == 1, r.generated
	c.stats.Revisions++
	if d.First {
		c.stats.Detections++
	}
	c.out = append(c.out, d)
}
