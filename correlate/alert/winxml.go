// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/xml"
	"strings"
)

// Bounds of an event's XML: events end at 64 KB in Windows, and nest five levels.
const (
	maxXML      = 1 << 20
	maxXMLDepth = 16
	maxXMLData  = 256 // values of one event
)

// isEventXML reports whether s begins as the XML of an event.
func isEventXML(s string) bool {
	return strings.HasPrefix(strings.TrimLeft(s, blanks), "<Event")
}

// parseEventXML reads the XML of an event (http://schemas.microsoft.com/win/2004/08/events/event). The decoder knows
// no entities but XML's own five, so nothing expands.
func parseEventXML(s string) (*windowsEvent, bool) {
	if len(s) > maxXML || !isEventXML(s) {
		return nil, false
	}
	r := &eventXML{event: &windowsEvent{values: map[string]any{}}}
	dec := xml.NewDecoder(strings.NewReader(s))
	for {
		token, err := dec.RawToken()
		if err != nil {
			return r.event, r.done
		}
		switch t := token.(type) {
		case xml.StartElement:
			r.open(t)
		case xml.CharData:
			r.text.Write(t)
		case xml.EndElement:
			r.close()
		}
		if len(r.path) > maxXMLDepth || r.done {
			return r.event, r.done
		}
	}
}

// eventXML is where a reading of an event's XML stands.
type eventXML struct {
	event *windowsEvent
	path  []string
	name  string // of the Data element that is open
	text  strings.Builder
	done  bool // the Event element was closed
}

func (r *eventXML) open(t xml.StartElement) {
	r.path = append(r.path, t.Name.Local)
	r.text.Reset()
	r.name = ""
	for _, a := range t.Attr {
		switch t.Name.Local + " " + a.Name.Local {
		case "Provider Name":
			r.event.provider = a.Value
		case "TimeCreated SystemTime":
			r.event.created = a.Value
		case "Data Name":
			r.name = a.Value
		}
	}
}

func (r *eventXML) close() {
	if len(r.path) == 0 {
		return
	}
	element := r.path[len(r.path)-1]
	r.path = r.path[:len(r.path)-1]
	text := r.text.String()
	r.text.Reset()
	switch element {
	case "EventID":
		r.event.id = strings.TrimSpace(text)
	case "EventRecordID":
		r.event.record = strings.TrimSpace(text)
	case "Channel":
		r.event.channel = strings.TrimSpace(text)
	case "Computer":
		r.event.computer = strings.TrimSpace(text)
	case "Data":
		r.data(text)
	case "Event":
		r.done = len(r.path) == 0
	}
}

// data notes a named value; the first of a name counts.
func (r *eventXML) data(text string) {
	name := fold(r.name)
	if _, taken := r.event.values[name]; taken || name == "" || len(name) > MaxID || len(r.event.values) >= maxXMLData {
		return
	}
	r.event.values[name] = text
}
