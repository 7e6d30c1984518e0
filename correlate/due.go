// SPDX-License-Identifier: Apache-2.0

package correlate

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
	c.due.set(&r.due, r.sentAt.Add(c.opt.UpdateInterval))
	return false
}

// sendDue sends the revisions whose time has come, a step at a time; more tells that there are others.
func (c *Correlator) sendDue(wall Instant) (more bool) {
	for len(c.due) > 0 && c.due[0].at <= wall {
		if c.spent >= stepBudget {
			return true
		}
		c.spent += costDetection
		c.send(c.due[0].item, wall)
	}
	return false
}

// sendAll sends every revision that waits, and under KQL each one whose row has changed by the clock alone.
func (c *Correlator) sendAll(wall Instant) {
	for len(c.due) > 0 {
		c.send(c.due[0].item, wall)
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
	c.due.drop(&r.due)
	matches := r.standing()
	d := c.build(cl, matches, c.lookBack(matches))
	if d == nil {
		return
	}
	r.revision++
	r.sentAt = wall
	r.generated = max(wall.wholeMillis(), r.generated)
	r.sent = sentRow{d.RequestCount, d.StartTime, d.EndTime}
	for i := range r.matches {
		r.matches[i].isTold = true
	}
	d.Revision, d.First, d.TimeGenerated = r.revision, r.revision == 1, r.generated
	c.stats.Revisions++
	r.serial = c.stats.Revisions
	if d.First {
		c.stats.Detections++
	}
	c.out = append(c.out, d)
}
