// SPDX-License-Identifier: Apache-2.0

// Package sourcetest makes IIS log lines for tests and benchmarks: the same ones at every run.
package sourcetest

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// Fields names the columns of the lines that a Mix makes: all 22 of IIS, in its own order.
const Fields = "#Fields: date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username " +
	"c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken"

// Columns are the names that Fields has, in order.
var Columns = [...]string{
	"date", "time", "s-sitename", "s-computername", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username",
	"c-ip", "cs-version", "cs(User-Agent)", "cs(Cookie)", "cs(Referer)", "cs-host", "sc-status", "sc-substatus",
	"sc-win32-status", "sc-bytes", "cs-bytes", "time-taken",
}

// What a Mix is made of. Four requests in ten call a script. At any time some hundred sessions are under way, each of
// about forty requests; a session calls up to five scripts, popular ones more often than others, with one of a
// thousand queries or none.
const (
	scriptsInTen    = 4
	scripts         = 400
	sessionScripts  = 5
	assets          = 600
	agents          = 60
	openSessions    = 400
	sessionRequests = 40
	queryValues     = 1000
	secondRequests  = 50 // requests of one second
)

// Mix makes the ordinary requests of a busy server. The zero value is not ready: NewMix.
type Mix struct {
	dice     *rand.Rand
	at       time.Time
	left     int // requests of this second still to come
	scripts  [scripts]string
	assets   [assets]string
	agents   [agents]string
	sessions [openSessions]session
	stamp    []byte
}

// session is one visitor for a while.
type session struct {
	client, agent, cookie, referer string
	scripts                        [sessionScripts]string
	left                           int
}

// NewMix makes a Mix whose first request is at 2026-03-02T00:00:01Z.
func NewMix(seed uint64) *Mix {
	m := &Mix{dice: rand.New(rand.NewPCG(seed, 245)), at: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}
	areas := []string{"shop/catalogue", "shop/cart", "account", "support/tickets", "reports"}
	for i := range m.scripts {
		m.scripts[i] = "/" + areas[i%len(areas)] + "/page" + strconv.Itoa(i) + []string{".aspx", ".ashx", ".asmx", ".php"}[i%4]
	}
	for i := range m.assets {
		m.assets[i] = "/content/" + areas[i%len(areas)] + "/item" + strconv.Itoa(i) + []string{".png", ".css", ".woff2", ".jpg", ".html"}[i%5]
	}
	for i := range m.agents {
		m.agents[i] = "Mozilla/5.0+(Windows+NT+10.0)+Firefox/" + strconv.Itoa(90+i)
	}
	m.nextSecond()
	return m
}

func (m *Mix) nextSecond() {
	m.at = m.at.Add(time.Second)
	m.left = secondRequests
	m.stamp = m.at.AppendFormat(m.stamp[:0], "2006-01-02 15:04:05")
}

// AppendLine appends the next request as a line of IIS's log, without a line end: 245 bytes on average.
func (m *Mix) AppendLine(b []byte) []byte {
	for i, v := range m.values() {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, v...)
	}
	return b
}

// Values gives the next request's values, one for each of Columns.
func (m *Mix) Values() []string {
	v := m.values()
	return v[:]
}

func (m *Mix) values() [len(Columns)]string {
	if m.left--; m.left < 0 {
		m.nextSecond()
		m.left--
	}
	s := &m.sessions[m.dice.IntN(openSessions)]
	if s.left--; s.left < 0 {
		*s = m.newSession()
	}
	stem, query, method := m.assets[m.dice.IntN(assets)], "-", "GET"
	if m.dice.IntN(10) < scriptsInTen {
		stem = s.scripts[m.dice.IntN(sessionScripts)]
		switch m.dice.IntN(4) {
		case 0:
			method = "POST"
		case 1, 2:
			query = "id=" + strconv.Itoa(m.dice.IntN(queryValues)) + "&view=full"
		}
	}
	return [...]string{
		string(m.stamp[:10]), string(m.stamp[11:]), "W3SVC1", "WEB01", "10.0.0.5", method, stem, query, "443", "-",
		s.client, "HTTP/2.0", s.agent, s.cookie, s.referer, "www.contoso.com", m.status(), "0", "0",
		m.number(400, 90000), m.number(300, 1200), m.number(0, 600),
	}
}

func (m *Mix) status() string {
	return []string{"200", "200", "200", "200", "200", "200", "304", "302", "404", "500"}[m.dice.IntN(10)]
}

func (m *Mix) number(low, high int) string { return strconv.Itoa(low + m.dice.IntN(high-low)) }

func (m *Mix) newSession() session {
	r := m.dice
	s := session{
		client: "198.51." + strconv.Itoa(r.IntN(256)) + "." + strconv.Itoa(1+r.IntN(254)),
		agent:  m.agents[r.IntN(agents)],
		cookie: "SID=" + strconv.FormatUint(r.Uint64(), 36),
		left:   1 + r.IntN(2*sessionRequests),
	}
	for i := range s.scripts {
		s.scripts[i] = m.scripts[m.popular()]
	}
	s.referer = "https://www.contoso.com" + s.scripts[0]
	return s
}

// popular is the number of a script: a half of the calls go to about an eighth of the scripts.
func (m *Mix) popular() int {
	p := m.dice.Float64()
	return int(p * p * p * scripts)
}
