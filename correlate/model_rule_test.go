// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"
	"strings"
	"time"
)

// The model does what the engine does, in the plainest way: lists, and everything worked out anew each time. It has
// no memory limit, no caps and no steps, so that the engine must equal it where none of these is reached.
type model struct {
	opt     Options
	clock   Instant
	since   Instant
	clients []*modelClient // in no order
	alerts  map[string]*modelAlert
	out     []*Detection
}

// modelClient is a client, site and URL of a host, with all its requests.
type modelClient struct {
	host, site, ip string
	url            *namedURL
	requests       []Request
	matches        []*modelMatch
	revision       int64
	sentAt, due    Instant
	isDue          bool
	sent           *Detection
}

type modelAlert struct {
	id        string
	status    AlertStatus
	end       Instant
	lookBack  Instant
	dismissed Instant
	titles    []string
	times     []Instant
	files     []*modelFile
	hosts     []*modelHost
	targets   []*modelTarget // those that were ever watched
	isOver    bool
}

type modelFile struct {
	name string
	host int // its own device, or NoHost
	time Instant
}

type modelHost struct {
	name string
	time Instant
}

type modelTarget struct {
	alert  *modelAlert
	file   *modelFile
	host   *modelHost
	end    Instant
	isOver bool
}

type modelMatch struct {
	target *modelTarget
	isTold bool
}

// names tells whether the target names what a URL on a host calls.
func (m *model) names(t *modelTarget, host string, url *namedURL) bool {
	if m.opt.Matching == KQL {
		return t.host.name == host && t.file.name == url.exact
	}
	if !sameHost(t.host.name, host) {
		return false
	}
	return slices.Contains(url.names, strings.ToUpper(t.file.name))
}

// sameHost is right for names of ASCII letters without addresses, of less than 15 characters.
func sameHost(a, b string) bool {
	shortA, domainA, _ := strings.Cut(strings.ToLower(a), ".")
	shortB, domainB, _ := strings.Cut(strings.ToLower(b), ".")
	return shortA == shortB && (domainA == "" || domainB == "" || domainA == domainB)
}

// active gives the targets that are watched, in no order.
func (m *model) active() []*modelTarget {
	var list []*modelTarget
	for _, a := range m.alerts {
		for _, t := range a.targets {
			if !t.isOver {
				list = append(list, t)
			}
		}
	}
	return list
}

func (m *model) inWindow(t Instant) bool { return m.clock == 0 || t > m.clock.Add(-m.opt.LogWindow) }

// advance moves the clock, after what waits of alerts that end was said.
func (m *model) advance(t, wall Instant) {
	var ending []*modelTarget
	for key, a := range m.alerts {
		for _, o := range a.targets {
			if !o.isOver && (o.end <= t || a.end <= t) {
				ending = append(ending, o)
			}
		}
		if a.end <= t {
			delete(m.alerts, key)
			a.isOver = true
		}
	}
	for _, cl := range m.clients {
		if cl.isDue && slices.ContainsFunc(cl.matches, func(x *modelMatch) bool { return slices.Contains(ending, x.target) }) {
			m.send(cl, wall)
		}
	}
	for _, o := range ending {
		o.isOver = true
	}
	m.clock = t
}

func (m *model) move(t, wall Instant) Outcome {
	switch {
	case t > wall.Add(5*time.Minute):
		return Future
	case !m.inWindow(t):
		return Late
	}
	if t > m.clock {
		m.advance(t, wall)
	}
	if m.since == 0 || t < m.since {
		m.since = t
	}
	return Accepted
}

func (m *model) addRequest(r *Request, url *namedURL, wall Instant) Outcome {
	if o := m.move(r.Time, wall); o != Accepted {
		return o
	}
	host, site, ip := string(r.HostName), string(r.SiteName), string(r.ClientIP)
	var cl *modelClient
	isKnown := false // somebody on the host called the URL
	for _, o := range m.clients {
		if o.host == host && o.url == url {
			isKnown = true
			if o.site == site && o.ip == ip {
				cl = o
			}
		}
	}
	if cl == nil {
		if !isKnown && !m.wants(url) {
			return NotScript
		}
		cl = &modelClient{host: host, site: site, ip: ip, url: url}
		m.clients = append(m.clients, cl)
	}
	cl.requests = append(cl.requests, *r)
	if m.refresh(cl); len(cl.matches) > 0 && m.isWatched(cl) {
		m.schedule(cl, wall)
	}
	return Accepted
}

// wants tells whether a URL is remembered: the rule's list, or the name of an alert's file of another extension.
func (m *model) wants(url *namedURL) bool {
	if url.exact != "" {
		return true
	}
	if m.opt.Matching == KQL {
		return false
	}
	for _, a := range m.alerts {
		if slices.ContainsFunc(a.files, func(f *modelFile) bool { return slices.Contains(url.names, strings.ToUpper(f.name)) }) {
			return true
		}
	}
	return false
}

func (m *model) isWatched(cl *modelClient) bool {
	return slices.ContainsFunc(m.active(), func(t *modelTarget) bool { return m.names(t, cl.host, cl.url) })
}

// refresh brings a client's matches up to date.
func (m *model) refresh(cl *modelClient) {
	cl.matches = slices.DeleteFunc(cl.matches, func(x *modelMatch) bool { return x.target.isOver })
	for _, t := range m.active() {
		if m.names(t, cl.host, cl.url) && !slices.ContainsFunc(cl.matches, func(x *modelMatch) bool { return x.target == t }) {
			cl.matches = append(cl.matches, &modelMatch{target: t})
		}
	}
}

func (m *model) schedule(cl *modelClient, wall Instant) {
	switch {
	case cl.isDue:
	case cl.revision == 0 || wall >= cl.sentAt.Add(m.opt.UpdateInterval):
		m.send(cl, wall)
	default:
		cl.isDue, cl.due = true, cl.sentAt.Add(m.opt.UpdateInterval)
	}
}

func (m *model) sendDue(wall Instant) {
	for _, cl := range m.clients {
		if cl.isDue && cl.due <= wall {
			m.send(cl, wall)
		}
	}
}

// tick forgets whole clients of which nothing is in the log window, but for those that an active alert names.
func (m *model) tick(wall Instant) {
	m.sendDue(wall)
	for _, cl := range m.clients {
		if m.opt.Matching == KQL && !cl.isDue {
			cl.matches = slices.DeleteFunc(cl.matches, func(x *modelMatch) bool { return x.target.isOver })
		}
	}
	m.clients = slices.DeleteFunc(m.clients, func(cl *modelClient) bool {
		if m.opt.Matching == Windows && m.isWatched(cl) {
			return false
		}
		return !slices.ContainsFunc(cl.requests, func(r Request) bool { return m.inWindow(r.Time) })
	})
}

func (m *model) drain(wall Instant) {
	for _, cl := range m.clients {
		if cl.isDue {
			m.send(cl, wall)
		}
	}
	if m.opt.Matching != KQL {
		return
	}
	for _, cl := range m.clients {
		if !m.isWatched(cl) {
			continue
		}
		m.refresh(cl)
		if row := m.build(cl); row.RequestCount > 0 && (cl.sent == nil || !sameRow(row, cl.sent)) {
			m.send(cl, wall)
		}
	}
}

func sameRow(a, b *Detection) bool {
	return a.RequestCount == b.RequestCount && a.StartTime == b.StartTime && a.EndTime == b.EndTime
}

func (m *model) send(cl *modelClient, wall Instant) {
	cl.isDue = false
	if len(cl.matches) == 0 {
		return
	}
	d := m.build(cl)
	if d.RequestCount == 0 {
		return
	}
	cl.revision++
	cl.sentAt = wall
	d.Revision = cl.revision
	cl.sent = d
	for _, x := range cl.matches {
		x.isTold = true
	}
	m.out = append(m.out, d)
}

// rows gives what the rule gives at the clock.
func (m *model) rows() []*Detection {
	var rows []*Detection
	for _, cl := range m.clients {
		o := *cl
		o.matches = nil
		for _, t := range m.active() {
			if m.names(t, cl.host, cl.url) {
				o.matches = append(o.matches, &modelMatch{target: t})
			}
		}
		if len(o.matches) == 0 {
			continue
		}
		if d := m.build(&o); d.RequestCount > 0 {
			rows = append(rows, d)
		}
	}
	return rows
}
