// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"container/heap"
	"math/bits"
	"slices"
)

// job is work that no flush waits for: it is done in steps.
type job interface {
	// run does a step and tells whether that was the last one.
	run(c *Correlator, wall Instant) (done bool)
	// endsBy tells whether what it is for is over at t, so that it can't be done later.
	endsBy(t Instant) bool
}

// What a step may do, so that it takes about two milliseconds: to look at a client costs some 0.2 µs, to make a
// detection some 20.
const (
	stepBudget    = 8192
	costLook      = 1
	costDetection = 64
)

// Step sends what is due and goes on with jobs that are under way, for some milliseconds at most; more tells that
// there is work left.
func (c *Correlator) Step(wall Instant) (more bool) {
	c.spent = 0
	more = c.sendDue(wall)
	return c.steps(wall) || more
}

// HasWork tells whether jobs are under way, so that Step has something to do before the next Tick.
func (c *Correlator) HasWork() bool { return len(c.jobs) > 0 }

// steps goes on until the budget is spent.
func (c *Correlator) steps(wall Instant) (more bool) {
	for c.spent < stepBudget && len(c.jobs) > 0 {
		if c.jobs[0].run(c, wall) {
			c.jobs[0] = nil
			c.jobs = c.jobs[1:]
		}
	}
	return len(c.jobs) > 0
}

// resend has the detections of an alert sent again in their time, since it says something new.
type resend struct {
	alert *alertState
	at    int // how many of its clients were not looked at yet
}

func (r *resend) endsBy(t Instant) bool { return r.alert.end.at <= t }

func (r *resend) run(c *Correlator, wall Instant) (done bool) {
	reported := &r.alert.reported
	for {
		// The list gets shorter when a client's match was over.
		if r.at = min(r.at, reported.len()); r.at == 0 {
			return true
		}
		if c.spent >= stepBudget {
			return false
		}
		r.at--
		c.spent += costLook
		cl := reported.at(r.at)
		if c.refresh(cl) && cl.report.matchOf(r.alert) >= 0 && c.schedule(cl, wall) {
			c.spent += costDetection
		}
	}
}

// dismissal sends a last revision of each detection of an alert that was dismissed, and ends its watch.
type dismissal struct {
	alert  *alertState
	serial int64 // of the last revision before
	at     int   // how many of its clients were not looked at yet
	isDone bool
}

func (d *dismissal) endsBy(t Instant) bool { return d.alert.end.at <= t }

func (d *dismissal) run(c *Correlator, wall Instant) (done bool) {
	reported := &d.alert.reported
	for !d.isDone {
		// The list gets shorter when a client's match was over.
		if d.at = min(d.at, reported.len()); d.at == 0 {
			c.endTargets(slices.Clone(d.alert.targets), wall)
			c.forgetEntities(d.alert)
			d.isDone = true
			break
		}
		if c.spent >= stepBudget {
			return false
		}
		d.at--
		c.spent += costLook
		cl := reported.at(d.at)
		if c.forgetEnded(cl); cl.report.matchOf(d.alert) >= 0 && cl.report.serial <= d.serial {
			c.spent += costDetection
			c.send(cl, wall)
		}
	}
	return true
}

// lookBack goes through one script's clients for one target. A common file has very many. Lists are read downwards,
// so that clients which come or go meanwhile are not skipped.
type lookBack struct {
	script *scriptHistory
	target *target

	id       uint32     // for stem.judge
	isRanked bool       // more clients than detections: the best are chosen first
	best     candidates // chosen so far, the worst on top
	guests   int        // how many guests were not read yet; -1 while the script's own clients are being read
	at       int        // how many clients of the list at hand were not read yet
}

func (j *lookBack) endsBy(t Instant) bool { return j.target.endsBy(t) }

func (j *lookBack) run(c *Correlator, wall Instant) (done bool) {
	if j.script.isGone || j.target.end.index < 0 || j.target.alert.dismissed != 0 {
		return true
	}
	if j.id == 0 {
		j.begin(c, wall)
	}
	for c.spent < stepBudget {
		cl := j.next()
		if cl == nil {
			return c.reportBest(j, wall)
		}
		c.spent += costLook
		switch {
		case !c.isCalledBy(j, cl.stem, cl.site):
		case j.isRanked:
			c.consider(j, cl)
		default:
			c.reportFound(cl, wall)
		}
	}
	return false
}

func (j *lookBack) begin(c *Correlator, wall Instant) {
	c.lookBacks++
	j.id = max(c.lookBacks, 1)
	s := j.script
	j.isRanked = c.opt.Matching == Windows && s.users() > c.roomFor(j.target.alert)
	for i := 0; i < len(s.first); i++ {
		c.reportFound(s.first[i], wall)
	}
	j.at, j.guests = s.later.len(), -1
}

// isCalledBy tells whether a URL calls the target, which is the same for all its clients of one site.
func (c *Correlator) isCalledBy(j *lookBack, st *stem, site textID) bool {
	if st.judge != j.id || st.judgeSite != site {
		st.judge, st.judgeSite = j.id, site
		_, _, st.isCalled = c.compare(c.readStem(st, site), st, site, j.target)
	}
	return st.isCalled
}

// users is the number of clients that can mean the script.
func (s *scriptHistory) users() int { return s.size() + int(s.guestClients) }

// next gives another client of the script, nil behind the last one.
func (j *lookBack) next() *clientHistory {
	for {
		list := &j.script.later
		if j.guests >= 0 {
			if j.guests = min(j.guests, j.script.guests.len()); j.guests == 0 {
				return nil
			}
			list = &j.script.guests.at(j.guests - 1).stem.guests
		}
		if j.at = min(j.at, list.len()); j.at > 0 {
			j.at--
			return list.at(j.at)
		}
		if j.guests < 0 {
			j.guests = j.script.guests.len()
		} else {
			j.guests--
		}
		if j.guests > 0 && j.guests <= j.script.guests.len() {
			j.at = j.script.guests.at(j.guests - 1).stem.guests.len()
		}
	}
}

func (c *Correlator) roomFor(a *alertState) int { return max(c.opt.AlertDetections-a.found, 0) }

// consider keeps cl among the best that there is room for.
func (c *Correlator) consider(j *lookBack, cl *clientHistory) {
	if cl.report.matchOf(j.target.alert) >= 0 {
		return
	}
	switch n := c.roomFor(j.target.alert); {
	case len(j.best) < n:
		heap.Push(&j.best, cl)
		return
	case n > 0 && isBetter(cl, j.best[0]):
		j.best[0] = cl
		heap.Fix(&j.best, 0)
	}
	c.stats.Capped++
}

// reportBest reports what was chosen, a step at a time.
func (c *Correlator) reportBest(j *lookBack, wall Instant) (done bool) {
	for len(j.best) > 0 {
		if c.spent >= stepBudget {
			return false
		}
		if cl := heap.Pop(&j.best).(*clientHistory); !cl.has(isGone) {
			c.reportFound(cl, wall)
		}
	}
	return true
}

// candidates are clients, the worst on top of the heap.
type candidates []*clientHistory

// isBetter prefers a client that posted and was served, then one that did either, then the latest.
func isBetter(a, b *clientHistory) bool {
	if x, y := a.served(), b.served(); x != y {
		return x > y
	}
	return a.newest > b.newest
}

// served counts what speaks for a client's having used a script.
func (c *clientHistory) served() int {
	return bits.OnesCount32(uint32(c.marks & (hasPost | hasSuccess)))
}

func (h candidates) Len() int           { return len(h) }
func (h candidates) Less(i, j int) bool { return isBetter(h[j], h[i]) }
func (h candidates) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *candidates) Push(x any)        { *h = append(*h, x.(*clientHistory)) }
func (h *candidates) Pop() any {
	old := *h
	cl := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return cl
}
