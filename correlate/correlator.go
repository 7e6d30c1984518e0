// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"hash/maphash"
	"math"

	"webshell/correlate/script"
)

// Correlator remembers requests to web scripts, takes alerts and makes detections. It is one goroutine's at a time,
// reads no clock and does no I/O: time comes with the records and as the wall argument. Detections wait until Take.
type Correlator struct {
	opt  Options
	ext  *script.Extensions
	seed maphash.Seed

	clock Instant // greatest event time of any record
	since Instant // least time of any request that was seen

	texts      texts
	recent     [columnCount]recentText // each column's latest value
	hosts      map[string]*hostHistory
	shortNames map[string][]*hostHistory // hosts by folded first label, for alerts
	lastHost   *hostHistory
	index      clientIndex
	lastSite   textID // holds one user of its text

	used                                 int64 // bytes of the tree, without texts
	slack                                int64 // bytes that maps keep of their peak
	scripts                              int
	clients                              int
	clientPeak                           mapPeak // of clients, which leave holes in the heap when they go
	fatHosts                             ranking[*hostHistory]
	newHosts                             hostLine
	heavy                                ranking[*scriptHistory] // by weight
	probation, surplus, minted, ordinary line
	creators                             map[uint64]int32 // names that each source address alone uses
	creatorsPeak                         mapPeak
	hostPeak                             mapPeak              // of hosts
	hostsLost                            Instant              // clock when a host was last dropped
	all                                  list[*scriptHistory] // in no order, for the sweep
	sweep                                sweeper

	alerts      map[string]*alertState
	here, aside *rankNode[*alertState] // lines of alerts, the newest first: those that watch something here, and others
	awaited     map[string]*awaiting   // hosts that were not seen yet, by what their names have in common
	awaitedPeak mapPeak
	unanswered  []question // report_unmatched, the oldest first
	ends        moments[over]
	epoch       uint64 // changes with the watches
	sitesEpoch  uint64 // epoch when the map of the sites last changed
	pinned      int64  // weight of clients that were reported and stay
	spent       int    // detections of the current step
	watches     map[watchKey][]*target
	watchPeak   mapPeak
	names       map[string]int // unlisted names that files of alerts can have, with how many there are
	namePeak    mapPeak
	watchFilter nameFilter
	alertBytes  int64  // of used, what alerts take
	lookBacks   uint32 // how many were begun
	unlisted    int
	targets     int

	jobs []job
	due  moments[*clientHistory]
	out  []*Detection

	stats     Stats
	evicted   [evictReasons]int64
	documents []script.Reading
	computer  hostName // ComputerName, taken apart
	readings  []script.Reading
	folded    []byte
	scratch   scratch
}

// recentText is the latest value of a column: most lines repeat it, and need no look-up then.
type recentText struct {
	s  string
	id textID
}

// New makes a Correlator, or names every option that is out of range.
func New(o Options) (*Correlator, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	ext, err := script.NewExtensions(o.Extensions)
	if err != nil {
		return nil, fmt.Errorf("script extensions: %w", err)
	}
	c := &Correlator{
		opt: o, ext: ext, seed: maphash.MakeSeed(),
		hosts:      map[string]*hostHistory{},
		shortNames: map[string][]*hostHistory{},
		creators:   map[uint64]int32{},
		alerts:     map[string]*alertState{},
		computer:   parseHost(o.ComputerName, ""),
		awaited:    map[string]*awaiting{},
		watches:    map[watchKey][]*target{},
		names:      map[string]int{},
	}
	c.texts, c.index = newTexts(c.seed), newClientIndex(c.seed)
	c.minted.newestFirst = true
	return c, nil
}

// Clock is the greatest event time of any record so far, 0 before the first.
func (c *Correlator) Clock() Instant { return c.clock }

// Take gives the detections made since the last call. The caller owns them.
func (c *Correlator) Take() []*Detection {
	out := c.out
	c.out = nil
	return out
}

// Wants tells whether a request for the URL would be remembered, at the cost of a look at the URL.
func (c *Correlator) Wants(stem []byte) bool {
	if c.opt.Matching == KQL {
		return c.ext.Match(stem)
	}
	return script.Rememberable(stem, c.ext) || c.watchFilter.mayName(stem) && c.namesWatched(stem) ||
		c.opt.Sites != nil && isDirectory(stem)
}

// Observe takes note of a request that is not remembered: it moves the clock like any other.
func (c *Correlator) Observe(t, wall Instant) Outcome {
	o := c.moveClock(t, wall)
	if o == Accepted {
		o = NotScript
	}
	c.stats.Requests[o]++
	return o
}

// MoveClock takes note of the time of a record that is not used at all.
func (c *Correlator) MoveClock(t, wall Instant) Outcome { return c.moveClock(t, wall) }

// AddRequest remembers r, and reports it where an active alert names its script.
func (c *Correlator) AddRequest(r *Request, wall Instant) Outcome {
	o := c.addRequest(r, wall)
	c.stats.Requests[o]++
	return o
}

func (c *Correlator) addRequest(r *Request, wall Instant) Outcome {
	if len(r.HostName) > maxKeyBytes || len(r.SiteName) > maxKeyBytes || len(r.ClientIP) > maxKeyBytes {
		return KeyTooLong
	}
	if len(r.URIStem) > maxStemBytes {
		return StemTooLong
	}
	if o := c.moveClock(r.Time, wall); o != Accepted {
		return o
	}
	h := c.host(r, wall)
	cl, o := c.client(h, r)
	if o != Accepted {
		c.makeRoom() // the host may be a new one
		return o
	}
	c.addVisit(cl, r)
	if c.isWatched(cl.stem) {
		c.reportLive(cl, wall)
	}
	c.makeRoom()
	return Accepted
}

// moveClock takes t as the time of a record. Order of arrival is not order of time.
func (c *Correlator) moveClock(t, wall Instant) Outcome {
	switch {
	case t > wall.Add(futureSlack):
		return Future
	case !c.inWindow(t):
		return Late
	}
	if t > c.clock {
		c.advance(t, wall)
	}
	if t < c.since || c.since == 0 {
		c.since = t
	}
	return Accepted
}

// inWindow is the rule's TimeGenerated > ago(logTimeWindow).
func (c *Correlator) inWindow(t Instant) bool {
	return c.clock == 0 || t > c.windowStart()
}

// windowStart is the last instant that is outside the log window.
func (c *Correlator) windowStart() Instant { return c.clock.Add(-c.opt.LogWindow) }

// advance moves the clock to t, ending the alerts that are over by then.
func (c *Correlator) advance(t, wall Instant) {
	c.endAlerts(t, wall)
	c.clock = t
}

// Tick does what is due when no traffic comes: revisions, steps of long look-backs, expiry. Call it about once a
// second; more tells that there is work left for another call at once.
func (c *Correlator) Tick(wall Instant) (more bool) {
	c.ask(wall)
	more = c.Step(wall)
	c.expireSome()
	c.compact()
	return more
}

// Drain sends everything that waits, for the end.
func (c *Correlator) Drain(wall Instant) {
	c.ask(math.MaxInt64)
	for c.Step(wall) {
	}
	c.sendAll(wall)
}
