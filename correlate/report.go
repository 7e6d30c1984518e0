// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"encoding/hex"
	"slices"

	"github.com/cespare/xxhash/v2"

	"webshell/correlate/script"
)

// report is what was sent of a client of an alerted script: one detection and its revisions.
type report struct {
	id        string
	revision  int64
	generated Instant // TimeGenerated of the latest revision
	sentAt    Instant // wall clock of it
	serial    int64   // of it among all revisions
	matches   []match
	pinned    int64                  // weight that counts as pinned
	epoch     uint64                 // Correlator.epoch when it was last matched
	due       moment[*clientHistory] // wall clock when a revision that waits may go
	sent      sentRow
}

// sentRow is what the rule's row said when it was last sent.
type sentRow struct {
	count      int64
	start, end Instant
}

// match is an alert's target that a client's URL calls.
type match struct {
	target *target
	by     script.By
	path   script.PathMatch
	at     int32 // the client's place in alert.reported, the same in all matches of one alert
	isTold bool  // a revision said it
}

// standing gives the matches that a revision is about: those of alerts that were not dismissed, all where no other is
// left.
func (r *report) standing() []match {
	isDismissed := func(m match) bool { return m.target.alert.dismissed != 0 }
	if !slices.ContainsFunc(r.matches, isDismissed) {
		return r.matches
	}
	if left := slices.DeleteFunc(slices.Clone(r.matches), isDismissed); len(left) > 0 {
		return left
	}
	return r.matches
}

// firstAlert is the earliest time of the alerts that report is about.
func (r *report) firstAlert() Instant {
	first := Instant(0)
	for i := range r.matches {
		for _, t := range r.matches[i].target.alert.texts.times {
			first = earliest(first, t)
		}
	}
	return first
}

// reportLive reports a request to a watched script: a client that is new at once, another one in its time.
func (c *Correlator) reportLive(cl *clientHistory, wall Instant) {
	if c.refresh(cl) {
		c.schedule(cl, wall)
	}
}

// reportFound reports a client that a look-back comes across, unless all that is known of it was said.
func (c *Correlator) reportFound(cl *clientHistory, wall Instant) {
	if c.refresh(cl) && slices.ContainsFunc(cl.report.matches, func(m match) bool { return !m.isTold }) {
		c.spent += costDetection
		c.schedule(cl, wall)
	}
}

// refresh matches a client's URL with what is watched now, and tells whether there is something to report. It is
// done once for each change of the watches, for a client that is reported.
func (c *Correlator) refresh(cl *clientHistory) bool {
	if cl.report == nil || cl.report.epoch != c.epoch {
		isOtherMap := cl.report != nil && cl.report.epoch < c.sitesEpoch
		c.forgetEnded(cl)
		if c.isWatched(cl.stem) {
			readings := c.readStem(cl.stem, cl.site)
			if isOtherMap {
				c.rematch(cl, readings)
			}
			c.matchTargets(cl, readings, cl.stem.home)
			for _, o := range cl.stem.others {
				c.matchTargets(cl, readings, o.script)
			}
		}
		if cl.report != nil {
			cl.report.epoch = c.epoch
		}
	}
	return cl.report != nil && len(cl.report.matches) > 0
}

// readStem gives the readings of a URL of a site that is remembered, good until the next URL is read.
func (c *Correlator) readStem(st *stem, site textID) []script.Reading {
	if c.opt.Matching == Windows {
		text := []byte(st.text)
		c.readings = script.Readings(c.readings[:0], text, c.ext)
		c.appendDocuments(st.home.host, c.texts.get(site), text)
	}
	return c.readings
}

// forgetEnded takes matches out of a report whose alerts are over.
func (c *Correlator) forgetEnded(cl *clientHistory) {
	r := cl.report
	if r == nil {
		return
	}
	for i := 0; i < len(r.matches); {
		if m := r.matches[i]; m.target.end.index < 0 {
			r.matches = slices.Delete(r.matches, i, i+1)
			if r.matchOf(m.target.alert) < 0 {
				m.target.alert.forgetReported(cl, m.at)
			}
			continue
		}
		i++
	}
}

// matchOf is the place of a match that an alert has in the report, -1 when there is none.
func (r *report) matchOf(a *alertState) int {
	if r == nil {
		return -1
	}
	return slices.IndexFunc(r.matches, func(m match) bool { return m.target.alert == a })
}

func (c *Correlator) matchTargets(cl *clientHistory, readings []script.Reading, s *scriptHistory) {
	for _, t := range s.targets {
		if t.alert.dismissed != 0 || cl.report != nil && slices.ContainsFunc(cl.report.matches, func(m match) bool { return m.target == t }) {
			continue
		}
		by, path, ok := c.compare(readings, cl.stem, cl.site, t)
		if !ok {
			continue
		}
		if at, ok := c.admit(cl, t.alert); ok {
			before := cl.report.size()
			cl.report.matches = append(cl.report.matches, match{target: t, by: by, path: path, at: at})
			c.chargeClient(cl, cl.report.size()-before)
			t.found++
		}
	}
}

// compare tells how a URL calls a target, by the best of its readings.
func (c *Correlator) compare(readings []script.Reading, st *stem, site textID, t *target) (by script.By, path script.PathMatch, ok bool) {
	if t.isLiteral {
		return script.Exact, script.PathUnknown, true
	}
	for i := range readings {
		r := &readings[i]
		b, isMatch := script.Match(*r, *t.file)
		if !isMatch {
			continue
		}
		p := c.matchFolder(st.home.host, c.texts.get(site), string(r.Folder), *t.file)
		if p == script.PathNone && r.By&script.DefaultDocument != 0 {
			continue // another folder's default document, of which every folder may have one
		}
		b = b.With(script.FolderBy(string(r.Folder), *t.file, p))
		if !ok || pathRank(p) > pathRank(path) {
			by, path, ok = b, p, true
		}
	}
	if !ok || c.opt.PathMatch != script.PathUnknown && path < c.opt.PathMatch {
		return 0, 0, false
	}
	hostBy, _ := t.host.name.matches(st.home.host.parsed)
	return by.With(hostBy), path, true
}

// admit makes room for one more detection of an alert and gives the client's place among those that have it; false
// when the alert has its share (Windows only).
func (c *Correlator) admit(cl *clientHistory, a *alertState) (at int32, ok bool) {
	if i := cl.report.matchOf(a); i >= 0 {
		return cl.report.matches[i].at, true // by another of its targets
	}
	if c.opt.Matching == Windows && a.found >= c.share(cl) {
		c.stats.Capped++
		return 0, false
	}
	a.found++
	a.reported.push(cl)
	if cl.report == nil {
		cl.report = &report{id: c.detectionID(cl)}
		cl.report.due = moment[*clientHistory]{item: cl, index: -1}
		c.chargeClient(cl, reportBytes)
	}
	c.pin(cl)
	return int32(a.reported.len() - 1), true
}

// servedShare of an alert's detections is kept for clients that posted or were served, so that those who only get
// errors from a shell can't fill them all before somebody uses it.
const servedShare = 8

// share is how many detections of one alert there may be before cl's.
func (c *Correlator) share(cl *clientHistory) int {
	if cl.has(hasPost|hasSuccess) || cl.at < 0 {
		return c.opt.AlertDetections
	}
	return c.opt.AlertDetections - c.opt.AlertDetections/servedShare
}

// forgetReported takes the client at a place out of those that have the alert in a detection.
func (a *alertState) forgetReported(cl *clientHistory, at int32) {
	if int(at) >= a.reported.len() || a.reported.at(int(at)) != cl {
		return // the alert is over
	}
	last, _ := a.reported.remove(int(at))
	for i := range last.report.matches {
		if m := &last.report.matches[i]; m.target.alert == a {
			m.at = at
		}
	}
}

// pin has a reported client stay, within pinnedShare of the memory. The first clients of a script stay anyway.
func (c *Correlator) pin(cl *clientHistory) {
	s := cl.stem.home
	if c.pinned+cl.weight >= c.opt.MemoryLimit/pinnedShare || !s.keep(cl) {
		return
	}
	cl.report.pinned = cl.weight
	c.pinned += cl.weight
	c.loosen(s, -cl.weight)
}

// unpin lets a client go like others when no alert is about it any more.
func (c *Correlator) unpin(cl *clientHistory) {
	if !cl.has(isKept) {
		return
	}
	cl.stem.home.unkeep(cl)
	c.pinned -= cl.report.pinned
	cl.report.pinned = 0
	c.loosen(cl.stem.home, cl.weight)
}

const (
	// reportBytes is what a report takes with one alert, its place there included.
	reportBytes = 320
	matchBytes  = 24
)

// size is what the report takes.
func (r *report) size() int64 { return reportBytes + int64(cap(r.matches))*matchBytes }

// forgetReport lets go of a client's report, for the client goes.
func (c *Correlator) forgetReport(cl *clientHistory) {
	cl.marks |= isGone
	r := cl.report
	if r == nil {
		return
	}
	c.due.drop(&r.due)
	c.pinned -= r.pinned
	c.used -= r.size()
	for i := range r.matches {
		r.matches[i].target.alert.forgetReported(cl, r.matches[i].at)
	}
	r.matches = nil
}

// detectionID is a hash of the four names that make a detection one, as logged.
func (c *Correlator) detectionID(cl *clientHistory) string {
	return c.hashID(cl.stem.home.host.name, c.texts.get(cl.site), cl.stem.text, c.texts.get(cl.ip))
}

func (c *Correlator) hashID(names ...string) string {
	var id [16]byte
	for half := range 2 {
		d := xxhash.NewWithSeed(uint64(half))
		for _, n := range names {
			_, _ = d.WriteString(n)
			_, _ = d.Write([]byte{0xFF}) // in no UTF-8 text
		}
		for i, sum := 0, d.Sum64(); i < 8; i++ {
			id[half*8+i] = byte(sum >> (56 - 8*i))
		}
	}
	return hex.EncodeToString(id[:])
}

// lookBack is the instant at or before which requests do not count for a detection of these matches.
func (c *Correlator) lookBack(matches []match) Instant {
	start := c.windowStart()
	if c.opt.Matching == Windows {
		for i := range matches {
			start = min(start, matches[i].target.alert.lookBack)
		}
	}
	return start
}
