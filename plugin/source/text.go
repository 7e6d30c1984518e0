// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"webshell/plugin/format"
)

// textEvent is the container log monitor's line, and any other that wraps an event as it does
// (microsoft/windows-container-tools, LogMonitor/src/LogMonitor/EtwMonitor.cpp).
type textEvent struct {
	LogEntry struct {
		ProviderName string
		ProviderID   string          `json:"ProviderId"`
		EventID      json.RawMessage `json:"EventId"`
		EventData    map[string]json.RawMessage
	}
}

// maxEventText bounds the JSON text of an event: a log line may have a megabyte.
const maxEventText = 2 << 20

// addText reads an event that came as JSON text under log_key.
func (s *Set) addText(o *origin, in *rawLine) {
	s.counters.Lines++
	var ev textEvent
	if len(in.text) > maxEventText || json.NewDecoder(bytes.NewReader(in.text)).Decode(&ev) != nil {
		s.refuse("event_text")
		return
	}
	if !ev.isRequest() {
		if isOurText(in.text) {
			s.counters.Own++
		} else {
			s.skip("other_event", 1)
		}
		return
	}
	s.record.Reset()
	data := ev.LogEntry.EventData
	for _, key := range slices.Sorted(maps.Keys(data)) { // of two spellings of a column always the same one counts
		s.record.Set(s.opt.W3C.FieldOf([]byte(key)), jsonText(data[key]))
	}
	s.useRecord(o, in)
}

func (ev *textEvent) isRequest() bool {
	e := &ev.LogEntry
	return string(jsonText(e.EventID)) == strconv.Itoa(loggingEvent) &&
		(e.ProviderName == loggingProvider || isLoggingGUID(e.ProviderID))
}

// jsonText is a JSON string or number as text, nil for anything else.
func jsonText(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return nil
	}
	if c := raw[0]; c == '-' || c >= '0' && c <= '9' {
		return raw
	}
	var text *string
	if json.Unmarshal(raw, &text) != nil || text == nil {
		return nil
	}
	return []byte(*text)
}

// isOurText reports whether JSON text is a detection of this product that came back, from a file or a console.
func isOurText(text []byte) bool {
	return format.IsOwn(func(path ...string) (string, bool) {
		rest := json.RawMessage(text)
		for _, key := range path {
			var m map[string]json.RawMessage
			if json.Unmarshal(rest, &m) != nil {
				return "", false
			}
			rest = m[key]
		}
		return string(jsonText(rest)), len(rest) > 0 && rest[0] == '"'
	})
}
