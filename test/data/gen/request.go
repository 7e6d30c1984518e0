// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"time"
)

const (
	computer = "WEB01.contoso.com" // s-computername
	server   = "10.1.0.11"         // s-ip
	absent   = "-"                 // what IIS writes for an empty value
)

// request is one line of a log. An empty value is logged as "-".
type request struct {
	at                      time.Time
	site                    int // W3SVC<site>
	client                  string
	method, stem, query     string
	port                    string
	user, agent, cookie     string
	referer, host           string
	status, sub, win32      int
	sent, received, takenMS int
}

// siteName returns what s-sitename says.
func siteName(id int) string { return fmt.Sprintf("W3SVC%d", id) }

// requests returns the whole story in the order of time.
func requests() []request {
	var all []request
	all = append(all, shopTraffic()...)
	all = append(all, intranetTraffic()...)
	all = append(all, probes()...)
	all = append(all, scan()...)
	all = append(all, breakIn()...)
	all = append(all, returnVisit()...)
	slices.SortStableFunc(all, func(a, b request) int { return a.at.Compare(b.at) })
	return all
}

// on returns a moment of March 2026.
func on(day int, clock string) time.Time {
	t, err := time.Parse("15:04:05", clock)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return time.Date(2026, time.March, day, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
