// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"webshell/correlate"
)

// flood is one way to make the memory forget.
type flood struct {
	name, says string
	before     func(*feed) // instead of nothing, before the story
	after      func(*feed)
	isLost     bool // that attackers are lost must be said, not prevented
	clients    int  // of the shell, all in all, to be estimated
}

const (
	names   = 200_000
	sources = 16_000
)

var floods = []flood{
	{name: "A", says: "200 k made-up names from 16 k addresses", after: func(f *feed) { madeUp(f, names, "404") }},
	{name: "B", says: "the same three times", after: func(f *feed) { madeUp(f, 3*names, "404") }},
	{name: "C", says: "200 k clients on a live script", after: func(f *feed) { clients(f, "/app/area7/page7.aspx", 200_000, 1) }},
	{name: "D", says: "200 k clients on the shell", after: func(f *feed) { clients(f, shell, 200_000, 1) }, clients: 200_000 + len(attackers)},
	{
		name: "E", says: "60 k clients on the shell before and after, 3 and 20 requests each", isLost: true,
		before: func(f *feed) { clients(f, shell, 60_000, 3) }, after: func(f *feed) { again(f, shell, 60_000, 20) },
		clients: 120_000 + len(attackers),
	},
	{name: "F", says: "200 k path-info variants of the shell from 16 k addresses", after: pathInfo},
	{name: "G", says: "200 k random user agents, cookies and queries", after: randomValues},
	{name: "H", says: "100 k host names", after: hostNames},
	{name: "I", says: "catch-all sites: 200 k names answered with 200, from 16 k addresses", after: func(f *feed) { madeUp(f, names, "200") }},
}

func madeUp(f *feed, n int, status string) {
	for i := range n {
		f.send(floodStep, address(100, f.rnd.IntN(sources)), fmt.Sprintf("/%x/%x.php", f.rnd.Uint32(), i), status, nil)
	}
}

func clients(f *feed, stem string, n, each int) {
	for range each {
		for i := range n {
			f.send(floodStep, address(101, i), stem, "200", nil)
		}
	}
}

// again is clients with others than before.
func again(f *feed, stem string, n, each int) {
	for range each {
		for i := range n {
			f.send(floodStep, address(102, i), stem, "200", nil)
		}
	}
}

func pathInfo(f *feed) {
	for i := range 200_000 {
		f.send(floodStep, address(100, f.rnd.IntN(sources)), fmt.Sprintf("%s/%x/%x.aspx", shell, f.rnd.Uint32(), i), "404", nil)
	}
}

func randomValues(f *feed) {
	text := make([]byte, 1<<16)
	for i := range text {
		text[i] = 'a' + byte(f.rnd.IntN(26))
	}
	random := func(n int) []byte {
		at := f.rnd.IntN(len(text) - n)
		return text[at : at+n/2+f.rnd.IntN(n/2)]
	}
	for range 200_000 {
		page := f.rnd.IntN(pages)
		f.send(floodStep, address(100, f.rnd.IntN(sources)), fmt.Sprintf("/app/area%d/page%d.aspx", page%20, page), "200", func(r *correlate.Request) {
			r.UserAgent, r.Cookie, r.URIQuery = random(300), random(2000), random(1000)
		})
	}
}

func hostNames(f *feed) {
	for i := range 100_000 {
		f.send(floodStep, address(100, f.rnd.IntN(sources)), "/default.aspx", "200", func(r *correlate.Request) {
			r.HostName = fmt.Appendf(nil, "WEB%d.contoso.com", i)
		})
	}
}
