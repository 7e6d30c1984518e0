// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"

	"webshell/correlate/script"
)

// AddAlert takes one record of an alert: it watches what the record names, and looks back over what is remembered.
// Records of one ID add up. The first detections are there at once; Tick and Step bring the rest.
func (c *Correlator) AddAlert(a *Alert, wall Instant) Outcome {
	o := c.addAlert(a, wall)
	c.stats.Alerts[o]++
	for c.spent = 0; c.spent < stepBudget && c.step(wall); {
	}
	c.makeRoom()
	return o
}

func (c *Correlator) addAlert(a *Alert, wall Instant) Outcome {
	if a.Time > wall.Add(futureSlack) {
		return Future
	}
	if a.Time > c.clock {
		c.advance(a.Time, wall)
	}
	if st := c.alerts[a.key()]; st != nil && st.dismissed != 0 && a.Time <= st.dismissed {
		return Dismissed // an older record of it, again
	}
	if a.Status == StatusDismissed {
		return c.dismiss(a, wall)
	}
	files := c.filesOf(a)
	if len(files) == 0 && len(a.Hosts) == 0 {
		return NoFile
	}
	st := c.alertFor(a, wall)
	st.dismissed = 0
	hasNews := st.texts.add(a)
	if st.status != a.Status {
		st.status, hasNews = a.Status, true
	}
	if hasNews {
		c.touchReported(st, wall)
	}
	return c.addEntities(st, a, files)
}

// key tells alerts apart. Ids of event logs are counters: they mean something on their own computer alone.
func (a *Alert) key() string {
	if (a.Shape == ShapeWindowsDefender || a.Shape == ShapeSysmon) && len(a.Hosts) > 0 {
		return a.ID + "\x00" + a.Hosts[0].HostName + "\x00" + string(rune('0'+a.Shape))
	}
	return a.ID
}

// filesOf gives the files of a record that count: under KQL those that the rule reads.
func (c *Correlator) filesOf(a *Alert) []FileEntity {
	if c.opt.Matching != KQL {
		return a.Files[:min(len(a.Files), maxAlertEntities)]
	}
	var files []FileEntity
	for _, f := range a.Files {
		if f.Listed && c.ext.MatchString(f.Name) {
			files = append(files, f)
		}
	}
	return files
}

// alertFor gives the state of the record's alert, made when it is new. The oldest one goes when there are too many.
func (c *Correlator) alertFor(a *Alert, wall Instant) *alertState {
	key := a.key()
	st := c.alerts[key]
	if st == nil {
		for len(c.alerts) >= maxAlerts {
			c.dropOldestAlert(wall)
		}
		st = &alertState{key: key, id: a.ID}
		st.end = ending{alert: st, index: -1}
		c.alerts[key] = st
		c.alertQueue = append(c.alertQueue, st)
		if len(c.alertQueue) > 2*len(c.alerts)+maxAlertTexts {
			c.alertQueue = slices.DeleteFunc(c.alertQueue, func(o *alertState) bool { return o.isOver })
		}
		st.lookBack = min(a.Time, c.clock).Add(-c.opt.LogWindow)
	}
	c.setEnd(&st.end, max(st.end.at, c.endOf(a.Time)))
	return st
}

func (c *Correlator) dropOldestAlert(wall Instant) {
	for len(c.alertQueue) > 0 {
		st := c.alertQueue[0]
		c.alertQueue[0] = nil
		c.alertQueue = c.alertQueue[1:]
		if !st.isOver {
			c.stats.Alerts[TooManyAlerts]++
			c.endAlert(st, wall)
			return
		}
	}
}

// endOf is when what a record of time t says stops being active: under KQL by the record's own time alone.
func (c *Correlator) endOf(t Instant) Instant {
	if c.opt.Matching == Windows {
		t = max(t, c.clock)
	}
	return t.Add(c.opt.AlertWindow)
}

// add takes over what a record says and tells whether any of it is new.
func (x *alertTexts) add(a *Alert) (isNew bool) {
	add := func(set *[]string, s string) {
		if s != "" && !slices.Contains(*set, s) && len(*set) < maxAlertTexts {
			*set = append(*set, s)
			isNew = true
		}
	}
	add(&x.titles, a.Title)
	add(&x.severities, a.Severity)
	add(&x.providers, a.Provider)
	add(&x.links, a.Link)
	add(&x.vendorIDs, a.VendorID)
	add(&x.threats, a.ThreatName)
	add(&x.remediations, a.Remediation)
	if a.IsUndated && len(x.times) > 0 {
		return isNew // the same record again has another timestamp
	}
	if a.Time != 0 && !slices.Contains(x.times, a.Time) && len(x.times) < maxAlertTexts {
		x.times = append(x.times, a.Time)
		isNew = true
	}
	return isNew
}

// maxAlertTexts bounds each set that an alert's records add up to.
const maxAlertTexts = 64

// addEntities pairs the record's files with hosts, its own ones and those of the alert's other records.
func (c *Correlator) addEntities(st *alertState, a *Alert, files []FileEntity) Outcome {
	for _, h := range a.Hosts {
		c.addHost(st, h, a.Time)
	}
	if len(a.Hosts) == 0 && !a.IsCloud && c.opt.ComputerName != "" && c.opt.Matching == Windows {
		c.addHost(st, HostEntity{HostName: c.opt.ComputerName}, a.Time)
	}
	for _, f := range files {
		c.addFile(st, f, a)
	}
	return c.pair(st, len(files) > 0 || len(st.files) > 0)
}

func (c *Correlator) addHost(st *alertState, h HostEntity, t Instant) {
	if c.opt.Matching == KQL && !h.Listed {
		return
	}
	for i := range st.hosts {
		if o := &st.hosts[i]; o.entity == h {
			o.time = max(o.time, t)
			return
		}
	}
	if len(st.hosts) < maxAlertEntities {
		st.hosts = append(st.hosts, alertHost{h, parseHost(h.HostName, h.DNSDomain), t})
	}
}

func (c *Correlator) addFile(st *alertState, f FileEntity, a *Alert) {
	host := NoHost
	if c.opt.Matching == Windows && f.Host >= 0 && f.Host < len(a.Hosts) {
		own := a.Hosts[f.Host]
		host = slices.IndexFunc(st.hosts, func(h alertHost) bool { return h.entity == own })
	}
	for _, o := range st.files {
		if o.host == host && o.entity.Name == f.Name && o.entity.Directory == f.Directory {
			o.time = max(o.time, a.Time)
			o.entity.Hashes = mergeTexts(o.entity.Hashes, f.Hashes)
			if f.Remediation != "" {
				o.entity.Remediation = f.Remediation
			}
			return
		}
	}
	if len(st.files) < maxAlertEntities {
		st.files = append(st.files, &alertFile{entity: f, time: a.Time, host: host})
	}
}

func mergeTexts(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) && len(a) < maxAlertTexts {
			a = append(a, s)
		}
	}
	return a
}

// pair makes the targets of an alert: each file on its own device, else on every host of the alert.
func (c *Correlator) pair(st *alertState, hasFile bool) Outcome {
	if !hasFile || len(st.hosts) == 0 {
		return Accepted // another record of the alert may bring the rest
	}
	outcome := OtherHost
	for _, f := range st.files {
		for j := range st.hosts {
			if f.host != NoHost && f.host != j {
				continue
			}
			h := &st.hosts[j]
			if c.watch(st, f, h) {
				outcome = Accepted
			}
		}
	}
	return outcome
}

// watch makes sure that a file on a host is watched as long as it should be, and tells whether the host is known here.
func (c *Correlator) watch(st *alertState, f *alertFile, h *alertHost) (isHere bool) {
	end := st.end.at
	if c.opt.Matching == KQL {
		end = min(c.endOf(f.time), c.endOf(h.time))
		if end <= c.clock {
			return true
		}
	}
	isKnown := false
	for _, t := range st.targets {
		if t.record == f && t.host.entity == h.entity {
			isKnown = true
			c.setEnd(&t.end, max(t.end.at, end))
			isHere = isHere || len(t.on) > 0 || len(c.hostsOf(t)) > 0
		}
	}
	if isKnown {
		return isHere
	}
	for _, t := range c.newTargets(st, f, h) {
		isHere = c.start(t, end) || isHere
	}
	return isHere
}

// newTargets takes a file entity apart: it may name the file in more than one way.
func (c *Correlator) newTargets(st *alertState, f *alertFile, h *alertHost) []*target {
	if c.opt.Matching == KQL {
		file := script.Target{Name: f.entity.Name, Folder: f.entity.Directory, Literal: true}
		t := &target{alert: st, record: f, file: file, shown: file, host: *h, isLiteral: true}
		t.keys = []script.Key{{Name: f.entity.Name, By: script.Exact}}
		return []*target{t}
	}
	files := script.Targets(f.entity.Name, f.entity.Directory)
	isListed := false
	var targets []*target
	for _, file := range files {
		isListed = isListed || c.ext.MatchString(file.Name)
		targets = append(targets, &target{alert: st, record: f, file: file, shown: files[0], host: *h, keys: script.LookupKeys(file)})
	}
	if !isListed && len(files) > 0 {
		c.stats.Unlisted++
		if c.unlisted >= maxUnlisted {
			return nil
		}
		for _, t := range targets {
			t.isUnlisted = true
		}
		c.unlisted += len(targets)
	}
	return targets
}

// hostsOf gives the hosts that are known here and are the target's.
func (c *Correlator) hostsOf(t *target) []*hostHistory {
	key := t.host.name.key()
	if t.isLiteral {
		key = t.host.entity.HostName
	}
	var hosts []*hostHistory
	for _, h := range c.shortNames[key] {
		if t.isFor(h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// start begins a watch and queues the look-back.
func (c *Correlator) start(t *target, end Instant) (isHere bool) {
	if c.targets >= maxTargets {
		c.stats.Alerts[TooManyAlerts]++
		return true
	}
	c.targets++
	t.end = ending{target: t, index: -1}
	c.setEnd(&t.end, end)
	t.alert.targets = append(t.alert.targets, t)
	for _, k := range t.keys {
		c.watches[k.Name] = append(c.watches[k.Name], t)
		c.watchFilter.add(k.Name, c.ext)
	}
	hosts := c.hostsOf(t)
	for _, h := range hosts {
		for _, k := range t.keys {
			if s := h.scripts[k.Name]; s != nil {
				c.attach(s, t)
				c.jobs = append(c.jobs, newJob(s, t))
			}
		}
	}
	c.queueUnmatched(t, hosts)
	return len(hosts) > 0
}

// dismiss ends the watch of an alert that was found to be none, with a last revision of what it gave. The alert is
// remembered, so that older records of it which come again do not bring it back.
func (c *Correlator) dismiss(a *Alert, wall Instant) Outcome {
	st := c.alertFor(a, wall)
	st.status, st.dismissed = StatusDismissed, a.Time
	st.texts.add(a)
	for _, cl := range st.reported {
		if !cl.isGone {
			c.send(cl, wall)
		}
	}
	for len(st.targets) > 0 {
		c.endTarget(st.targets[len(st.targets)-1], wall)
	}
	st.reported, st.files, st.hosts = nil, nil, nil
	return Dismissed
}

// touchReported has the detections of an alert sent again in their time, since the alert says something new.
func (c *Correlator) touchReported(st *alertState, wall Instant) {
	for _, cl := range st.reported {
		if !cl.isGone {
			c.schedule(cl, wall)
		}
	}
}
