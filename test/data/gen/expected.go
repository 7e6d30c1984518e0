// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strconv"
	"time"
)

// expected is what the final revision of a detection must say, told from the story itself and not by the engine:
// keys are those of the sentinel format.
type expected struct {
	AttackerIP         string
	Computer           string
	SiteName           string
	ShellLocation      string
	FileName           string
	FileDirectory      string
	MatchedBy          []string
	AlertIDs           []string `json:"AlertIds"`
	StartTime          string
	EndTime            string
	RequestCount       int
	RequestsAfterAlert int
	RequestMethods     []string `json:"ReqestMethods"`
	RequestStatusCodes []string
	RequestUserAgents  []string
}

// named is a script that an alert names, and the spellings under which the story's clients call it.
type named struct {
	file, directory, alertID, alerted string
	spellings                         map[string][]string // cs-uri-stem to MatchedBy
}

var alerted = []named{
	{
		"thumb.aspx", `C:\inetpub\wwwroot\shop\uploads\2026`, "5c1f7f5e-3f0a-4b77-9d52-0a4c3f6a2b18", "2026-03-02T10:05:12Z",
		map[string][]string{shellStem: {"exact"}, lateStem: {"case", "path_info"}},
	},
	{
		"errors.aspx", `C:\inetpub\wwwroot\shop\aspnet_client\system_web`, "yara-20260302-0007", "2026-03-02T15:00:21Z",
		map[string][]string{secondStem: {"exact"}},
	},
}

// expectedLines is expected.json: one detection a line, by the time of its first request.
func expectedLines(all []request) []byte {
	var values []any
	index := map[string]*expected{}
	for _, r := range all {
		for _, n := range alerted {
			matchedBy, ok := n.spellings[r.stem]
			if !ok {
				continue
			}
			key := r.client + " " + r.stem
			if index[key] == nil {
				index[key] = &expected{
					AttackerIP: r.client, Computer: computer, SiteName: siteName(r.site), ShellLocation: r.stem, FileName: n.file,
					FileDirectory: n.directory, MatchedBy: matchedBy, AlertIDs: []string{n.alertID}, StartTime: r.at.Format(time.RFC3339),
				}
				values = append(values, index[key])
			}
			index[key].add(r, n.alerted)
		}
	}
	return lines(values...)
}

func (e *expected) add(r request, alerted string) {
	e.EndTime = r.at.Format(time.RFC3339)
	e.RequestCount++
	if e.EndTime > alerted {
		e.RequestsAfterAlert++
	}
	e.RequestMethods = insert(e.RequestMethods, r.method)
	e.RequestStatusCodes = insert(e.RequestStatusCodes, strconv.Itoa(r.status))
	e.RequestUserAgents = insert(e.RequestUserAgents, r.value("cs(User-Agent)"))
}

// insert puts value into a sorted set.
func insert(set []string, value string) []string {
	at, found := slices.BinarySearch(set, value)
	if found {
		return set
	}
	return slices.Insert(set, at, value)
}
