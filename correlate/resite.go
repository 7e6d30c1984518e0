// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"

	"webshell/correlate/script"
)

// SetSites takes another map of this server's sites (iis_config), or nil for none. The steps that follow file the
// directory URLs that are remembered under their new default documents, and match what is watched anew.
func (c *Correlator) SetSites(s Sites) {
	before := c.opt.Sites
	c.opt.Sites = s
	c.epoch++
	c.sitesEpoch = c.epoch
	if c.opt.Matching == KQL {
		return
	}
	for _, h := range c.shortNames[c.computer.key()] {
		if _, ok := c.computer.matches(h.parsed); ok {
			c.jobs = append(c.jobs, &resite{host: h, before: before, stems: h.directories()})
		}
	}
}

// directories gives the URLs of a host that end in a slash.
func (h *hostHistory) directories() []*stem {
	var all []*stem
	for _, st := range h.stems {
		if st.isDirectory {
			all = append(all, st)
		}
	}
	return all
}

// resite files directory URLs under the default documents that the map gives them now, then has what is watched looked
// at again. They stay under those that they no longer have, where they are found not to match.
type resite struct {
	host   *hostHistory
	before Sites   // the map that they were filed by
	stems  []*stem // not yet looked at
}

// resiteStep is how many URLs are filed anew at a time, some milliseconds.
const resiteStep = 1024

func (j *resite) endsBy(Instant) bool { return false }

func (j *resite) run(c *Correlator, _ Instant) (done bool) {
	if c.hosts[j.host.name] != j.host {
		return true
	}
	n := min(resiteStep, len(j.stems))
	if c.opt.Sites != nil {
		c.refile(j.host, j.before, j.stems[:n])
		c.spent = stepBudget
	}
	if j.stems = j.stems[n:]; len(j.stems) > 0 {
		return false
	}
	c.lookAgain(j.host)
	c.makeRoom()
	return true
}

// refile files URLs anew.
func (c *Correlator) refile(h *hostHistory, before Sites, stems []*stem) {
	for _, st := range stems {
		if h.stems[st.text] != st || !c.hasOtherDocuments(before, st) {
			continue
		}
		for _, r := range c.readStem(st, 0) {
			c.fileUnder(st, c.scriptKey(r.Name))
		}
	}
}

// hasOtherDocuments tells whether the default documents of a directory URL have changed.
func (c *Correlator) hasOtherDocuments(before Sites, st *stem) bool {
	if before == nil {
		return true
	}
	folder := directoryOf(st.text)
	return !slices.Equal(before.DefaultDocuments("", folder), c.opt.Sites.DefaultDocuments("", folder))
}

// fileUnder files a URL that is remembered under one more script.
func (c *Correlator) fileUnder(st *stem, key string) {
	if len(st.others) >= script.MaxReadings {
		return
	}
	s := c.script(st.home.host, key)
	if s == st.home || st.isGuestOf(s) {
		return
	}
	st.others = append(st.others, filing{s, s.guests.len()})
	s.guests.push(guest{st, len(st.others) - 1})
	s.version++
	c.charge(s, guestSlot)
	for i := range st.guests.len() {
		c.countGuest(s, st.guests.at(i).address)
	}
}

// countGuest counts a client of another script's URL.
func (c *Correlator) countGuest(s *scriptHistory, address uint64) {
	s.version++
	s.guestClients++
	c.sketchClient(s, address)
}

// lookAgain queues look-backs for all that is watched on a host. They report what they find that was not told.
func (c *Correlator) lookAgain(h *hostHistory) {
	for i := range c.all.len() {
		s := c.all.at(i)
		if s.host != h {
			continue
		}
		for _, t := range s.targets {
			c.jobs = append(c.jobs, &lookBack{script: s, target: t})
		}
	}
}

// rematch compares what a client's URL was found to call by the map of the sites that holds now. What no longer
// matches is not reported any more.
func (c *Correlator) rematch(cl *clientHistory, readings []script.Reading) {
	r := cl.report
	for i := 0; r != nil && i < len(r.matches); {
		m := &r.matches[i]
		by, path, ok := c.compare(readings, cl.stem, cl.site, m.target)
		if ok {
			if m.by != by || m.path != path {
				m.by, m.path, m.isTold = by, path, false
			}
			i++
			continue
		}
		gone := *m
		r.matches = slices.Delete(r.matches, i, i+1)
		gone.target.found--
		if a := gone.target.alert; r.matchOf(a) < 0 {
			a.forgetReported(cl, gone.at)
			a.found--
		}
	}
}
