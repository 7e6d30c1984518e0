// SPDX-License-Identifier: Apache-2.0

package source

import (
	"webshell/correlate"
	"webshell/correlate/alert"
	"webshell/plugin/chunk"
)

// addAlerts reads an event's body as alerts; at is the event's time.
func (s *Set) addAlerts(body chunk.Value, at correlate.Instant) {
	if m, _ := body.Map(); s.isOwnAlert(m) {
		s.counters.Own++
		return
	}
	record, err := chunk.Decode(body, chunk.DecodeLimits{})
	if err != nil {
		s.refuse("alert_too_large")
		return
	}
	out := s.alerts.Read(record, at, func(a *correlate.Alert) {
		s.counters.Alerts++
		s.addPages(a)
		if o := s.engine.AddAlert(a, s.wall); o == correlate.Future || o == correlate.NoFile {
			s.refuse("alert_" + o.String())
		}
	})
	if out.Latest != 0 {
		s.engine.MoveClock(out.Latest, s.wall)
	}
	s.counters.Own += int64(out.Detections)
	for r, n := range out.Refused {
		if n > 0 {
			s.counters.Refused["alert_"+alert.Reason(r).String()] += int64(n)
		}
	}
	if len(out.Keys) > 0 {
		s.unknownKeys = out.Keys
	}
}

// isOwnAlert reports whether what came under an alert's tag is a detection of this product that came back.
func (s *Set) isOwnAlert(body chunk.Map) bool {
	if isOurs(body) {
		return true
	}
	val, _ := body.Get(s.opt.LogKey)
	line, structure := logged(val)
	return isOurs(structure) || isJSON(line) && len(line) <= maxEventText && isOurText(line)
}

// addPages adds the pages that compiled files on this server were made from.
func (s *Set) addPages(a *correlate.Alert) {
	if s.opt.PagesOf == nil || s.opt.Alerts.KQL || !a.IsFor(s.opt.ComputerName) {
		return
	}
	for _, f := range a.Files {
		a.Files = append(a.Files, s.opt.PagesOf(f)...)
	}
}
