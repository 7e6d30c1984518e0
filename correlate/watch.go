// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"cmp"
	"hash/maphash"
	"slices"

	"webshell/correlate/script"
)

// alertState is an alert while it is active: what its records said together.
type alertState struct {
	key       string // under which it is known
	id        string
	texts     alertTexts // what its records say beside files and hosts
	status    AlertStatus
	files     []*alertFile
	fileAt    map[fileKey]*alertFile // once there are many
	hosts     []*alertHost
	hostAt    map[HostEntity]int   // places in hosts, once there are many
	targets   []*target            // that are watched now
	reported  list[*clientHistory] // clients that have it in a detection; their matches know the place
	found     int                  // detections it gave
	lookBack  Instant              // nothing at or before it counts
	expired   Instant              // nothing at or before it was surely there to be found
	end       moment[over]
	place     rankNode[*alertState] // in one of Correlator's lines of alerts
	isHere    bool                  // it is in the line of those that watch something here, or did when they were dismissed
	bytes     int64
	isOver    bool
	dismissed Instant // time of the record that dismissed it, 0 while it stands
}

// alertFile is a file of an alert with the time of its record; host is the index of its own device, else NoHost.
type alertFile struct {
	entity      FileEntity
	time        Instant
	host        int
	names       []script.Target // what it can mean
	pairs       []pairing       // by host
	isUnlisted  bool            // of an extension that the list does not cover
	isUnmatched bool            // it was reported that nobody requested it
}

// pairing is a file on one of its alert's hosts; there is a target for each name that the file can have.
type pairing struct {
	host    int
	targets []target
}

// alertTexts are the sets of a detection that come from its alerts.
type alertTexts struct {
	titles, severities, providers, links, vendorIDs, threats, remediations []string
	times                                                                  []Instant
}

type alertHost struct {
	entity    HostEntity
	name      hostName
	time      Instant
	isAwaited bool // the alert waits for a host of such a name
	waitsAt   int  // its place among those that wait
}

// target is one file on one host, as an alert names it.
type target struct {
	file   *script.Target
	alert  *alertState
	record *alertFile // what the alert says of the file
	host   *alertHost
	on     []*scriptHistory // scripts that it is attached to
	found  int              // clients that call it
	at     int              // place in alert.targets
	end    moment[over]

	isLiteral bool // names compare as text (KQL)
	isEnding  bool
}

// watchKey is under what targets are found: a hash of what the names of a host have in common, and of a script's name.
type watchKey uint64

func (c *Correlator) watchKey(host, script string) watchKey {
	return watchKey(maphash.Comparable(c.seed, [2]string{host, script}))
}

// Limits of what alerts can make the engine keep and do. One feed can send every alert to every server.
const (
	// maxAlerts are active at once. Of a feed with more, those go first that are about other hosts or none, then
	// the oldest. Defender raises tens a day.
	maxAlerts = 10_000
	// maxTargets of all alerts together: files times hosts.
	maxTargets = 100_000
	// maxUnlisted files of extensions that the list does not cover are watched (SPEC section 2).
	maxUnlisted = 10_000
	// maxAlertEntities of one alert, files and hosts each, over all its records.
	maxAlertEntities = 4096
	// maxAlertPairs of one alert's files and hosts are watched: what a row of 128 entities can give, 64 times 64.
	maxAlertPairs = 4096
	// maxScriptTargets watch one script at once, each looked at for a new client. A scanner that finds the same
	// file every hour raises as many in ten days.
	maxScriptTargets = 256
	// alertShare and oneAlertShare of the memory limit are for all alerts, and for one.
	alertShare    = 3
	oneAlertShare = 32
)

// What alerts take, beside their texts. A test holds it against the heap.
const (
	alertBytes      = 512
	hostEntityBytes = 192
	fileEntityBytes = 200
	nameBytes       = 144 // of a file
	pairBytes       = 40
	targetBytes     = 160
	watchBytes      = 68 // of a name under which requests are filed
	awaitBytes      = 80
	watchSlot       = 52 // of a map's slot for a watch or a name
)

func textSize(s string) int64 { return sizeClass(len(s)) + 16 }

// key is what the alert's host has in common with those that it can be.
func (a *alertHost) key(m Matching) string {
	if m == KQL {
		return a.entity.HostName
	}
	return a.name.key()
}

// is tells whether the alert's host is h.
func (a *alertHost) is(h *hostHistory, m Matching) bool {
	if m == KQL {
		return h.name == a.entity.HostName
	}
	_, ok := a.name.matches(h.parsed)
	return ok
}

// keys gives the names under which URLs that call the target are filed.
func (t *target) keys() []script.Key {
	if t.isLiteral {
		return []script.Key{{Name: t.file.Name, By: script.Exact}}
	}
	return script.LookupKeys(*t.file)
}

// list makes a target known to what comes later.
func (c *Correlator) list(t *target) {
	c.targets++
	if t.record.isUnlisted {
		c.unlisted++
	}
	t.at = len(t.alert.targets)
	t.alert.targets = append(t.alert.targets, t)
	c.classify(t.alert)
	host := t.host.key(c.opt.Matching)
	for _, k := range t.keys() {
		key := c.watchKey(host, k.Name)
		c.watches[key] = append(c.watches[key], t)
	}
	c.resize(&c.watchPeak, len(c.watches), watchSlot)
}

// unlist ends the watch of a target.
func (c *Correlator) unlist(t *target) {
	c.targets--
	if t.record.isUnlisted {
		c.unlisted--
	}
	list := t.alert.targets
	end := len(list) - 1
	list[t.at] = list[end]
	list[t.at].at = t.at
	list[end] = nil
	t.alert.targets = list[:end]
	c.classify(t.alert)
	host := t.host.key(c.opt.Matching)
	for _, k := range t.keys() {
		key := c.watchKey(host, k.Name)
		if list := without(c.watches[key], t); len(list) > 0 {
			c.watches[key] = list
		} else {
			delete(c.watches, key)
		}
	}
	c.resize(&c.watchPeak, len(c.watches), watchSlot)
	for len(t.on) > 0 {
		c.detach(t.on[len(t.on)-1], t)
	}
}

// watchName has requests remembered for a name, where the list of extensions does not cover it.
func (c *Correlator) watchName(name string) (isUnlisted bool) {
	if c.ext.MatchString(name) {
		return false
	}
	if c.names[name]++; c.names[name] == 1 {
		c.watchFilter.add(name)
		c.resize(&c.namePeak, len(c.names), watchSlot)
	}
	return true
}

func (c *Correlator) unwatchName(name string) {
	if c.ext.MatchString(name) {
		return
	}
	if c.names[name]--; c.names[name] == 0 {
		delete(c.names, name)
		c.watchFilter.remove(name)
		c.resize(&c.namePeak, len(c.names), watchSlot)
	}
}

// without takes one item out of a list, in place.
func without[T comparable](list []T, item T) []T {
	if i := slices.Index(list, item); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// attach makes an active alert's target watch a script; false when it does, or when others that last longer do.
func (c *Correlator) attach(s *scriptHistory, t *target) bool {
	if slices.Contains(s.targets, t) {
		return false
	}
	if len(s.targets) >= maxScriptTargets {
		first := slices.MinFunc(s.targets, func(a, b *target) int { return cmp.Compare(a.end.at, b.end.at) })
		if c.stats.Alerts[TooManyAlerts]++; first.end.at > t.end.at {
			return false
		}
		c.detach(s, first)
	}
	if len(s.targets) == 0 {
		s.host.watched++
	}
	s.targets = append(s.targets, t)
	t.on = append(t.on, s)
	c.epoch++
	return true
}

// detach ends the watch of one script.
func (c *Correlator) detach(s *scriptHistory, t *target) {
	c.epoch++
	t.on = without(t.on, s)
	s.targets = without(s.targets, t)
	if len(s.targets) == 0 {
		s.host.watched--
		c.dropIfEmpty(s)
	}
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
