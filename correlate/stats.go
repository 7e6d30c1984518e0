// SPDX-License-Identifier: Apache-2.0

package correlate

// Outcome says what became of a record.
type Outcome uint8

// The outcomes. Everything from Late on is a record that was not used, with its reason.
const (
	Accepted         Outcome = iota
	NotScript                // no reading of the URL is a web script: only the clock took note
	Late                     // older than the clock less the log window
	Future                   // more than five minutes ahead of the wall clock
	KeyTooLong               // a host, site or client name longer than any can be
	StemTooLong              // a URL longer than HTTP.sys takes
	NoFile                   // an alert whose files are none that the rule looks at
	OtherHost                // an alert for hosts not seen here; kept until it ends
	Dismissed                // an alert that was classified a false positive
	TooManyAlerts            // an alert beyond what is kept; the oldest went of those that watch something here
	TooManyElsewhere         // the same; the oldest went of those that are about other hosts or none
	outcomeCount
)

var outcomeNames = [outcomeCount]string{"accepted", "not_script", "late", "future", "key_too_long", "stem_too_long",
	"no_file", "other_host", "dismissed", "too_many_alerts", "too_many_elsewhere"}

// String is the outcome's word in counters and logs.
func (o Outcome) String() string { return outcomeNames[o] }

// Stats counts what a Correlator did since it was made; gauges are of the moment.
type Stats struct {
	Clock      Instant
	Requests   [outcomeCount]int64 // by outcome
	Alerts     [outcomeCount]int64
	Detections int64 // first revisions
	Unmatched  int64 // records for alerts whose file nobody was seen to request
	Revisions  int64 // all

	Expired   int64            // requests that left the log window
	Evicted   map[string]int64 // requests that made room, by why
	Capped    int64            // clients beyond alert_detections
	NoHost    int64            // alerts that ended without a host
	Truncated int64            // entities of alerts beyond what is read or kept
	Unlisted  int64            // alerts for files that script_extensions does not cover

	Hosts, Scripts, Clients, ActiveAlerts, Pending int
	Bytes                                          int64 // accounted for, at most the memory limit and a few per cent
}

// evictReason says why a request had to go.
type evictReason uint8

const (
	evictProbation evictReason = iota // names that only ever answered 400 or 404
	evictSurplus                      // names beyond what one source address may create
	evictClient                       // least recent client of the fattest script
	evictMinted                       // one-client names of a site that makes up names
	evictScript                       // least recent script, nothing else being left
	evictHost                         // hosts without history, beyond their share
	evictReasons
)

var evictNames = [evictReasons]string{"probation", "surplus_names", "fattest_script", "minted_names", "least_recent_script", "new_hosts"}

// Stats gives the counters of the moment.
func (c *Correlator) Stats() Stats {
	s := c.stats
	s.Clock = c.clock
	s.Evicted = make(map[string]int64, evictReasons)
	for why, n := range c.evicted {
		s.Evicted[evictNames[why]] = n
	}
	s.Hosts, s.Scripts, s.Clients = len(c.hosts), c.scripts, c.clients
	s.ActiveAlerts, s.Pending = len(c.alerts), len(c.due)+len(c.jobs)
	s.Bytes = c.bytes()
	return s
}
