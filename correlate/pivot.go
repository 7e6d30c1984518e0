// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// pivotSteps and pivotVisits bound how much of what a client called is looked through for a detection, in clients
	// of scripts and in requests.
	pivotSteps  = 1024
	pivotVisits = 8192
	// pivotScripts are told apart in that.
	pivotScripts = 256
)

// pivot collects what else a client called on a host.
type pivot struct {
	after   Instant
	found   []OtherScript
	stems   []*stem // of found
	visits  int     // that were looked at
	isWhole bool
}

// addOtherScripts tells what else the client called on this host, the latest ones where there are too many.
func (c *Correlator) addOtherScripts(d *Detection, cl *clientHistory, after Instant) {
	p := pivot{after: after, stems: c.scratch.stems[:0], isWhole: true}
	steps := 0
	for o := cl.stem.home.host.callers[cl.ip]; o != nil; o = o.next {
		if steps++; steps > pivotSteps || p.visits > pivotVisits {
			p.isWhole = false
			break
		}
		if o.stem.home != cl.stem.home {
			c.addOther(&p, o)
		}
	}
	c.scratch.stems = p.stems
	clear(p.stems)
	d.OtherScripts = p.found
	if len(d.OtherScripts) > maxOtherScripts {
		p.isWhole = false
		slices.SortFunc(d.OtherScripts, func(a, b OtherScript) int { return cmp.Compare(b.EndTime, a.EndTime) })
		d.OtherScripts = slices.Clone(d.OtherScripts[:maxOtherScripts])
	}
	if !p.isWhole {
		d.Truncated = append(d.Truncated, "OtherScripts")
	}
	slices.SortFunc(d.OtherScripts, func(a, b OtherScript) int {
		return cmp.Or(cmp.Compare(a.StartTime, b.StartTime), strings.Compare(a.ShellLocation, b.ShellLocation))
	})
}

// addOther adds one client of another script.
func (c *Correlator) addOther(p *pivot, o *clientHistory) {
	var sum OtherScript
	c.tally(&sum, p.after, o.visits)
	p.visits += int(o.count)
	if b := o.bulk; b != nil {
		c.tally(&sum, p.after, b.first)
		for i := range b.hours {
			if h := &b.hours[i]; h.last > p.after {
				sum.merge(&OtherScript{RequestCount: h.requests, StartTime: h.first, EndTime: h.last, StatusClasses: h.classes})
			}
		}
	}
	if sum.RequestCount == 0 {
		return
	}
	i := slices.Index(p.stems, o.stem)
	if i < 0 {
		if len(p.stems) >= pivotScripts {
			p.isWhole = false
			return
		}
		i = len(p.stems)
		p.stems = append(p.stems, o.stem)
		p.found = append(p.found, OtherScript{ShellLocation: o.stem.text})
	}
	p.found[i].merge(&sum)
}

// tally counts encoded visits later than after.
func (c *Correlator) tally(sum *OtherScript, after Instant, encoded []byte) {
	if len(encoded) == 0 {
		return
	}
	var first visit
	encoded = nextVisit(encoded, &first)
	for v := first; ; encoded = nextVisit(encoded, &v) {
		if v.time > after {
			sum.RequestCount++
			sum.StartTime, sum.EndTime = earliest(sum.StartTime, v.time), max(sum.EndTime, v.time)
			sum.StatusClasses.add(v.class(&c.texts))
		}
		if len(encoded) == 0 {
			return
		}
		v.vals = first.vals
	}
}

func (o *OtherScript) merge(more *OtherScript) {
	o.RequestCount += more.RequestCount
	o.StartTime, o.EndTime = earliest(o.StartTime, more.StartTime), max(o.EndTime, more.EndTime)
	o.StatusClasses.plus(more.StatusClasses)
}
