// SPDX-License-Identifier: Apache-2.0

package format

import (
	"time"

	"webshell/correlate"
)

// at reads an RFC 3339 time.
func at(s string) correlate.Instant {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return correlate.At(t)
}

// sample is the detection of the documentation, with every field set that can be.
func sample() *correlate.Detection {
	d := &correlate.Detection{
		TimeGenerated: at("2026-03-02T10:20:00.120Z"),
		StartTime:     at("2026-03-02T10:00:07Z"), EndTime: at("2026-03-02T10:19:55Z"),
		AttackerIP: "203.0.113.7", Computer: "WEB01.contoso.com", SiteName: "W3SVC1", ShellLocation: "/up/Shell.aspx/x",
		RequestUserAgents: []string{"curl/8.4.0"}, RequestMethods: []string{"GET", "POST"},
		RequestStatusCodes: []string{"200", "500"}, RequestQueryStrings: []string{"cmd=whoami"}, RequestCount: 12,
		ID: "6f0c5a3e9b1d4c7f8a2b6d0e1f3c5a7b", Revision: 3,
		FileName: "shell.aspx", FileDirectory: `C:\inetpub\wwwroot\up`, MatchedBy: []string{"case", "path_info"},
		PathMatch: "full", Confidence: "high", Coverage: "since", CoverageSince: at("2026-02-27T00:00:00Z"),
		StatusClasses:      correlate.StatusClasses{C2xx: 11, C5xx: 1},
		DistinctUserAgents: 1, DistinctQueryStrings: 1, ClientsTotal: 4,
		FirstSuccessTime: at("2026-03-02T10:00:07Z"), FirstPostTime: at("2026-03-02T10:01:00Z"),
		RequestsAfterAlert: 2, BytesSent: 6144, BytesReceived: 3600,
		RequestHosts: []string{"www.contoso.com"}, ServerIPs: []string{"10.0.0.5"}, ServerPorts: []string{"443"},
	}
	sampleAlert(d)
	sampleRequests(d)
	return d
}

// sampleAlert sets what an alert gives.
func sampleAlert(d *correlate.Detection) {
	d.AlertIDs = []string{"2517a3e5-0d6c-4d7f-9d0b-5c1e2f3a4b5c"}
	d.AlertTitles = []string{"Possible web shell installation"}
	d.AlertSeverities = []string{"High"}
	d.AlertTimes = []correlate.Instant{at("2026-03-02T10:05:00Z"), at("2026-03-02T10:06:00.5Z")}
	d.AlertProviders = []string{"MDATP"}
	d.AlertLinks = []string{"https://security.microsoft.com/alerts/da1"}
	d.VendorAlertIDs = []string{"da1"}
	d.ThreatNames = []string{"Backdoor:ASP/Webshell"}
	d.RemediationStatuses = []string{"active"}
	d.DeviceIDs = []string{"0123456789abcdef0123456789abcdef01234567"}
	d.FileHashes = []string{"SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
}

// sampleRequests sets the evidence.
func sampleRequests(d *correlate.Detection) {
	d.Requests = []correlate.RequestEvidence{{
		Time: at("2026-03-02T10:01:00Z"), Method: "POST", URIStem: "/up/Shell.aspx/x", URIQuery: "cmd=whoami",
		Status: "200", SubStatus: "0", Win32Status: "0", Host: "www.contoso.com", Port: "443", UserAgent: "curl/8.4.0",
		BytesSent: 512, BytesReceived: 300, TimeTaken: 12,
	}}
	d.OtherScripts = []correlate.OtherScript{{
		ShellLocation: "/ecp/y.js", RequestCount: 3, StartTime: at("2026-03-02T09:00:00Z"), EndTime: at("2026-03-02T09:01:00Z"),
		StatusClasses: correlate.StatusClasses{C2xx: 3},
	}}
}
