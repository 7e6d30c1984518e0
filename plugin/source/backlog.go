// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"

	"webshell/correlate"
	"webshell/plugin/chunk"
)

// backlog holds alert events that came faster than they can be read within a flush, in their order. A feed that
// sends a hundred thousand at once must not hold up Fluent Bit.
type backlog struct {
	events []lateAlert
	bytes  int
}

// lateAlert is a copy of an alert event.
type lateAlert struct {
	body []byte
	time correlate.Instant
}

const (
	// flushCost of alert events is read within one flush: some 150 rows of Sentinel's table or 250 short
	// alerts, about 15 ms. An event costs its bytes and alertCost, which is what the engine does for a short one.
	flushCost = 1 << 19
	alertCost = 2 << 10
	// stepCost is the share of a step between flushes, which wait for it: some 5 ms.
	stepCost = 1 << 17
	// backlogBytes bounds what waits; what comes beyond is counted as alert_backlog.
	backlogBytes = 32 << 20
	// lateOverhead is what an event costs beside its bytes.
	lateOverhead = 48
)

// takeAlert reads an alert event now, or keeps a copy for Step where this flush has read its share.
func (s *Set) takeAlert(ev *chunk.Event) {
	body, at := ev.Body.Value(), eventTime(ev, s.wall)
	if len(s.backlog.events) == 0 && s.alertCost < flushCost {
		s.alertCost += len(body.Raw) + alertCost
		s.addAlerts(body, at)
		return
	}
	if s.backlog.bytes+len(body.Raw) > backlogBytes {
		s.refuse("alert_backlog")
		return
	}
	s.backlog.events = append(s.backlog.events, lateAlert{bytes.Clone(body.Raw), at})
	s.backlog.bytes += len(body.Raw) + lateOverhead
}

// HasWork tells whether alerts wait for Step.
func (s *Set) HasWork() bool { return len(s.backlog.events) > 0 }

// Step reads some of the alerts that wait; more tells that others still do.
func (s *Set) Step(wall correlate.Instant) (more bool) {
	s.wall = wall
	for cost := 0; cost < stepCost && len(s.backlog.events) > 0; {
		ev := s.backlog.events[0]
		s.backlog.events[0] = lateAlert{}
		s.backlog.events = s.backlog.events[1:]
		s.backlog.bytes -= len(ev.body) + lateOverhead
		cost += len(ev.body) + alertCost
		s.addAlerts(chunk.Value{Kind: chunk.MapKind, Raw: ev.body}, ev.time)
	}
	if len(s.backlog.events) == 0 {
		s.backlog.events = nil
	}
	return len(s.backlog.events) > 0
}
