// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/json"
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

// insertFields is the fixed order of event 6200's values (its manifest; crowdsecurity/hub, iis-xml-logs). Newer
// systems add CustomFields behind them.
var insertFields = [...]w3c.Field{
	w3c.Other, // EnabledFieldsFlags
	w3c.Date, w3c.Time, w3c.ClientIP, w3c.UserName, w3c.SiteName, w3c.ComputerName, w3c.ServerIP, w3c.Method, w3c.URIStem,
	w3c.URIQuery, w3c.Status, w3c.Win32Status, w3c.BytesSent, w3c.BytesReceived, w3c.TimeTaken, w3c.Port, w3c.UserAgent,
	w3c.Cookie, w3c.Referer, w3c.Version, w3c.Host, w3c.SubStatus,
}

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

// note takes what a record's key tells of its event; false for a key that does not.
func (e *eventFields) note(key []byte, val chunk.Value) bool {
	switch string(key) {
	case "EventID", "event_id", "EventId":
		e.id = eventID(val)
	case "ProviderName", "provider_name":
		e.provider = val.Bytes()
	case "ProviderGuid", "provider_guid", "ProviderId":
		e.guid = val.Bytes()
	case "Channel":
		e.channel = val.Bytes()
	case "payload", "EventData":
		if val.Kind != chunk.MapKind {
			return false
		}
		e.columns = val
	case "StringInserts":
		if val.Kind != chunk.ArrayKind {
			return false
		}
		e.inserts = val
	case "LogEntry":
		entry, ok := val.Map()
		if !ok {
			return false
		}
		var k []byte
		var v chunk.Value
		for it := entry.Iter(); it.Next(&k, &v); {
			if string(k) != "LogEntry" {
				e.note(k, v)
			}
		}
	default:
		return false
	}
	return true
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
	if e.id != loggingEvent {
		return false
	}
	return string(e.channel) == loggingChannel || string(e.provider) == loggingProvider ||
		strings.EqualFold(strings.Trim(string(e.guid), "{}"), loggingGUID)
}

// fillEvent notes the columns of the event.
func (s *Set) fillEvent() {
	if m, ok := s.event.columns.Map(); ok {
		s.fill(m, false)
	}
	if s.record.Has(w3c.URIStem) {
		return
	}
	inserts, ok := s.event.inserts.Array()
	if !ok {
		return
	}
	var val chunk.Value
	it := inserts.Iter()
	for i := 0; i < len(insertFields) && it.Next(&val); i++ {
		s.set(insertFields[i], val)
	}
}

// textEvent is the container log monitor's line, and any other that wraps an event as it does.
type textEvent struct {
	Source   string
	LogEntry struct {
		ProviderName string
		ProviderID   string `json:"ProviderId"`
		EventID      any    `json:"EventId"`
		EventData    map[string]any
	}
}

// maxEventText bounds the JSON text of an event: a log line may have a megabyte.
const maxEventText = 2 << 20

// addText reads an event that came as JSON text under log_key.
func (s *Set) addText(o *origin, in *rawLine) {
	s.counters.Lines++
	var ev textEvent
	dec := json.NewDecoder(bytes.NewReader(in.text))
	dec.UseNumber()
	if len(in.text) > maxEventText || dec.Decode(&ev) != nil {
		s.refuse("event_text")
		return
	}
	if !isLoggingText(&ev) {
		s.skip("other_event", 1)
		return
	}
	s.record.Reset()
	for key, val := range ev.LogEntry.EventData {
		f := s.opt.W3C.FieldOf([]byte(key))
		switch v := val.(type) {
		case string:
			s.record.Set(f, []byte(v))
		case json.Number:
			s.record.Set(f, []byte(v.String()))
		}
	}
	s.useRecord(o, in)
}

func isLoggingText(ev *textEvent) bool {
	id := ""
	switch v := ev.LogEntry.EventID.(type) {
	case string:
		id = v
	case json.Number:
		id = v.String()
	}
	return id == "6200" && (ev.LogEntry.ProviderName == loggingProvider ||
		strings.EqualFold(strings.Trim(ev.LogEntry.ProviderID, "{}"), loggingGUID))
}
