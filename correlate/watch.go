// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"cmp"
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
	fileAt    map[fileKey]*alertFile
	hosts     []*alertHost
	hostAt    map[HostEntity]int // places in hosts
	pairs     map[pairKey][]*target
	targets   []*target            // that are watched now
	reported  list[*clientHistory] // clients that have it in a detection; their matches know the place
	found     int                  // detections it gave
	lookBack  Instant              // nothing at or before it counts
	expired   Instant              // nothing at or before it was surely there to be found
	end       moment[over]
	bytes     int64
	isOver    bool
	dismissed Instant // time of the record that dismissed it, 0 while it stands
}

// alertFile is a file of an alert with the time of its record; host is the index of its own device, else NoHost.
type alertFile struct {
	entity      FileEntity
	time        Instant
	host        int
	names       []fileName
	isUnlisted  bool // of an extension that the list does not cover
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
	fileName
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

// watchKey is under what targets are found: what the names of a host have in common, and a script's name.
type watchKey struct{ host, script string }

// Limits of what alerts can make the engine keep and do. One feed can send every alert to every server.
const (
	// maxAlerts are active at once; a feed with more gives up the oldest. Defender raises tens a day.
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
	alertShare    = 8
	oneAlertShare = 32
)

// What alerts take, from above; they are few.
const (
	alertBytes  = 1024
	entityBytes = 320
	keyBytes    = 256
	targetBytes = 512
)

func textSize(s string) int64 { return sizeClass(len(s)) + 16 }

func (t *target) hostKey() string {
	if t.isLiteral {
		return t.host.entity.HostName
	}
	return t.host.name.key()
}

// watches tells whether URLs that call the target are filed under name.
func (t *target) watches(name string) bool {
	return slices.ContainsFunc(t.keys, func(k script.Key) bool { return k.Name == name })
}

// isFor tells whether the target's host is h.
func (t *target) isFor(h *hostHistory) bool {
	if t.isLiteral {
		return h.name == t.host.entity.HostName
	}
	_, ok := t.host.name.matches(h.parsed)
	return ok
}

// list makes a target known to what comes later.
func (c *Correlator) list(t *target) {
	c.targets++
	if t.record.isUnlisted {
		c.unlisted++
	}
	t.at = len(t.alert.targets)
	t.alert.targets = append(t.alert.targets, t)
	for _, k := range t.keys {
		key := watchKey{t.hostKey(), k.Name}
		c.watches[key] = append(c.watches[key], t)
		if c.names[k.Name]++; c.names[k.Name] == 1 {
			c.watchFilter.add(k.Name, c.ext)
		}
	}
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
	for _, k := range t.keys {
		c.unname(t, k.Name)
	}
	for len(t.on) > 0 {
		c.detach(t.on[len(t.on)-1], t)
	}
}

func (c *Correlator) unname(t *target, name string) {
	key := watchKey{t.hostKey(), name}
	if list := without(c.watches[key], t); len(list) > 0 {
		c.watches[key] = list
	} else {
		delete(c.watches, key)
	}
	if c.names[name]--; c.names[name] == 0 {
		delete(c.names, name)
		c.watchFilter.remove(name, c.ext)
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
