// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"webshell/correlate"
)

// The story: 300 000 ordinary requests to 400 scripts from 30 000 clients, over three days; among them four attackers
// who find and use a shell. Then comes a flood.
const (
	host        = "WEB01.contoso.com"
	shell       = "/uploads/shell.aspx"
	storyLength = 300_000
	pages       = 400
	visitors    = 30_000
	storyStep   = 800 * time.Millisecond // 300 000 of them are three days
	floodStep   = 50 * time.Millisecond
)

var began = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// attackers by how many requests each sends to the shell.
var attackers = map[string]int64{"203.0.113.1": 1, "203.0.113.2": 2, "203.0.113.3": 5, "203.0.113.4": 12}

// feed hands out requests; what they hold is good until the next one.
type feed struct {
	rnd    *rand.Rand
	now    time.Time
	r      correlate.Request
	take   func(*correlate.Request)
	agents [][]byte
}

func newFeed(take func(*correlate.Request)) *feed {
	f := &feed{rnd: rand.New(rand.NewPCG(7, 11)), now: began, take: take}
	for i := range 200 {
		f.agents = append(f.agents, fmt.Appendf(nil, "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/%d.0.0.0+Safari/537.36", i))
	}
	return f
}

// send hands out one request with IIS's default columns.
func (f *feed) send(step time.Duration, ip, stem, status string, change func(*correlate.Request)) {
	f.now = f.now.Add(step)
	f.r = correlate.Request{
		Time: correlate.At(f.now.Truncate(time.Second)), HostName: []byte(host), SiteName: []byte("W3SVC1"), ClientIP: []byte(ip),
		Method: []byte("GET"), URIStem: []byte(stem), Status: []byte(status), SubStatus: []byte("0"), Win32: []byte("0"),
		UserAgent: f.agents[len(ip)*7%len(f.agents)], ServerIP: []byte("10.0.0.5"), Port: []byte("443"),
		BytesSent: -1, BytesReceived: -1, TimeTaken: f.rnd.Int64N(300),
	}
	if change != nil {
		change(&f.r)
	}
	f.take(&f.r)
}

// ordinary sends n ordinary requests: 1 to 3 of a visitor to a page at a time.
func (f *feed) ordinary(n int) {
	for n > 0 {
		ip := address(10, f.rnd.IntN(visitors))
		page := f.rnd.IntN(pages)
		stem := fmt.Sprintf("/app/area%d/page%d.aspx", page%20, page)
		agent := f.agents[f.rnd.IntN(len(f.agents))]
		for range min(1+f.rnd.IntN(3), n) {
			f.send(storyStep, ip, stem, "200", func(r *correlate.Request) {
				r.UserAgent = agent
				if f.rnd.IntN(10) < 3 {
					r.URIQuery = fmt.Appendf(nil, "id=%017d", f.rnd.Int64N(1e17))
				}
			})
			n--
		}
	}
}

// story has the attackers' requests spread over it.
func (f *feed) story() {
	var shots []string
	for ip, n := range attackers {
		for range n {
			shots = append(shots, ip)
		}
	}
	slices.Sort(shots)
	f.rnd.Shuffle(len(shots), func(i, j int) { shots[i], shots[j] = shots[j], shots[i] })
	for i, ip := range shots {
		f.ordinary(storyLength*(i+1)/(len(shots)+1) - storyLength*i/(len(shots)+1))
		f.attack(ip)
	}
	f.ordinary(storyLength / (len(shots) + 1))
}

func (f *feed) attack(ip string) {
	f.send(storyStep, ip, shell, "200", func(r *correlate.Request) {
		r.Method = []byte("POST")
		r.URIQuery = []byte("cmd=whoami")
		r.UserAgent = []byte("curl/8.4.0")
	})
}

// address is the n-th of a network of 16 million.
func address(network, n int) string {
	return fmt.Sprintf("%d.%d.%d.%d", network, n>>16&255, n>>8&255, n&255)
}
