// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"container/heap"
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
	matches   []match
	pinned    int64 // weight that counts as pinned
	isPinned  bool
	due       due
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
}

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

// reportFound reports a client that a look-back comes across.
func (c *Correlator) reportFound(cl *clientHistory, wall Instant) {
	if c.refresh(cl) {
		c.spent += costDetection
		c.schedule(cl, wall)
	}
}

// refresh matches a client's URL with what is watched now, and tells whether there is something to report. It is
// done once for each change of the watches.
func (c *Correlator) refresh(cl *clientHistory) bool {
	if cl.epoch == c.epoch {
		return cl.report != nil && len(cl.report.matches) > 0
	}
	cl.epoch = c.epoch
	c.forgetEnded(cl)
	c.matchTargets(cl, cl.stem.home)
	for _, o := range cl.stem.others {
		c.matchTargets(cl, o.script)
	}
	return cl.report != nil && len(cl.report.matches) > 0
}

// forgetEnded takes matches out of a report whose alerts are over.
func (c *Correlator) forgetEnded(cl *clientHistory) {
	if cl.report != nil {
		cl.report.matches = slices.DeleteFunc(cl.report.matches, func(m match) bool { return m.target.end.index < 0 })
	}
}

func (c *Correlator) matchTargets(cl *clientHistory, s *scriptHistory) {
	for _, t := range s.targets {
		if cl.report != nil && slices.ContainsFunc(cl.report.matches, func(m match) bool { return m.target == t }) {
			continue
		}
		if by, path, ok := c.compare(cl.stem, t); ok && c.admit(cl, t) {
			cl.report.matches = append(cl.report.matches, match{t, by, path})
			t.found++
		}
	}
}

// compare tells how a URL calls a target, by the best of its readings.
func (c *Correlator) compare(st *stem, t *target) (by script.By, path script.PathMatch, ok bool) {
	if t.isLiteral {
		return script.Exact, script.PathUnknown, true
	}
	c.readings = script.Readings(c.readings[:0], []byte(st.text), c.ext)
	for i := range c.readings {
		r := &c.readings[i]
		b, isMatch := script.Match(*r, t.file)
		if !isMatch {
			continue
		}
		p := script.MatchFolder(string(r.Folder), t.file)
		if !ok || pathRank(p) > pathRank(path) {
			by, path, ok = b, p, true
		}
	}
	if !ok || c.opt.PathMatch != script.PathUnknown && path < c.opt.PathMatch {
		return 0, 0, false
	}
	hostBy, _ := t.host.name.matches(parseHost(st.home.host.name, ""))
	return by.With(hostBy), path, true
}

// admit makes room for one more detection of the target's alert; false when it has its share (Windows only).
func (c *Correlator) admit(cl *clientHistory, t *target) bool {
	a := t.alert
	if cl.report != nil && slices.ContainsFunc(cl.report.matches, func(m match) bool { return m.target.alert == a }) {
		return true // by another of its targets
	}
	if c.opt.Matching == Windows && a.found >= c.opt.AlertDetections {
		c.stats.Capped++
		return false
	}
	a.found++
	a.reported = append(a.reported, cl)
	if cl.report == nil {
		cl.report = c.newReport(cl)
	}
	return true
}

func (c *Correlator) newReport(cl *clientHistory) *report {
	r := &report{id: c.detectionID(cl)}
	r.due = due{client: cl, index: -1}
	if c.pinned+cl.weight < c.opt.MemoryLimit/pinnedShare {
		r.isPinned, r.pinned = true, cl.weight
		c.pinned += r.pinned
	}
	c.chargeClient(cl, reportBytes)
	return r
}

// reportBytes is what a report takes with one match.
const reportBytes = 320

// forgetReport lets go of a client's report, for the client goes.
func (c *Correlator) forgetReport(cl *clientHistory) {
	cl.isGone = true
	r := cl.report
	if r == nil {
		return
	}
	if r.due.index >= 0 {
		heap.Remove(&c.due, r.due.index)
	}
	c.pinned -= r.pinned
	c.used -= reportBytes
	for i := range r.matches {
		a := r.matches[i].target.alert
		if c.opt.Matching == KQL {
			break // the list has no bound there and the alert ends within the hour: isGone is enough
		}
		if at := slices.Index(a.reported, cl); at >= 0 {
			a.reported = slices.Delete(a.reported, at, at+1)
		}
	}
}

// detectionID is a hash of the four names that make a detection one, as logged.
func (c *Correlator) detectionID(cl *clientHistory) string {
	return c.hashID(cl.stem.home.host.name, c.texts.get(cl.key.site), cl.stem.text, c.texts.get(cl.key.ip))
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

// schedule sends a revision now, or when the update interval has passed since the last one.
func (c *Correlator) schedule(cl *clientHistory, wall Instant) {
	r := cl.report
	if r.due.index >= 0 {
		return
	}
	if r.revision == 0 || wall >= r.sentAt.Add(c.opt.UpdateInterval) {
		c.send(cl, wall)
		return
	}
	r.due.at = r.sentAt.Add(c.opt.UpdateInterval)
	heap.Push(&c.due, &r.due)
}

// sendDue sends the revisions whose time has come.
func (c *Correlator) sendDue(wall Instant) {
	for len(c.due) > 0 && c.due[0].at <= wall {
		c.send(c.due[0].client, wall)
	}
}

// sendWaiting sends the revisions that wait and are about a target which ends.
func (c *Correlator) sendWaiting(t *target, wall Instant) {
	for i := 0; i < len(c.due); {
		cl := c.due[i].client
		if slices.ContainsFunc(cl.report.matches, func(m match) bool { return m.target == t }) {
			c.send(cl, wall) // takes it out of the queue
			i = 0
			continue
		}
		i++
	}
}

// sendAll sends every revision that waits, and under KQL each one whose row has changed by the clock alone.
func (c *Correlator) sendAll(wall Instant) {
	for len(c.due) > 0 {
		c.send(c.due[0].client, wall)
	}
	if c.opt.Matching != KQL {
		return
	}
	for _, s := range c.all {
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
	d.Revision, d.First, d.TimeGenerated = r.revision, r.revision == 1, r.generated
	c.stats.Revisions++
	if d.First {
		c.stats.Detections++
	}
	c.out = append(c.out, d)
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
