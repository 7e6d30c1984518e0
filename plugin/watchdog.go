// SPDX-License-Identifier: Apache-2.0

package main

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"webshell/correlate"
	"webshell/plugin/deliver"
	"webshell/plugin/report"
	"webshell/plugin/source"
)

// watchdog turns counters that grow into log lines, each reason by itself and seldom. It is used under the
// instance's lock.
type watchdog struct {
	throttle report.Throttle
	last     map[string]int64 // reasons as they stood at the last look
	lookedAt time.Time
}

// lookInterval keeps a busy instance from looking at its counters at every chunk; a reason's first line is late by
// that much at most.
const lookInterval = time.Second

// look logs what was refused or lost since the last look, and a chunk that broke at once.
func (w *watchdog) look(in *instance, now time.Time, chunkErr error, tag string) {
	if chunkErr != nil {
		w.warn(in.log, "chunk", now, "chunk broken, the events before that were used", "err", chunkErr, "tag", tag)
	}
	if now.Sub(w.lookedAt) < lookInterval {
		return
	}
	w.lookedAt = now
	reasons := lostReasons(in.input.Counters(), in.engine.Stats())
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		grown := reasons[reason] - w.last[reason]
		if grown <= 0 {
			continue
		}
		if s, due := w.throttle.Add(reason, grown, now); due {
			in.log.Warn("not used", append(s.Attrs(), w.details(in, reason)...)...)
		}
	}
	w.last = reasons
	for _, s := range w.throttle.Due(now) {
		in.log.Warn("not used", s.Attrs()...)
	}
}

// warn logs what has a reason of its own, seldom.
func (w *watchdog) warn(log *slog.Logger, reason string, now time.Time, msg string, attrs ...any) {
	if s, due := w.throttle.Add(reason, 1, now); due {
		log.Warn(msg, append(s.Attrs(), attrs...)...)
	}
}

// details adds what helps with a reason.
func (w *watchdog) details(in *instance, reason string) []any {
	switch reason {
	case "alert_unknown_shape":
		return []any{"keys", strings.Join(in.input.UnknownKeys(), ",")}
	case "alert_" + correlate.TooManyElsewhere.String():
		return []any{"what", "the oldest alerts that are about other hosts or none went, there being too many"}
	case "alert_" + correlate.TooManyAlerts.String():
		return []any{"what", "the oldest alerts about this host went, or a part of one was left out, there being too many"}
	case reasonEntities:
		return []any{"what", "files or hosts beyond what is read of one alert were left out"}
	default:
		return nil
	}
}

// reasonEntities counts what an alert names beyond what is read of it.
const reasonEntities = "alert_too_many_entities"

// lostReasons is every way in which something that came in was not used, with its count.
func lostReasons(in source.Counters, engine correlate.Stats) map[string]int64 {
	all := in.Refused
	for o, n := range engine.Requests {
		if outcome := correlate.Outcome(o); n > 0 && outcome >= correlate.Late {
			all["request_"+outcome.String()] += n
		}
	}
	for o, n := range engine.Alerts {
		if outcome := correlate.Outcome(o); n > 0 && (outcome == correlate.TooManyAlerts || outcome == correlate.TooManyElsewhere) {
			all["alert_"+outcome.String()] += n
		}
	}
	for why, n := range engine.Evicted {
		if n > 0 {
			all["evicted_"+why] += n
		}
	}
	if engine.Truncated > 0 {
		all[reasonEntities] += engine.Truncated
	}
	if engine.NoHost > 0 {
		all["alert_no_host"] += engine.NoHost
	}
	if engine.Capped > 0 {
		all["alert_detections"] += engine.Capped
	}
	return all
}

// summary is what an instance says when it ends.
func summary(engine correlate.Stats, in source.Counters, out deliver.Stats) []any {
	attrs := []any{
		"events", in.Events, "lines", in.Lines, "duplicates", in.Duplicates, "own", in.Own,
		"requests", engine.Requests[correlate.Accepted], "not_script", engine.Requests[correlate.NotScript],
		"alerts", in.Alerts, "other_host", engine.Alerts[correlate.OtherHost], "unlisted_extension", engine.Unlisted,
		"detections", engine.Detections, "revisions", engine.Revisions, "expired", engine.Expired,
	}
	for _, set := range []map[string]int64{in.Skipped, lostReasons(in, engine)} {
		for _, reason := range slices.Sorted(maps.Keys(set)) {
			attrs = append(attrs, reason, set[reason])
		}
	}
	for _, o := range out.Outputs {
		attrs = append(attrs, o.Name+"_acknowledged", o.Acknowledged)
		if n := o.Dropped.Total(); n > 0 {
			attrs = append(attrs, o.Name+"_dropped", n)
		}
	}
	return attrs
}
