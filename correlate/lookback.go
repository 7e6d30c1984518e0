// SPDX-License-Identifier: Apache-2.0

package correlate

import "container/heap"

// job is a look-back over one script's clients for one target. A common file has very many, so it goes in steps that
// no flush waits for: those of the list downwards, so that clients which come or go meanwhile are not skipped.
type job struct {
	script *scriptHistory
	target *target

	isRanked bool       // more clients than detections: the best are chosen first
	best     candidates // chosen so far, the worst on top
	guest    int        // which list is being read: 0 is the script's own, then its guests'
	at       int        // what of that list was not read yet
	hasBegun bool
	calls    map[*stem]bool // whether a URL calls the target: clients share URLs
	unseenOn *hostHistory   // set in a job that only looks whether those before it found anybody
}

// What a step of a look-back may do, so that it takes about two milliseconds: to look at a client costs some 0.2 µs,
// to make a detection some 20.
const (
	stepBudget    = 8192
	costLook      = 1
	costDetection = 64
)

func newJob(s *scriptHistory, t *target) *job {
	return &job{script: s, target: t, calls: map[*stem]bool{}}
}

// Step goes on with look-backs that are under way, for some milliseconds at most; more tells that there is work left.
func (c *Correlator) Step(wall Instant) (more bool) {
	for c.spent = 0; c.spent < stepBudget && c.step(wall); {
	}
	return len(c.jobs) > 0
}

// HasWork tells whether look-backs are under way, so that Step has something to do.
func (c *Correlator) HasWork() bool { return len(c.jobs) > 0 }

// step does a part of the first job and tells whether there is another part to be done.
func (c *Correlator) step(wall Instant) bool {
	if len(c.jobs) == 0 {
		return false
	}
	j := c.jobs[0]
	if j.unseenOn != nil {
		c.reportUnmatched(j.target, j.unseenOn, wall)
		c.jobs = c.jobs[1:]
	} else if j.script.isGone || j.target.end.index < 0 || c.runJob(j, wall) {
		c.jobs[0] = nil
		c.jobs = c.jobs[1:]
	}
	return len(c.jobs) > 0
}

// runJob does a step of j and tells whether that was the last one.
func (c *Correlator) runJob(j *job, wall Instant) (done bool) {
	s := j.script
	if !j.hasBegun {
		j.hasBegun = true
		j.at = len(s.later)
		j.isRanked = c.opt.Matching == Windows && c.clientsOf(s) > c.roomFor(j.target.alert)
		for i := 0; i < len(s.first); i++ {
			c.reportFound(s.first[i], wall)
		}
	}
	for c.spent < stepBudget {
		cl := j.next()
		if cl == nil {
			return c.reportBest(j, wall)
		}
		c.spent += costLook
		if !c.isCalledBy(j, cl.stem) {
			continue
		}
		if j.isRanked {
			j.consider(cl, c.roomFor(j.target.alert))
		} else {
			c.reportFound(cl, wall)
		}
	}
	return false
}

// isCalledBy tells whether a URL calls the job's target.
func (c *Correlator) isCalledBy(j *job, st *stem) bool {
	calls, known := j.calls[st]
	if !known {
		_, _, calls = c.compare(st, j.target)
		j.calls[st] = calls
	}
	return calls
}

// clientsOf is the number of clients that can mean the script.
func (c *Correlator) clientsOf(s *scriptHistory) int {
	n := s.size()
	for _, g := range s.guests {
		n += len(g.stem.guests)
	}
	return n
}

func (c *Correlator) roomFor(a *alertState) int { return max(c.opt.AlertDetections-a.found, 0) }

// next gives another client of the script, nil behind the last one.
func (j *job) next() *clientHistory {
	for {
		list := j.script.later
		if j.guest > 0 {
			if j.guest > len(j.script.guests) {
				return nil
			}
			list = j.script.guests[j.guest-1].stem.guests
		}
		if j.at = min(j.at, len(list)); j.at > 0 {
			j.at--
			return list[j.at]
		}
		if j.guest++; j.guest <= len(j.script.guests) {
			j.at = len(j.script.guests[j.guest-1].stem.guests)
		}
	}
}

// consider keeps cl among the best n.
func (j *job) consider(cl *clientHistory, n int) {
	if n == 0 || cl.report != nil && cl.report.revision > 0 {
		return
	}
	if len(j.best) < n {
		heap.Push(&j.best, cl)
	} else if isBetter(cl, j.best[0]) {
		j.best[0] = cl
		heap.Fix(&j.best, 0)
	}
}

// reportBest reports what was chosen, a step at a time.
func (c *Correlator) reportBest(j *job, wall Instant) (done bool) {
	for len(j.best) > 0 {
		if c.spent >= stepBudget {
			return false
		}
		if cl := heap.Pop(&j.best).(*clientHistory); !cl.isGone {
			c.reportFound(cl, wall)
		}
	}
	return true
}

// candidates are clients, the worst on top of the heap.
type candidates []*clientHistory

// isBetter prefers a client that posted or was served, then the latest.
func isBetter(a, b *clientHistory) bool {
	const served = hasPost | hasSuccess
	if x, y := a.flags&served != 0, b.flags&served != 0; x != y {
		return x
	}
	return a.newest > b.newest
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
