// SPDX-License-Identifier: Apache-2.0

package correlate

import "slices"

// AddAlert takes one record of an alert: it watches what the record names, and looks back over what is remembered.
// Records of one ID add up. The first detections are there at once; Tick and Step bring the rest.
func (c *Correlator) AddAlert(a *Alert, wall Instant) Outcome {
	o := c.addAlert(a, wall)
	c.stats.Alerts[o]++
	c.stats.Truncated += int64(a.TruncatedRows)
	c.dropAlerts(wall)
	c.Step(wall)
	c.makeRoom()
	return o
}

func (c *Correlator) addAlert(a *Alert, wall Instant) Outcome {
	if a.Time > wall.Add(futureSlack) {
		return Future
	}
	if a.Time > c.clock {
		c.advance(a.Time, wall)
	}
	if st := c.alerts[a.key()]; st != nil && st.revokes(a) {
		c.ends.set(&st.end, max(st.end.at, c.endOf(a.Time))) // for as long as such records come
		return Dismissed
	}
	if a.Status == StatusDismissed {
		return c.dismiss(a)
	}
	files := c.filesOf(a)
	if len(files) == 0 && len(a.Hosts) == 0 && !c.addsFacts(a) {
		return NoFile
	}
	st := c.alertFor(a)
	c.revive(st, wall)
	hasNews := c.addTexts(st, a)
	if st.status != a.Status {
		st.status, hasNews = a.Status, true
	}
	if hasNews && st.reported.len() > 0 {
		c.jobs = append(c.jobs, &resend{alert: st, at: st.reported.len()})
	}
	return c.addEntities(st, a, files, wall)
}

// revive lets an alert stand again that was dismissed before; what that left to be done is done first.
func (c *Correlator) revive(st *alertState, wall Instant) {
	if st.dismissed == 0 {
		return
	}
	for _, j := range c.jobs {
		if d, ok := j.(*dismissal); ok && d.alert == st {
			c.finish(d, wall)
		}
	}
	st.dismissed = 0
	c.classify(st)
}

// addsFacts tells whether a record that names neither file nor host has something to say: a title, a status, of an
// alert that is known, or whose files and hosts come in records of their own.
func (c *Correlator) addsFacts(a *Alert) bool {
	return c.opt.Matching == Windows && (a.Shape == ShapeXDR || c.alerts[a.key()] != nil)
}

// key tells alerts apart. Ids of event logs are counters: they mean something on their own computer alone.
func (a *Alert) key() string {
	if (a.Shape == ShapeWindowsDefender || a.Shape == ShapeSysmon) && len(a.Hosts) > 0 {
		return a.ID + "\x00" + a.Hosts[0].HostName + "\x00" + string(rune('0'+a.Shape))
	}
	return a.ID
}

// revokes tells that the alert was dismissed after a record of it was made, which comes again. Of one that does not
// tell when it was made nothing else is known.
func (st *alertState) revokes(a *Alert) bool {
	return st.dismissed != 0 && (a.Time <= st.dismissed || a.IsUndated)
}

// filesOf gives the files of a record that count: under KQL those that the rule reads.
func (c *Correlator) filesOf(a *Alert) []FileEntity {
	if c.opt.Matching != KQL {
		return a.Files[:min(len(a.Files), maxAlertEntities)]
	}
	var files []FileEntity
	for _, f := range a.Files {
		if f.Listed && c.ext.MatchString(f.Name) {
			files = append(files, f)
		}
	}
	return files
}

// alertFor gives the state of the record's alert, made when it is new.
func (c *Correlator) alertFor(a *Alert) *alertState {
	key := a.key()
	st := c.alerts[key]
	if st == nil {
		st = &alertState{key: key, id: a.ID, lookBack: min(a.Time, c.clock).Add(-c.opt.LogWindow), expired: c.windowStart()}
		st.end = moment[over]{item: over{alert: st}, index: -1}
		st.place.item = st
		c.alerts[key] = st
		pushFront(&c.aside, &st.place)
		c.chargeAlert(st, alertBytes+2*textSize(key))
	}
	c.ends.set(&st.end, max(st.end.at, c.endOf(a.Time)))
	return st
}

// lineOf gives the line that an alert stands in.
func (c *Correlator) lineOf(a *alertState) **rankNode[*alertState] {
	if a.isHere {
		return &c.here
	}
	return &c.aside
}

// classify puts an alert in the line where it belongs, now that it watches something or nothing. One that was dismissed
// stays in its line, lest older records of it that come again bring it back.
func (c *Correlator) classify(a *alertState) {
	isHere := len(a.targets) > 0 || a.isHere && a.dismissed != 0
	if a.isHere == isHere {
		return
	}
	unlink(c.lineOf(a), &a.place)
	a.isHere = isHere
	pushFront(c.lineOf(a), &a.place)
}

// dropAlerts keeps alerts within their bounds. First go those that watch nothing here, for they are about other hosts
// or none: a feed of what happens elsewhere must not end the watch of what happened here.
func (c *Correlator) dropAlerts(wall Instant) {
	for len(c.alerts) > maxAlerts || c.alertBytes > c.opt.MemoryLimit/alertShare {
		line, why := &c.aside, TooManyElsewhere
		if *line == nil {
			line, why = &c.here, TooManyAlerts
		}
		c.stats.Alerts[why]++
		c.endAlert((*line).prev.item, wall)
	}
}

// chargeAlert books n bytes on an alert.
func (c *Correlator) chargeAlert(st *alertState, n int64) {
	st.bytes += n
	c.alertBytes += n
	c.used += n
}

// isFull tells that an alert has its share of the memory: what else its records say is left out.
func (c *Correlator) isFull(st *alertState) bool { return st.bytes > c.opt.MemoryLimit/oneAlertShare }

// endOf is when what a record of time t says stops being active: under KQL by the record's own time alone.
func (c *Correlator) endOf(t Instant) Instant {
	if c.opt.Matching == Windows {
		t = max(t, c.clock)
	}
	return t.Add(c.opt.AlertWindow)
}

// addTexts takes over what a record says and tells whether any of it is new.
func (c *Correlator) addTexts(st *alertState, a *Alert) (isNew bool) {
	x := &st.texts
	add := func(set *[]string, s string) {
		if s != "" && !slices.Contains(*set, s) && len(*set) < maxAlertTexts && !c.isFull(st) {
			*set = append(*set, s)
			c.chargeAlert(st, textSize(s))
			isNew = true
		}
	}
	add(&x.titles, a.Title)
	add(&x.severities, a.Severity)
	add(&x.providers, a.Provider)
	add(&x.links, a.Link)
	add(&x.vendorIDs, a.VendorID)
	add(&x.threats, a.ThreatName)
	add(&x.remediations, a.Remediation)
	if a.IsUndated && len(x.times) > 0 {
		return isNew // the same record again has another timestamp
	}
	if a.Time != 0 && !slices.Contains(x.times, a.Time) && len(x.times) < maxAlertTexts {
		x.times = append(x.times, a.Time)
		isNew = true
	}
	return isNew
}

// maxAlertTexts bounds each set that an alert's records add up to.
const maxAlertTexts = 64

// dismiss has the watch of an alert that was found to be none ended, with a last revision of what it gave. The alert is
// remembered, so that older records of it which come again do not bring it back.
func (c *Correlator) dismiss(a *Alert) Outcome {
	st := c.alertFor(a)
	st.status, st.dismissed = StatusDismissed, a.Time
	c.addTexts(st, a)
	c.jobs = append(c.jobs, &dismissal{alert: st, serial: c.stats.Revisions, at: st.reported.len()})
	return Dismissed
}
