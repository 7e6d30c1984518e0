// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"strings"

	"webshell/correlate"
)

// Where the events that are alerts come from. Forwarded events keep their provider, not always their channel.
const (
	defenderChannel  = "Microsoft-Windows-Windows Defender/Operational"
	defenderProvider = "Microsoft-Windows-Windows Defender"
	sysmonChannel    = "Microsoft-Windows-Sysmon/Operational"
	sysmonProvider   = "Microsoft-Windows-Sysmon"
)

// windowsEvent is an event of the Windows event log as Fluent Bit's winevtlog input gives it: its values as inserts in
// the event's fixed order (the default), by name (event_data_as_map), or as XML (render_event_as_xml).
type windowsEvent struct {
	provider, channel string
	id                string
	record            string
	computer          string
	created           any
	message           string
	values            map[string]any // by name, folded to letters and digits; nil when only the order is known
	inserts           []any
}

func isWindowsEvent(m map[string]any) bool {
	if has(m, "EventID") && (has(m, "Channel") || has(m, "ProviderName")) {
		return true
	}
	system, _ := m["System"].(string)
	return isEventXML(system)
}

// windowsEvent reads an event, and leaves it when it is none of those that are alerts.
func (p *pass) windowsEvent(m map[string]any) {
	e, ok := eventOf(m)
	switch {
	case !ok:
		p.out.unknown(m)
	case e.channel == defenderChannel || e.provider == defenderProvider:
		p.defenderEvent(e)
	case e.channel == sysmonChannel || e.provider == sysmonProvider:
		p.sysmonEvent(e)
	default:
		p.out.refuse(Telemetry)
	}
}

func eventOf(m map[string]any) (*windowsEvent, bool) {
	if system, ok := m["System"].(string); ok && !has(m, "EventID") {
		e, ok := parseEventXML(system)
		if ok {
			e.message = scalarText(m["Message"])
			e.inserts, _ = m["StringInserts"].([]any)
		}
		return e, ok
	}
	e := &windowsEvent{
		provider: scalarText(m["ProviderName"]),
		channel:  scalarText(m["Channel"]),
		id:       scalarText(m["EventID"]),
		record:   scalarText(m["EventRecordID"]),
		computer: scalarText(m["Computer"]),
		created:  m["TimeCreated"],
		message:  scalarText(m["Message"]),
	}
	e.inserts, _ = structure(m["StringInserts"]).([]any)
	if data := child(m, "EventData"); len(data) > 0 {
		e.values = foldKeys(data)
	}
	return e, true
}

// foldKeys returns m with its keys folded: dumps have them with and without blanks. Of two keys that fold to one the
// smaller counts.
func foldKeys(m map[string]any) map[string]any {
	folded := make(map[string]any, len(m))
	from := make(map[string]string, len(m))
	for key, v := range m {
		if len(key) > MaxID {
			continue
		}
		f := fold(key)
		if other, taken := from[f]; !taken || key < other {
			folded[f], from[f] = v, key
		}
	}
	return folded
}

// fold keeps the letters and digits of an ASCII name, in lower case.
func fold(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			return c
		}
		return -1
	}, s)
}

// value returns an event's value by its folded name, else from its place among the inserts (none below 0).
func (e *windowsEvent) value(name string, place int) string {
	if v, ok := e.values[name]; ok {
		return strings.TrimSpace(scalarText(v))
	}
	if place >= 0 && place < len(e.inserts) {
		return strings.TrimSpace(scalarText(e.inserts[place]))
	}
	return ""
}

// eventDraft starts the alert of an event: what all of them have in common. Its files belong to its computer.
func (p *pass) eventDraft(shape correlate.Shape, e *windowsEvent, created any) (d *draft, host int, ok bool) {
	t, ok := instant(created)
	if !ok {
		p.out.refuse(BadTime)
		return nil, 0, false
	}
	d = p.draft(shape)
	d.Time = p.notAfterArrival(t)
	d.Provider = cutNote(e.provider)
	host = d.addHost(correlate.HostEntity{HostName: d.text(e.computer), Listed: true})
	return d, host, true
}

// notAfterArrival keeps a time from passing the event's own timestamp, which is set when the log is read. winevtlog
// writes local time with the offset of standard time also in summer, which makes TimeCreated an hour too late.
func (p *pass) notAfterArrival(t correlate.Instant) correlate.Instant {
	if p.eventTime != 0 && t > p.eventTime {
		return p.eventTime
	}
	return t
}

// addPath adds a file that is known by its whole path.
func (d *draft) addPath(path string, hashes []string, host int) {
	d.addFile(correlate.FileEntity{Name: d.text(path), Hashes: hashes, Host: host, Listed: true})
}
