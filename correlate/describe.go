// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"
	"time"

	"webshell/correlate/script"
)

// describeAlerts merges what the alerts say.
func (d *Detection) describeAlerts(matches []match) {
	isActive := false
	for i := range matches {
		t := matches[i].target
		a := t.alert
		d.AlertIDs = append(d.AlertIDs, a.id)
		d.AlertTitles = append(d.AlertTitles, a.texts.titles...)
		d.AlertSeverities = append(d.AlertSeverities, a.texts.severities...)
		d.AlertProviders = append(d.AlertProviders, a.texts.providers...)
		d.AlertLinks = append(d.AlertLinks, a.texts.links...)
		d.VendorAlertIDs = append(d.VendorAlertIDs, a.texts.vendorIDs...)
		d.ThreatNames = append(d.ThreatNames, a.texts.threats...)
		d.RemediationStatuses = append(d.RemediationStatuses, a.texts.remediations...)
		d.AlertTimes = append(d.AlertTimes, a.texts.times...)
		d.FileHashes = append(d.FileHashes, t.record.entity.Hashes...)
		if t.record.entity.Remediation != "" {
			d.RemediationStatuses = append(d.RemediationStatuses, t.record.entity.Remediation)
		}
		if id := t.host.entity.DeviceID; id != "" {
			d.DeviceIDs = append(d.DeviceIDs, id)
		}
		if i == 0 || !isActive && a.status == StatusActive {
			d.AlertStatus = a.status
		}
		isActive = isActive || a.status == StatusActive
	}
	for _, set := range []*[]string{&d.AlertIDs, &d.AlertTitles, &d.AlertSeverities, &d.AlertProviders, &d.AlertLinks, &d.VendorAlertIDs,
		&d.ThreatNames, &d.RemediationStatuses, &d.FileHashes, &d.DeviceIDs} {
		slices.Sort(*set)
		*set = slices.Compact(*set)
	}
	slices.Sort(d.AlertTimes)
	d.AlertTimes = slices.Compact(d.AlertTimes)
}

// describeMatch takes file, readings and path from the best match, and rates it.
func (c *Correlator) describeMatch(d *Detection, matches []match) {
	best := matches[0]
	for _, m := range matches[1:] {
		if pathRank(m.path) > pathRank(best.path) || pathRank(m.path) == pathRank(best.path) && best.by.Low() && !m.by.Low() {
			best = m
		}
	}
	d.FileName, d.FileDirectory = best.target.record.shown()
	d.MatchedBy = best.by.Names()
	d.PathMatch = best.path.String()
	classes := d.StatusClasses
	switch {
	case best.by.Low(), best.path == script.PathNone, classes.C4xx == d.RequestCount:
		d.Confidence = "low"
	case best.path == script.PathFull:
		d.Confidence = "high"
	default:
		d.Confidence = "medium"
	}
}

// pathRank orders path matches from worst to best: to know nothing is better than to know that they differ.
func pathRank(p script.PathMatch) int {
	switch p {
	case script.PathNone:
		return 0
	case script.PathUnknown:
		return 1
	default:
		return int(p)
	}
}

// describeCoverage says from when on nothing of the script can be missing.
func (c *Correlator) describeCoverage(d *Detection, cl *clientHistory, matches []match, after Instant) {
	lost := c.expiredFor(matches)
	lost = max(lost, cl.stem.home.lost)
	for _, o := range cl.stem.others {
		lost = max(lost, o.script.lost)
	}
	d.Coverage, d.CoverageSince = c.coverage(cl.stem.home.host.since, lost, after, d.EndTime)
}

// expiredFor is the time up to which requests may have expired before the first of the alerts came. Since then
// nothing that it names did.
func (c *Correlator) expiredFor(matches []match) Instant {
	if c.opt.Matching == KQL {
		return 0
	}
	expired := matches[0].target.alert.expired
	for _, m := range matches[1:] {
		expired = min(expired, m.target.alert.expired)
	}
	return expired
}

// coverage says how much of the time from after to end is known to be whole, of a host that was first seen at begin, 0
// for the first record of any, when requests up to lost were dropped.
func (c *Correlator) coverage(begin, lost, after, end Instant) (word string, since Instant) {
	from := c.since
	if begin != 0 {
		from = begin
	}
	from = max(from-1, lost) // the first record itself was seen
	switch {
	case from <= after:
		return "complete", 0
	case from >= end:
		return "partial", 0
	default:
		return "since", ceilSecond(from + 1)
	}
}

// ceilSecond is the whole second that i falls into the end of: what is said to be covered must be.
func ceilSecond(i Instant) Instant {
	const second = Instant(time.Second)
	return (i + second - 1) / second * second
}
