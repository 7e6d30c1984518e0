// SPDX-License-Identifier: Apache-2.0

package source

import (
	"strings"

	"webshell/correlate/w3c"
	"webshell/plugin/chunk"
)

// IIS's event stream (log target ETW) has the columns of a log line in event 6200 of one provider.
const (
	loggingEvent    = 6200
	loggingChannel  = "Microsoft-IIS-Logging/Logs"
	loggingProvider = "Microsoft-Windows-IIS-Logging"
	loggingGUID     = "7e8ad27f-b271-4ea2-a783-a47bde29143b"
)

// eventFields is what a record says of the event that it wraps: winevtlog, event_tracing_windows and the container
// log monitor each in their own words.
type eventFields struct {
	id       int64
	provider []byte
	guid     []byte
	channel  []byte
	columns  chunk.Value // a map: payload, EventData
	inserts  chunk.Value // an array: StringInserts
}

func (e *eventFields) reset() { *e = eventFields{} }

// note takes what a key tells of the event; the one that wraps all others is for noteEntry.
func (e *eventFields) note(r role, val chunk.Value) {
	switch r {
	case roleEventID:
		e.id = eventID(val)
	case roleProvider:
		e.provider = val.Bytes()
	case roleGUID:
		e.guid = val.Bytes()
	case roleChannel:
		e.channel = val.Bytes()
	case roleColumns:
		if val.Kind == chunk.MapKind {
			e.columns = val
		}
	case roleInserts:
		if val.Kind == chunk.ArrayKind {
			e.inserts = val
		}
	}
}

// noteEntry takes the keys of the container log monitor's LogEntry.
func (s *Set) noteEntry(val chunk.Value) {
	entry, _ := val.Map()
	it := entry.Iter()
	for i := 0; ; i++ {
		k, ok := s.entryKeys.next(&s.opt, &it, i, &val)
		if !ok {
			return
		}
		s.event.note(k.role, val)
	}
}

// eventID reads an id that comes as a number or as text.
func eventID(val chunk.Value) int64 {
	if n, ok := val.Int(); ok {
		return n
	}
	id := int64(0)
	for _, c := range val.Bytes() {
		if c -= '0'; c > 9 || id > 1<<20 {
			return -1
		}
		id = id*10 + int64(c)
	}
	return id
}

// isThere reports whether the record wraps an event.
func (e *eventFields) isThere() bool {
	return e.columns.Kind == chunk.MapKind || e.inserts.Kind == chunk.ArrayKind
}

// isRequest reports whether the event is one of IIS's log lines.
func (e *eventFields) isRequest() bool {
	return e.id == loggingEvent && (string(e.channel) == loggingChannel || string(e.provider) == loggingProvider ||
		isLoggingGUID(string(e.guid)))
}

func isLoggingGUID(guid string) bool { return strings.EqualFold(strings.Trim(guid, "{}"), loggingGUID) }

// fillEvent notes the columns of the event.
func (s *Set) fillEvent() {
	columns, _ := s.event.columns.Map()
	var val chunk.Value
	it := columns.Iter()
	for i := 0; ; i++ {
		k, ok := s.columnKeys.next(&s.opt, &it, i, &val)
		if !ok {
			break
		}
		s.set(k.field, val)
	}
	if s.record.Has(w3c.URIStem) {
		return
	}
	inserts, _ := s.event.inserts.Array()
	each := inserts.Iter()
	for i := 0; each.Next(&val); i++ {
		s.set(w3c.EventField(i), val)
	}
}
