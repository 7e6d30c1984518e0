// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"
	"time"

	"webshell/correlate/script"
)

// applicationWide stands in MatchedBy of a record about a file that runs without its name in a URL.
const applicationWide = "application_wide"

// queueUnmatched has a look-back followed by a look at whether it found anybody, where that is asked for. Of a host
// that was not asked for anything yet this can't be said so soon: its log may be about to be read.
func (c *Correlator) queueUnmatched(t *target, hosts []*hostHistory, wall Instant) {
	if !c.opt.ReportUnmatched || c.opt.Matching != Windows {
		return
	}
	if slices.ContainsFunc(hosts, func(h *hostHistory) bool { return h.requests > 0 }) {
		c.jobs = append(c.jobs, &unseen{t})
		return
	}
	c.unanswered = append(c.unanswered, question{t, wall.Add(unmatchedDelay)})
}

// unmatchedDelay is the time that a host's log gets to be read when an alert came before it.
const unmatchedDelay = 5 * time.Second

// question is whether anybody was seen to request a file, to be asked when the wall clock is at due.
type question struct {
	target *target
	due    Instant
}

// ask asks the questions that are due by wall.
func (c *Correlator) ask(wall Instant) {
	for len(c.unanswered) > 0 && c.unanswered[0].due <= wall {
		c.jobs = append(c.jobs, &unseen{c.unanswered[0].target})
		c.unanswered[0] = question{}
		c.unanswered = c.unanswered[1:]
	}
}

// unseen looks whether the look-backs before it found anybody.
type unseen struct{ target *target }

func (u *unseen) endsBy(t Instant) bool { return u.target.endsBy(t) }

func (u *unseen) run(c *Correlator, wall Instant) (done bool) {
	c.reportUnmatched(u.target, wall)
	return true
}

// reportUnmatched makes one record for an alert whose file nobody was seen to request (report_unmatched), once the
// look-backs for all that the file's entity can mean are done.
func (c *Correlator) reportUnmatched(t *target, wall Instant) {
	if t.alert.isOver || t.alert.dismissed != 0 || t.record.isUnmatched || t.record.wasCalled() {
		return
	}
	d := c.newUnmatched(t)
	if d == nil {
		return
	}
	t.record.isUnmatched = true
	d.TimeGenerated = wall.wholeMillis()
	c.stats.Unmatched++
	c.out = append(c.out, d)
}

// wasCalled tells whether somebody was found to call the file, by any of its names on any host.
func (f *alertFile) wasCalled() bool {
	return slices.ContainsFunc(f.pairs, func(p pairing) bool {
		return slices.ContainsFunc(p.targets, func(t target) bool { return t.found > 0 })
	})
}

// newUnmatched makes the record, nil when its host is not known here any more.
func (c *Correlator) newUnmatched(t *target) *Detection {
	m := []match{{target: t}}
	file := &t.record.names[0]
	d := &Detection{Revision: 1, First: true}
	after := c.lookBack(m)
	switch hosts := c.hostsOf(t.host); {
	case len(hosts) > 0:
		h := hosts[0]
		lost := h.namesLost
		for _, s := range t.on {
			lost = max(lost, s.lost)
		}
		d.Computer = h.name
		d.Coverage, d.CoverageSince = c.coverage(h.since, lost, after, c.clock)
	case c.isOurs(t.host):
		d.Computer = c.opt.ComputerName
		d.Coverage, d.CoverageSince = c.coverage(0, c.hostsLost, after, c.clock)
	default:
		return nil
	}
	d.ID = c.hashID(d.Computer, t.alert.id, file.Folder, file.Name) // a record of its own for each alert and file
	d.describeAlerts(m)
	c.describeMatch(d, m)
	d.MatchedBy, d.Confidence = nil, "low"
	if slices.ContainsFunc(t.record.names, script.Target.ApplicationWide) {
		d.MatchedBy = []string{applicationWide}
	}
	return d
}
