// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"time"
)

const (
	second = int64(time.Second)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour

	alertWindow = hour    // alertTimeWindow
	logWindow   = 7 * day // logTimeWindow
	futureSlack = 5 * minute
)

// The columns of a request, in the order of the table W3CIISLog.
const (
	colHost = iota
	colSite
	colIP
	colStem
	colSets // the six columns of which the rule makes sets, in the order of setValues
	columns = colSets + setCount
)

// request is a row of W3CIISLog; a nil value is absent.
type request struct {
	time   int64
	values [columns][]byte
}

// stepKind says what happens in a step.
type stepKind uint8

const (
	arriveRequest stepKind = iota
	arriveAlert
	tick     // Correlator.Tick
	lookBack // Correlator.Step
	look     // compare all rows
	drain    // Correlator.Drain, and compare the last revisions
)

// step is one thing that happens: a record that arrives, or something that the plugin does without one.
type step struct {
	kind    stepKind
	at      int64 // wall clock
	request request
	alert   alertRow
	now     int64 // look: the moment that is asked about, at least the engine's clock
}

func (s step) String() string {
	switch s.kind {
	case arriveRequest:
		return fmt.Sprintf("%s request %s %.100q", clock(s.at), clock(s.request.time), s.request.values)
	case arriveAlert:
		return fmt.Sprintf("%s alert   %s", clock(s.at), s.alert)
	case look:
		return fmt.Sprintf("%s look at %s", clock(s.at), clock(s.now))
	default:
		return fmt.Sprintf("%s %s", clock(s.at), [...]string{tick: "tick", lookBack: "step", drain: "drain"}[s.kind])
	}
}

func clock(t int64) string { return time.Unix(0, t).UTC().Format("2006-01-02T15:04:05.999999999Z") }
