// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"cmp"
	"slices"

	"webshell/correlate/script"
)

// addEntities pairs the record's files with hosts, its own ones and those of the alert's other records.
func (c *Correlator) addEntities(st *alertState, a *Alert, files []FileEntity, wall Instant) Outcome {
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
	return c.pair(st, wall)
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
	if i := st.findHost(&h); i >= 0 {
		st.hosts[i].time = max(st.hosts[i].time, t)
		return
	}
	if len(st.hosts) >= maxAlertEntities || c.isFull(st) {
		c.stats.Truncated++
		return
	}
	st.hosts = append(st.hosts, &alertHost{entity: h, name: parseHost(h.HostName, h.DNSDomain), time: t})
	if st.hostAt != nil {
		st.hostAt[h] = len(st.hosts) - 1
	}
	c.chargeAlert(st, hostEntityBytes+2*(textSize(h.HostName)+textSize(h.DNSDomain))+textSize(h.NTDomain)+textSize(h.DeviceID))
}

// findHost gives the place of a host among the alert's, -1 where it is not there.
func (st *alertState) findHost(h *HostEntity) int {
	if st.hostAt == nil {
		if len(st.hosts) < fewEntities {
			return slices.IndexFunc(st.hosts, func(o *alertHost) bool { return o.entity == *h })
		}
		st.hostAt = make(map[HostEntity]int, 2*fewEntities)
		for i, o := range st.hosts {
			st.hostAt[o.entity] = i
		}
	}
	if i, ok := st.hostAt[*h]; ok {
		return i
	}
	return -1
}

// fewEntities are found sooner without a map, which would take more than they do.
const fewEntities = 16

// fileKey tells the files of an alert apart.
type fileKey struct {
	name, directory string
	host            int
}

func (f *alertFile) key() fileKey { return fileKey{f.entity.Name, f.entity.Directory, f.host} }

// findFile gives the alert's file of a key, nil where it has none.
func (st *alertState) findFile(key fileKey) *alertFile {
	if st.fileAt == nil {
		if len(st.files) < fewEntities {
			for _, f := range st.files {
				if f.key() == key {
					return f
				}
			}
			return nil
		}
		st.fileAt = make(map[fileKey]*alertFile, 2*fewEntities)
		for _, f := range st.files {
			st.fileAt[f.key()] = f
		}
	}
	return st.fileAt[key]
}

func (c *Correlator) addFile(st *alertState, f *FileEntity, a *Alert) {
	key := fileKey{f.Name, f.Directory, NoHost}
	if c.opt.Matching == Windows && f.Host >= 0 && f.Host < len(a.Hosts) {
		own := a.Hosts[f.Host]
		own.Listed = false
		if key.host = st.findHost(&own); key.host < 0 {
			c.stats.Truncated++ // the alert is full
			return
		}
	}
	if o := st.findFile(key); o != nil {
		o.time = max(o.time, a.Time)
		if f.Remediation != "" {
			o.entity.Remediation = f.Remediation
		}
		c.addHashes(st, o, f.Hashes)
		return
	}
	if len(st.files) >= maxAlertEntities || c.isFull(st) {
		c.stats.Truncated++
		return
	}
	o := &alertFile{entity: *f, time: a.Time, host: key.host}
	o.entity.Hashes = nil
	st.files = append(st.files, o)
	if st.fileAt != nil {
		st.fileAt[key] = o
	}
	names := c.nameFile(o)
	c.chargeAlert(st, fileEntityBytes+textSize(f.Name)+2*textSize(f.Directory)+int64(len(o.names))*nameBytes+int64(names)*watchBytes)
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

// shown is the file as the alert names it.
func (f *alertFile) shown() (name, folder string) {
	file := &f.names[0]
	if f.entity.FoundBeside != "" {
		return f.entity.FoundBeside, file.Folder
	}
	return file.Name, file.Folder
}

// nameFile takes a file entity apart: it may name the file in more than one way. It tells how many names are watched
// that the list of extensions does not cover.
func (c *Correlator) nameFile(f *alertFile) (unlisted int) {
	if c.opt.Matching == KQL {
		f.names = []script.Target{{Name: f.entity.Name, Folder: f.entity.Directory, Literal: true}}
		return 0
	}
	f.names = script.Targets(f.entity.Name, f.entity.Directory)
	isListed := false
	for i := range f.names {
		isListed = isListed || c.ext.MatchString(f.names[i].Name)
		for _, k := range script.LookupKeys(f.names[i]) {
			if c.watchName(k.Name) {
				unlisted++
			}
		}
	}
	f.isUnlisted = !isListed
	if f.isUnlisted && len(f.names) > 0 {
		c.stats.Unlisted++
	}
	return unlisted
}

// forgetNames ends what nameFile began.
func (c *Correlator) forgetNames(f *alertFile) {
	if c.opt.Matching == KQL {
		return
	}
	for i := range f.names {
		for _, k := range script.LookupKeys(f.names[i]) {
			c.unwatchName(k.Name)
		}
	}
}

// pair makes the targets of an alert: each file on its own device, else on every host of the alert.
func (c *Correlator) pair(st *alertState, wall Instant) Outcome {
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
			if c.watch(st, f, j, wall) {
				outcome = Accepted
			}
		}
	}
	return outcome
}

// watch makes sure that a file on a host is watched as long as it should be, and tells whether the host is known here.
// One that is not is awaited.
func (c *Correlator) watch(st *alertState, f *alertFile, host int, wall Instant) (isHere bool) {
	end := st.end.at
	if c.opt.Matching == KQL {
		end = min(c.endOf(f.time), c.endOf(st.hosts[host].time))
		if end <= c.clock {
			return true
		}
	}
	isHere = c.isKnown(st.hosts[host])
	targets := f.targetsOn(host)
	if len(targets) == 0 && !isHere {
		c.await(st, st.hosts[host])
		return false
	}
	if len(targets) == 0 || targets[0].end.index < 0 { // new, or over and beginning anew (KQL)
		targets = c.newTargets(st, f, host)
	}
	for i := range targets {
		if t := &targets[i]; t.end.index < 0 {
			c.start(t, end, wall)
		} else {
			c.ends.set(&t.end, max(t.end.at, end))
		}
	}
	return isHere
}

// findPair gives the place of a host among those that a file is paired with, in their order.
func (f *alertFile) findPair(host int) (at int, ok bool) {
	return slices.BinarySearchFunc(f.pairs, host, func(p pairing, host int) int { return cmp.Compare(p.host, host) })
}

// targetsOn gives what is watched of a file on a host of its alert.
func (f *alertFile) targetsOn(host int) []target {
	if i, ok := f.findPair(host); ok {
		return f.pairs[i].targets
	}
	return nil
}

func (c *Correlator) newTargets(st *alertState, f *alertFile, host int) []target {
	h := st.hosts[host]
	targets := make([]target, len(f.names)) // pointed to: they stay where they are
	for i := range targets {
		t := &targets[i]
		*t = target{alert: st, record: f, file: c.fileOn(h, &f.names[i]), host: h, isLiteral: c.opt.Matching == KQL}
		t.end = moment[over]{item: over{target: t}, index: -1}
	}
	i, isKnown := f.findPair(host)
	if isKnown {
		f.pairs[i].targets = targets
		return targets
	}
	f.pairs = slices.Insert(f.pairs, i, pairing{host, targets})
	c.chargeAlert(st, pairBytes)
	for i := range targets {
		c.chargeAlert(st, targetBytes+int64(len(targets[i].keys()))*watchBytes)
	}
	return targets
}

// fileOn gives a file as the host itself knows it: by its drive, where the alert names the host's own share of that.
func (c *Correlator) fileOn(h *alertHost, file *script.Target) *script.Target {
	if c.opt.Matching == KQL {
		return file
	}
	server, folder, ok := script.CutAdminShare(file.Folder)
	if !ok {
		return file
	}
	if _, ok = parseHost(server, "").matches(h.name); !ok {
		return file
	}
	own := *file
	own.Folder = folder
	return &own
}

// hostsOf gives the hosts that are known here and are the alert's.
func (c *Correlator) hostsOf(a *alertHost) []*hostHistory {
	var hosts []*hostHistory
	for _, h := range c.shortNames[a.key(c.opt.Matching)] {
		if a.is(h, c.opt.Matching) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// isKnown tells whether the host was seen here, or is the computer that this runs on.
func (c *Correlator) isKnown(a *alertHost) bool {
	return c.isOurs(a) || slices.ContainsFunc(c.shortNames[a.key(c.opt.Matching)], func(h *hostHistory) bool { return a.is(h, c.opt.Matching) })
}

// isOurs tells whether the host is the computer that this runs on, requests seen or not.
func (c *Correlator) isOurs(a *alertHost) bool {
	_, ok := a.name.matches(c.computer)
	return ok
}

// start begins a watch and queues the look-back.
func (c *Correlator) start(t *target, end, wall Instant) {
	if c.targets >= maxTargets || t.record.isUnlisted && c.unlisted >= maxUnlisted {
		c.stats.Alerts[TooManyAlerts]++
		return
	}
	c.list(t)
	c.ends.set(&t.end, end)
	hosts := c.hostsOf(t.host)
	keys := t.keys()
	for _, h := range hosts {
		for _, k := range keys {
			if s := h.scripts[k.Name]; s != nil && c.attach(s, t) {
				c.jobs = append(c.jobs, &lookBack{script: s, target: t})
			}
		}
	}
	c.queueUnmatched(t, hosts, wall)
}
