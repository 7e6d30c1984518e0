// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"
	"time"
)

// addAlert does in one go what the engine does in steps: what is due, then what the alert says anew, then the
// look-back for each new file and host.
func (m *model) addAlert(a *Alert, wall Instant) {
	if a.Time > wall.Add(5*time.Minute) {
		m.sendDue(wall)
		return
	}
	if a.Time > m.clock {
		m.advance(a.Time, wall)
	}
	if st := m.alerts[a.ID]; st != nil && st.dismissed != 0 && a.Time <= st.dismissed {
		st.end = max(st.end, m.endOf(a.Time)) // it is known for as long as its records come
		m.sendDue(wall)
		return
	}
	if a.Status == StatusDismissed {
		m.dismiss(a, wall)
		return
	}
	files := slices.DeleteFunc(slices.Clone(a.Files), func(f FileEntity) bool { return m.opt.Matching == KQL && !isListed(f.Name) })
	if len(files) == 0 && len(a.Hosts) == 0 && (m.opt.Matching == KQL || m.alerts[a.ID] == nil) {
		m.sendDue(wall)
		return
	}
	st := m.alertFor(a)
	st.dismissed = 0
	hasNews := st.learn(a)
	for _, h := range a.Hosts {
		st.addHost(h.HostName, a.Time)
	}
	for _, f := range files {
		own := NoHost
		if m.opt.Matching == Windows && f.Host >= 0 {
			own = slices.IndexFunc(st.hosts, func(h *modelHost) bool { return h.name == a.Hosts[f.Host].HostName })
		}
		st.addFile(f.Name, own, a.Time)
	}
	reported := m.reportedFor(st)
	m.pair(st)
	m.sendDue(wall)
	if hasNews {
		for _, cl := range reported {
			if m.refresh(cl); len(cl.matches) > 0 {
				m.schedule(cl, wall)
			}
		}
	}
	m.lookBack(wall)
}

func isListed(name string) bool {
	switch name {
	case "a.aspx", "A.aspx", "b.php", "my page.aspx", "c.js", "%61.aspx":
		return true
	}
	return false
}

func (m *model) alertFor(a *Alert) *modelAlert {
	st := m.alerts[a.ID]
	if st == nil {
		st = &modelAlert{id: a.ID, lookBack: min(a.Time, m.clock).Add(-m.opt.LogWindow)}
		m.alerts[a.ID] = st
	}
	st.end = max(st.end, m.endOf(a.Time))
	return st
}

func (m *model) endOf(t Instant) Instant {
	if m.opt.Matching == Windows {
		t = max(t, m.clock)
	}
	return t.Add(m.opt.AlertWindow)
}

// learn takes over what a record says, and tells whether any of it is new.
func (st *modelAlert) learn(a *Alert) (hasNews bool) {
	if a.Title != "" && !slices.Contains(st.titles, a.Title) {
		st.titles = append(st.titles, a.Title)
		hasNews = true
	}
	if !slices.Contains(st.times, a.Time) && len(st.times) < 64 {
		st.times = append(st.times, a.Time)
		hasNews = true
	}
	if st.status != a.Status {
		st.status, hasNews = a.Status, true
	}
	return hasNews
}

func (st *modelAlert) addHost(name string, t Instant) {
	for _, h := range st.hosts {
		if h.name == name {
			h.time = max(h.time, t)
			return
		}
	}
	st.hosts = append(st.hosts, &modelHost{name, t})
}

func (st *modelAlert) addFile(name string, own int, t Instant) {
	for _, f := range st.files {
		if f.name == name && f.host == own {
			f.time = max(f.time, t)
			return
		}
	}
	st.files = append(st.files, &modelFile{name, own, t})
}

// pair watches each file on each host, or on its own device.
func (m *model) pair(st *modelAlert) {
	for _, f := range st.files {
		for i, h := range st.hosts {
			if f.host != NoHost && f.host != i {
				continue
			}
			end := st.end
			if m.opt.Matching == KQL {
				end = min(m.endOf(f.time), m.endOf(h.time))
				if end <= m.clock {
					continue
				}
			}
			at := slices.IndexFunc(st.targets, func(t *modelTarget) bool { return t.file == f && t.host == h && !t.isOver })
			if at < 0 {
				st.targets = append(st.targets, &modelTarget{alert: st, file: f, host: h, end: end})
			} else {
				st.targets[at].end = max(st.targets[at].end, end)
			}
		}
	}
}

// lookBack reports whoever is remembered and was not told of all that names it now.
func (m *model) lookBack(wall Instant) {
	for _, cl := range m.clients {
		if !m.isWatched(cl) {
			continue
		}
		m.refresh(cl)
		if slices.ContainsFunc(cl.matches, func(x *modelMatch) bool { return !x.isTold }) {
			m.schedule(cl, wall)
		}
	}
}

// reportedFor gives the clients that have the alert in a detection, of a watch that goes on.
func (m *model) reportedFor(st *modelAlert) []*modelClient {
	var list []*modelClient
	for _, cl := range m.clients {
		if slices.ContainsFunc(cl.matches, func(x *modelMatch) bool { return x.target.alert == st && !x.target.isOver }) {
			list = append(list, cl)
		}
	}
	return list
}

// dismiss sends a last revision of each detection, and ends the watch.
func (m *model) dismiss(a *Alert, wall Instant) {
	st := m.alertFor(a)
	st.status, st.dismissed = StatusDismissed, a.Time
	st.learn(a)
	for _, cl := range m.reportedFor(st) {
		cl.matches = slices.DeleteFunc(cl.matches, func(x *modelMatch) bool { return x.target.isOver })
		cl.isDue, cl.due = true, wall
	}
	for _, t := range st.targets {
		t.isOver = true
	}
	st.files, st.hosts, st.targets = nil, nil, nil
	m.sendDue(wall)
}
