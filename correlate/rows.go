// SPDX-License-Identifier: Apache-2.0

package correlate

import "slices"

// Rows gives the rule's rows at now (KQL only; nil otherwise), without making revisions: one for each client of a
// script that an alert active at now names, over the requests of the log window before now. They are in order of
// Computer, SiteName, ShellLocation and AttackerIP. Nothing that has expired by the clock can be in them, so a now
// before the clock may lack rows.
func (c *Correlator) Rows(now Instant) []*Detection {
	if c.opt.Matching != KQL {
		return nil
	}
	var rows []*Detection
	for i := range c.all.len() {
		s := c.all.at(i)
		var matches []match
		for _, t := range s.targets {
			if t.end.at > now {
				matches = append(matches, match{target: t, by: 1})
			}
		}
		if len(matches) == 0 {
			continue
		}
		for i := range s.size() {
			if d := c.build(s.nth(i), matches, now.Add(-c.opt.LogWindow)); d != nil {
				rows = append(rows, d)
			}
		}
	}
	slices.SortFunc(rows, compareRows)
	return rows
}

// rowChanged tells whether the rule's row differs from the one that was last sent.
func (c *Correlator) rowChanged(cl *clientHistory) bool {
	sum := c.sum(cl, c.windowStart(), 0)
	return sum.count > 0 && cl.report.sent != sentRow{sum.count, sum.start, sum.end}
}

func compareRows(a, b *Detection) int {
	for _, p := range [][2]string{{a.Computer, b.Computer}, {a.SiteName, b.SiteName}, {a.ShellLocation, b.ShellLocation}, {a.AttackerIP, b.AttackerIP}} {
		if p[0] != p[1] {
			if p[0] < p[1] {
				return -1
			}
			return 1
		}
	}
	return 0
}
