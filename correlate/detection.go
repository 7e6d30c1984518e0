// SPDX-License-Identifier: Apache-2.0

package correlate

// Detection is one revision of what is known of one client of an alerted script: the Sentinel rule's row and what
// an analyst asks next (SPEC section 5). Sets are distinct, as logged and sorted by bytes. It owns its memory.
type Detection struct {
	TimeGenerated Instant // wall clock when the revision was made, whole milliseconds
	StartTime     Instant // of the first request in the window
	EndTime       Instant // of the last

	AttackerIP    string // c-ip
	Computer      string // s-computername
	SiteName      string // s-sitename
	ShellLocation string // cs-uri-stem
	ProxyIP       string // the proxy that named AttackerIP, "" without one

	RequestUserAgents   []string
	RequestMethods      []string
	RequestStatusCodes  []string
	RequestCookies      []string
	RequestReferers     []string
	RequestQueryStrings []string
	RequestUserNames    []string
	RequestHosts        []string
	ServerIPs           []string
	ServerPorts         []string
	RequestCount        int64

	ID       string // DetectionId: 32 hex digits over Computer, SiteName, ShellLocation, AttackerIP
	Revision int64  // from 1
	First    bool   // no revision of this detection was made before

	AlertIDs            []string
	AlertTitles         []string
	AlertSeverities     []string
	AlertTimes          []Instant // sorted by time
	AlertProviders      []string
	AlertLinks          []string
	AlertStatus         AlertStatus
	VendorAlertIDs      []string
	ThreatNames         []string
	RemediationStatuses []string
	DeviceIDs           []string
	FileHashes          []string

	FileName      string
	FileDirectory string
	MatchedBy     []string // what a reading of the URL undid, in SPEC section 2's words
	PathMatch     string   // full, partial, none, unknown
	Confidence    string   // high, medium, low
	Coverage      string   // complete, partial, since
	CoverageSince Instant  // set only where Coverage is since

	StatusClasses        StatusClasses
	DistinctUserAgents   int64
	DistinctCookies      int64
	DistinctReferers     int64
	DistinctQueryStrings int64
	ClientsTotal         int64 // distinct clients of the script
	FirstSuccessTime     Instant
	FirstPostTime        Instant
	RequestsAfterAlert   int64
	BytesSent            int64
	BytesReceived        int64

	Requests     []RequestEvidence // by time
	OtherScripts []OtherScript     // by first use
	Truncated    []string          // names of the fields that were cut
}

// StatusClasses counts requests by the first digit of their status.
type StatusClasses struct{ C2xx, C3xx, C4xx, C5xx int64 }

// RequestEvidence is one request as logged.
type RequestEvidence struct {
	Time          Instant
	Method        string
	URIStem       string
	URIQuery      string
	Status        string
	SubStatus     string
	Win32Status   string
	Host          string
	Port          string
	UserName      string
	UserAgent     string
	Referer       string
	BytesSent     int64 // 0 when absent
	BytesReceived int64 // 0 when absent
	TimeTaken     int64 // milliseconds, 0 when absent
}

// OtherScript is what else the client called on the same host.
type OtherScript struct {
	ShellLocation string
	RequestCount  int64
	StartTime     Instant
	EndTime       Instant
	StatusClasses StatusClasses
}
