// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"container/heap"
	"slices"

	"webshell/correlate/script"
)

// alertState is an alert while it is active: what its records said together.
type alertState struct {
	key       string // in Correlator.alerts
	id        string
	texts     alertTexts // what its records say beside files and hosts
	status    AlertStatus
	files     []*alertFile
	hosts     []alertHost
	targets   []*target
	reported  []*clientHistory // clients that have it in a detection
	found     int              // detections it gave
	lookBack  Instant          // nothing at or before it counts
	end       ending
	isOver    bool
	dismissed Instant // time of the record that dismissed it, 0 while it stands
}

// alertFile is a file of an alert with the time of its record; host is the index of its own device, else NoHost.
type alertFile struct {
	entity      FileEntity
	time        Instant
	host        int
	isUnmatched bool // it was reported that nobody requested it
}

// alertTexts are the sets of a detection that come from its alerts.
type alertTexts struct {
	titles, severities, providers, links, vendorIDs, threats, remediations []string
	times                                                                  []Instant
}

type alertHost struct {
	entity HostEntity
	name   hostName
	time   Instant
}

// target is one file on one host, as an alert names it.
type target struct {
	alert  *alertState
	record *alertFile // what the alert says of the file
	file   script.Target
	shown  script.Target // the file as the detection shows it
	host   alertHost
	keys   []script.Key     // names under which it watches
	on     []*scriptHistory // scripts that it is attached to
	found  int              // clients that call it
	end    ending

	isLiteral  bool // names compare as text (KQL)
	isUnlisted bool // of an extension that the list does not cover
}

// ending is when something stops counting; it stands in one heap with all others.
type ending struct {
	at     Instant
	target *target // one of the two
	alert  *alertState
	index  int // in the heap, -1 outside
}

type endings []*ending

func (e endings) Len() int           { return len(e) }
func (e endings) Less(i, j int) bool { return e[i].at < e[j].at }
func (e endings) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].index, e[j].index = i, j
}
func (e *endings) Push(x any) {
	n := x.(*ending)
	n.index = len(*e)
	*e = append(*e, n)
}
func (e *endings) Pop() any {
	old := *e
	n := old[len(old)-1]
	old[len(old)-1] = nil
	*e = old[:len(old)-1]
	n.index = -1
	return n
}

const (
	// maxAlerts are active at once; a feed with more gives up the oldest. Defender raises tens a day.
	maxAlerts = 10_000
	// maxTargets of all alerts together: files times hosts.
	maxTargets = 100_000
	// maxUnlisted files of extensions that the list does not cover are watched (SPEC section 2).
	maxUnlisted = 10_000
	// maxAlertEntities of one alert, over all its records.
	maxAlertEntities = 4096
)

// isFor tells whether the target's host is h.
func (t *target) isFor(h *hostHistory) bool {
	if t.isLiteral {
		return h.name == t.host.entity.HostName
	}
	_, ok := t.host.name.matches(parseHost(h.name, ""))
	return ok
}

// attach makes an active alert's target watch a script.
func (c *Correlator) attach(s *scriptHistory, t *target) {
	if slices.Contains(s.targets, t) {
		return
	}
	if len(s.targets) == 0 {
		s.host.watched++
	}
	s.targets = append(s.targets, t)
	t.on = append(t.on, s)
	c.epoch++
}

// detach ends the watch of a target.
func (c *Correlator) detach(t *target) {
	for _, s := range t.on {
		i := slices.Index(s.targets, t)
		s.targets = slices.Delete(s.targets, i, i+1)
		if len(s.targets) == 0 {
			s.host.watched--
			c.dropIfEmpty(s)
		}
	}
	t.on = nil
	for _, k := range t.keys {
		list := c.watches[k.Name]
		if i := slices.Index(list, t); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
		if len(list) == 0 {
			delete(c.watches, k.Name)
			c.watchFilter.remove(k.Name, c.ext)
		} else {
			c.watches[k.Name] = list
		}
	}
	c.targets--
	if t.isUnlisted {
		c.unlisted--
	}
	c.epoch++
}

// setEnd moves an ending in the heap, or puts it there.
func (c *Correlator) setEnd(e *ending, at Instant) {
	e.at = at
	if e.index < 0 {
		heap.Push(&c.ends, e)
	} else {
		heap.Fix(&c.ends, e.index)
	}
}

// endAlerts ends what is over at t, while the clock still stands before it: under KQL a revision must be the rule's
// row at the clock when it was made, so what waits is sent now.
func (c *Correlator) endAlerts(t, wall Instant) {
	for len(c.ends) > 0 && c.ends[0].at <= t {
		e := c.ends[0]
		if e.target != nil {
			c.endTarget(e.target, wall)
		} else {
			c.endAlert(e.alert, wall)
		}
	}
}

func (c *Correlator) endTarget(t *target, wall Instant) {
	c.sendWaiting(t, wall)
	c.detach(t)
	heap.Remove(&c.ends, t.end.index)
	if i := slices.Index(t.alert.targets, t); i >= 0 {
		t.alert.targets = slices.Delete(t.alert.targets, i, i+1)
	}
}

// endAlert forgets an alert with all that it names.
func (c *Correlator) endAlert(a *alertState, wall Instant) {
	for len(a.targets) > 0 {
		c.endTarget(a.targets[len(a.targets)-1], wall)
	}
	if a.end.index >= 0 {
		heap.Remove(&c.ends, a.end.index)
	}
	switch {
	case a.dismissed != 0:
	case len(a.files) == 0:
		c.stats.Alerts[NoFile]++
	case len(a.hosts) == 0:
		c.stats.NoHost++
	}
	delete(c.alerts, a.key)
	a.isOver = true
}

// isWatched tells whether an active alert names a script that the URL can mean.
func (c *Correlator) isWatched(st *stem) bool {
	if len(st.home.targets) > 0 {
		return true
	}
	for _, o := range st.others {
		if len(o.script.targets) > 0 {
			return true
		}
	}
	return false
}

// nameFilter holds, in few bits, the watched names that the list of extensions does not cover, so that a request
// for anything else need not be read to know that nobody watches it.
type nameFilter struct {
	count [256]uint16
	names int
}

func nameSlot(folded string) int { return (len(folded)*31 + int(folded[0])) & 255 }

func (f *nameFilter) add(folded string, ext *script.Extensions) {
	if folded != "" && !ext.MatchString(folded) {
		f.count[nameSlot(folded)]++
		f.names++
	}
}

func (f *nameFilter) remove(folded string, ext *script.Extensions) {
	if folded != "" && !ext.MatchString(folded) {
		f.count[nameSlot(folded)]--
		f.names--
	}
}

// mayName tells whether a reading of the URL may be among the names: never no when it should be yes.
func (f *nameFilter) mayName(urlStem []byte) bool {
	if f.names == 0 {
		return false
	}
	end := len(urlStem)
	start := end
	for start > 0 && urlStem[start-1] != '/' {
		start--
		if c := urlStem[start]; c >= 0x80 || c == '%' || c == '\\' || c == '+' || c == ':' || c == '(' {
			return true
		}
	}
	if start == end || urlStem[end-1] == '.' {
		return true // another segment may be meant
	}
	first := urlStem[start]
	if first >= 'a' && first <= 'z' {
		first -= 'a' - 'A'
	}
	return f.count[((end-start)*31+int(first))&255] > 0
}

// namesWatched reads the URL to tell whether an alert watches it.
func (c *Correlator) namesWatched(urlStem []byte) bool {
	c.readings = script.Readings(c.readings[:0], urlStem, c.ext)
	for i := range c.readings {
		if len(c.watches[c.scriptKey(c.readings[i].Name)]) > 0 {
			return true
		}
	}
	return false
}
