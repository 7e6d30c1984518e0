// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"slices"
	"testing"

	"webshell/correlate"
	"webshell/correlate/alert"
)

// engine is a Correlator with the reader of its alerts.
type engine struct {
	*correlate.Correlator
	reader *alert.Reader
	view   []byte // what the values of a request point into
}

func newEngine(t testing.TB, m correlate.Matching) *engine {
	t.Helper()
	c, err := correlate.New(correlate.DefaultOptions(m))
	if err != nil {
		t.Fatal(err)
	}
	return &engine{Correlator: c, reader: alert.NewReader(alert.Options{KQL: m == correlate.KQL})}
}

// request hands r to the engine, in memory that is overwritten afterwards as a chunk's is.
func (e *engine) request(r *request, wall int64) correlate.Outcome {
	e.view = e.view[:0]
	for _, v := range r.values {
		e.view = append(e.view, v...)
	}
	rest := e.view
	next := func(col int) []byte {
		n := len(r.values[col])
		v := rest[:n:n]
		rest = rest[n:]
		if r.values[col] == nil {
			return nil
		}
		return v
	}
	in := correlate.Request{Time: correlate.Instant(r.time), BytesSent: -1, BytesReceived: -1, TimeTaken: -1}
	for col, to := range [columns]*[]byte{&in.HostName, &in.SiteName, &in.ClientIP, &in.URIStem,
		&in.UserAgent, &in.Method, &in.Status, &in.Cookie, &in.Referer, &in.URIQuery} {
		*to = next(col)
	}
	o := e.AddRequest(&in, correlate.Instant(wall))
	for i := range e.view {
		e.view[i] = 'X'
	}
	return o
}

// alert hands a to the engine, by way of its reader.
func (e *engine) alert(a *alertRow, wall int64) (outcomes []correlate.Outcome) {
	e.reader.Read(a.record(), correlate.Instant(a.time), func(in *correlate.Alert) {
		outcomes = append(outcomes, e.AddAlert(in, correlate.Instant(wall)))
	})
	return outcomes
}

// rowOf gives the rule's columns of a detection.
func rowOf(d *correlate.Detection) row {
	r := row{
		key:   key{d.Computer, d.SiteName, d.ShellLocation, d.AttackerIP},
		count: d.RequestCount, start: int64(d.StartTime), end: int64(d.EndTime),
	}
	r.sets = [setCount][]string{
		userAgents: d.RequestUserAgents, methods: d.RequestMethods, statusCodes: d.RequestStatusCodes,
		cookies: d.RequestCookies, referers: d.RequestReferers, queryStrings: d.RequestQueryStrings,
	}
	return r
}

// covers tells whether r says all that o does: what has left the log window since may be in r beside it.
func (r row) covers(o row) bool {
	for i := range r.sets {
		for _, v := range o.sets[i] {
			if !slices.Contains(r.sets[i], v) {
				return false
			}
		}
	}
	return r.end == o.end && r.start <= o.start && r.count >= o.count
}
