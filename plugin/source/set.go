// SPDX-License-Identifier: Apache-2.0

package source

import (
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"webshell/correlate"
	"webshell/correlate/alert"
	"webshell/correlate/w3c"
	"webshell/plugin/chunk"
)

// Options says how events are read. Keys are property values of the same names.
type Options struct {
	AlertTag     string // tags of alerts, with * for any text
	LogKey       string
	PathKey      string
	OffsetKey    string // "" where lines carry no offset
	HostKey      string
	ComputerName string       // host of records that name none; never empty
	Fields       *w3c.Columns // columns of lines that no #Fields: speaks for; nil for IIS's own choice
	W3C          w3c.Options
	Alerts       alert.Options

	// SeenLines is how many lines of scripts are known at a time, so that each counts once; 0 is a million.
	SeenLines int

	// PagesOf gives, for a file on this server, the files that tell which page it was compiled from; nil for none.
	PagesOf func(correlate.FileEntity) []correlate.FileEntity
}

// Set holds all sources of one instance. It is used under the instance's lock.
type Set struct {
	opt      Options
	engine   *correlate.Correlator
	alerts   *alert.Reader
	defaults *w3c.Columns
	computer []byte // Options.ComputerName

	origins     *simplelru.LRU[string, *origin] // by tag and path
	originBytes int                             // charged for them
	last        *origin
	lastTag     string
	lookUp      []byte // key of origins, being put together
	nextID      uint64
	columns     *w3c.Columns // the latest that any source had
	seen        seen

	due          []*origin // some of their waiting lines may be used
	waitingBytes int
	lookLeft     int64 // bytes of files that may still be searched for this chunk
	counters     Counters
	unknownKeys  []string // of the last record of an unknown shape

	backlog   backlog
	alertCost int // of alert events that this flush has read

	flush                                          uint64 // counts chunks
	reader                                         chunk.Reader
	bodyKeys, structureKeys, entryKeys, columnKeys keyCache

	before alike
	line   w3c.Line
	record w3c.Record
	event  eventFields
	req    correlate.Request
	wall   correlate.Instant
}

// NewSet makes a Set that feeds engine.
func NewSet(o Options, engine *correlate.Correlator) *Set {
	s := &Set{opt: o, engine: engine, alerts: alert.NewReader(o.Alerts), defaults: w3c.DefaultColumns(&o.W3C), computer: []byte(o.ComputerName)}
	s.counters.Skipped, s.counters.Refused = map[string]int64{}, map[string]int64{}
	s.origins, _ = simplelru.NewLRU(maxOrigins, s.forget) // only a size below 1 is an error
	s.seen.init(o.SeenLines)
	return s
}

// Flush reads a chunk. It returns an error when the chunk's framing breaks; what stands before that was used.
func (s *Set) Flush(data []byte, tag string, wall correlate.Instant) error {
	s.wall = wall
	s.last, s.lastTag = nil, tag
	s.flush, s.lookLeft, s.alertCost = s.flush+1, flushBytes, 0
	isAlert := MatchTag(s.opt.AlertTag, tag)
	s.reader.Reset(data, chunk.Limits{})
	s.reader.Expect(&s.before.stencil)
	for {
		ev, ok := s.reader.Next()
		if !ok {
			break
		}
		s.counters.Events++
		if isAlert {
			s.takeAlert(ev)
		} else {
			s.addRequest(ev)
		}
	}
	s.countSkipped()
	s.releaseDue()
	s.letGo()
	return s.reader.Err()
}

// letGo drops all views of the chunk, which dies with the flush.
func (s *Set) letGo() {
	s.before.forget()
	s.line.Release()
	s.record.Reset()
	s.event.reset()
	s.req = correlate.Request{}
}

func (s *Set) countSkipped() {
	sk := s.reader.Skipped()
	s.skip("group_start", sk.GroupStart)
	s.skip("group_end", sk.GroupEnd)
	s.skip("not_an_event", sk.NotAnEvent)
	for _, bad := range []struct {
		reason string
		n      int
	}{{"event_time", sk.BadEvent.Time}, {"event_header", sk.BadEvent.Header}, {"event_body", sk.BadEvent.Body},
		{"event_too_deep", sk.BadEvent.TooDeep}, {"event_too_large", sk.BadEvent.TooLarge}} {
		if bad.n > 0 {
			s.counters.Refused[bad.reason] += int64(bad.n)
		}
	}
}

// Tick releases lines that have waited long enough for a #Fields:.
func (s *Set) Tick(wall correlate.Instant) {
	s.wall = wall
	if s.waitingBytes == 0 {
		return
	}
	for _, o := range s.origins.Values() {
		if len(o.waiting) > 0 && wall >= o.waitingSince.Add(waitTime) {
			s.settle(o)
		}
	}
}

// Drain uses all lines that still wait, for the end.
func (s *Set) Drain(wall correlate.Instant) {
	for s.Step(wall) {
	}
	s.wall = wall
	for _, o := range s.origins.Values() {
		s.settle(o)
	}
}

// UnknownKeys gives the keys of the latest alert record whose shape is not known, for the log.
func (s *Set) UnknownKeys() []string { return s.unknownKeys }

// eventTime is the event's timestamp, else the wall clock.
func eventTime(ev *chunk.Event, wall correlate.Instant) correlate.Instant {
	if ev.HasTime {
		return correlate.Instant(ev.Time)
	}
	return wall
}
