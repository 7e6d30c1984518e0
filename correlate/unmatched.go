// SPDX-License-Identifier: Apache-2.0

package correlate

import "slices"

// applicationWide stands in MatchedBy of a record about a file that runs without its name in a URL.
const applicationWide = "application_wide"

// queueUnmatched has a look-back followed by a look at whether it found anybody, where that is asked for. The host
// must be known here: of others nothing can be said.
func (c *Correlator) queueUnmatched(t *target, hosts []*hostHistory) {
	if c.opt.ReportUnmatched && c.opt.Matching == Windows && len(hosts) > 0 {
		c.jobs = append(c.jobs, &unseen{target: t, host: hosts[0]})
	}
}

// unseen looks whether the look-backs before it found anybody.
type unseen struct {
	target *target
	host   *hostHistory
}

func (u *unseen) endsBy(t Instant) bool { return u.target.endsBy(t) }

func (u *unseen) run(c *Correlator, wall Instant) (done bool) {
	c.reportUnmatched(u.target, u.host, wall)
	return true
}

// reportUnmatched makes one record for an alert whose file nobody was seen to request (report_unmatched), once the
// look-backs for all that the file's entity can mean are done.
func (c *Correlator) reportUnmatched(t *target, h *hostHistory, wall Instant) {
	if t.alert.isOver || t.alert.dismissed != 0 || t.record.isUnmatched {
		return
	}
	for _, o := range t.alert.targets {
		if o.record == t.record && o.found > 0 {
			return
		}
	}
	t.record.isUnmatched = true
	m := []match{{target: t}}
	file := t.record.names[0].file
	d := &Detection{Computer: h.name, Revision: 1, First: true}
	d.ID = c.hashID(h.name, t.alert.id, file.Folder, file.Name) // a record of its own for each alert and file
	d.describeAlerts(m)
	c.describeMatch(d, m)
	d.MatchedBy, d.Confidence = nil, "low"
	if slices.ContainsFunc(t.alert.targets, func(o *target) bool { return o.record == t.record && o.file.ApplicationWide() }) {
		d.MatchedBy = []string{applicationWide}
	}
	lost := h.namesLost
	for _, s := range t.on {
		lost = max(lost, s.lost)
	}
	d.Coverage, d.CoverageSince = c.coverage(h, lost, c.lookBack(m), c.clock)
	d.TimeGenerated = wall.wholeMillis()
	c.stats.Unmatched++
	c.out = append(c.out, d)
}
