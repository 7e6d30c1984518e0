// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"

	"webshell/correlate/script"
)

// addEntities pairs the record's files with hosts, its own ones and those of the alert's other records.
func (c *Correlator) addEntities(st *alertState, a *Alert, files []FileEntity) Outcome {
	for _, h := range a.Hosts {
		c.addHost(st, h, a.Time)
	}
	if len(a.Hosts) == 0 && !a.IsCloud && c.opt.ComputerName != "" && c.opt.Matching == Windows {
		c.addHost(st, HostEntity{HostName: c.opt.ComputerName}, a.Time)
	}
	for i := range files {
		c.addFile(st, &files[i], a)
	}
	if len(st.files) == 0 || !c.hasHost(st) {
		return Accepted // another record of the alert may bring the rest
	}
	return c.pair(st)
}

// hasHost tells whether a host of the alert has a name: one that is known by its device id alone is none yet.
func (c *Correlator) hasHost(st *alertState) bool {
	return slices.ContainsFunc(st.hosts, c.isNamed)
}

func (c *Correlator) isNamed(h *alertHost) bool {
	return c.opt.Matching == KQL || h.entity.HostName != ""
}

// isOn tells whether a file is on a host of its alert: on its own device where it names one, which other records may
// give another name.
func (st *alertState) isOn(f *alertFile, host int) bool {
	if f.host == NoHost || f.host == host {
		return true
	}
	id := st.hosts[f.host].entity.DeviceID
	return id != "" && id == st.hosts[host].entity.DeviceID
}

func (c *Correlator) addHost(st *alertState, h HostEntity, t Instant) {
	if c.opt.Matching == KQL && !h.Listed {
		return
	}
	h.Listed = false // that is all that it was for
	if i, known := st.hostAt[h]; known {
		st.hosts[i].time = max(st.hosts[i].time, t)
		return
	}
	if len(st.hosts) >= maxAlertEntities || c.isFull(st) {
		return
	}
	if st.hostAt == nil {
		st.hostAt = map[HostEntity]int{}
	}
	st.hostAt[h] = len(st.hosts)
	st.hosts = append(st.hosts, &alertHost{h, parseHost(h.HostName, h.DNSDomain), t})
	c.chargeAlert(st, entityBytes+2*(textSize(h.HostName)+textSize(h.DNSDomain))+textSize(h.NTDomain)+textSize(h.DeviceID))
}

// fileKey tells the files of an alert apart.
type fileKey struct {
	name, directory string
	host            int
}

func (c *Correlator) addFile(st *alertState, f *FileEntity, a *Alert) {
	key := fileKey{f.Name, f.Directory, NoHost}
	if c.opt.Matching == Windows && f.Host >= 0 && f.Host < len(a.Hosts) {
		own := a.Hosts[f.Host]
		own.Listed = false
		at, known := st.hostAt[own]
		if !known {
			return // the alert is full
		}
		key.host = at
	}
	if o := st.fileAt[key]; o != nil {
		o.time = max(o.time, a.Time)
		if f.Remediation != "" {
			o.entity.Remediation = f.Remediation
		}
		c.addHashes(st, o, f.Hashes)
		return
	}
	if len(st.files) >= maxAlertEntities || c.isFull(st) {
		return
	}
	o := &alertFile{entity: *f, time: a.Time, host: key.host}
	o.entity.Hashes = nil
	if st.fileAt == nil {
		st.fileAt = map[fileKey]*alertFile{}
	}
	st.fileAt[key] = o
	st.files = append(st.files, o)
	c.nameFile(o)
	c.chargeAlert(st, entityBytes+2*(textSize(f.Name)+textSize(f.Directory))+int64(len(o.names))*keyBytes)
	c.addHashes(st, o, f.Hashes)
}

func (c *Correlator) addHashes(st *alertState, o *alertFile, hashes []string) {
	for _, s := range hashes {
		if !slices.Contains(o.entity.Hashes, s) && len(o.entity.Hashes) < maxAlertTexts && !c.isFull(st) {
			o.entity.Hashes = append(o.entity.Hashes, s)
			c.chargeAlert(st, textSize(s))
		}
	}
}

// fileName is one thing that a file entity can mean, with the names under which URLs that call it are filed.
type fileName struct {
	file script.Target
	keys []script.Key
}

// shown is the file as the alert names it.
func (f *alertFile) shown() (name, folder string) {
	file := f.names[0].file
	if f.entity.FoundBeside != "" {
		return f.entity.FoundBeside, file.Folder
	}
	return file.Name, file.Folder
}

// nameFile takes a file entity apart: it may name the file in more than one way.
func (c *Correlator) nameFile(f *alertFile) {
	if c.opt.Matching == KQL {
		file := script.Target{Name: f.entity.Name, Folder: f.entity.Directory, Literal: true}
		f.names = []fileName{{file, []script.Key{{Name: f.entity.Name, By: script.Exact}}}}
		return
	}
	isListed := false
	for _, file := range script.Targets(f.entity.Name, f.entity.Directory) {
		isListed = isListed || c.ext.MatchString(file.Name)
		f.names = append(f.names, fileName{file, script.LookupKeys(file)})
	}
	f.isUnlisted = !isListed
	if f.isUnlisted && len(f.names) > 0 {
		c.stats.Unlisted++
	}
}

// pair makes the targets of an alert: each file on its own device, else on every host of the alert.
func (c *Correlator) pair(st *alertState) Outcome {
	outcome := OtherHost
	pairs := 0
	for _, f := range st.files {
		for j := range st.hosts {
			if !st.isOn(f, j) || !c.isNamed(st.hosts[j]) {
				continue
			}
			if pairs++; pairs > maxAlertPairs {
				c.stats.Alerts[TooManyAlerts]++
				return outcome
			}
			if c.watch(st, f, j) {
				outcome = Accepted
			}
		}
	}
	return outcome
}

// pairKey is a file on one of its alert's hosts.
type pairKey struct {
	file *alertFile
	host int
}

// watch makes sure that a file on a host is watched as long as it should be, and tells whether the host is known here.
func (c *Correlator) watch(st *alertState, f *alertFile, host int) (isHere bool) {
	end := st.end.at
	if c.opt.Matching == KQL {
		end = min(c.endOf(f.time), c.endOf(st.hosts[host].time))
		if end <= c.clock {
			return true
		}
	}
	targets := st.pairs[pairKey{f, host}]
	if len(targets) == 0 || targets[0].end.index < 0 { // new, or over and beginning anew (KQL)
		targets = c.newTargets(st, f, host)
	}
	for _, t := range targets {
		if t.end.index < 0 {
			isHere = c.start(t, end) || isHere
			continue
		}
		c.ends.set(&t.end, max(t.end.at, end))
		isHere = isHere || len(t.on) > 0 || c.isOurs(t) || len(c.hostsOf(t)) > 0
	}
	return isHere
}

func (c *Correlator) newTargets(st *alertState, f *alertFile, host int) []*target {
	targets := make([]*target, len(f.names))
	for i, n := range f.names {
		targets[i] = &target{alert: st, record: f, fileName: n, host: st.hosts[host]}
		targets[i].isLiteral = c.opt.Matching == KQL
		targets[i].end = moment[over]{item: over{target: targets[i]}, index: -1}
	}
	if st.pairs == nil {
		st.pairs = map[pairKey][]*target{}
	}
	if len(st.pairs[pairKey{f, host}]) == 0 {
		c.chargeAlert(st, int64(len(targets))*targetBytes)
	}
	st.pairs[pairKey{f, host}] = targets
	return targets
}

// hostsOf gives the hosts that are known here and are the target's.
func (c *Correlator) hostsOf(t *target) []*hostHistory {
	var hosts []*hostHistory
	for _, h := range c.shortNames[t.hostKey()] {
		if t.isFor(h) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// start begins a watch and queues the look-back.
func (c *Correlator) start(t *target, end Instant) (isHere bool) {
	if c.targets >= maxTargets || t.record.isUnlisted && c.unlisted >= maxUnlisted {
		c.stats.Alerts[TooManyAlerts]++
		return true
	}
	c.list(t)
	c.ends.set(&t.end, end)
	hosts := c.hostsOf(t)
	for _, h := range hosts {
		for _, k := range t.keys {
			if s := h.scripts[k.Name]; s != nil && c.attach(s, t) {
				c.jobs = append(c.jobs, &lookBack{script: s, target: t})
			}
		}
	}
	c.queueUnmatched(t, hosts)
	return len(hosts) > 0 || c.isOurs(t)
}

// isOurs tells whether the target's host is the computer that this runs on, requests seen or not.
func (c *Correlator) isOurs(t *target) bool {
	_, ok := t.host.name.matches(c.computer)
	return ok
}
