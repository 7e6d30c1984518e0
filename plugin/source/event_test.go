// SPDX-License-Identifier: Apache-2.0

package source

import (
	"testing"

	"webshell/plugin/chunk/chunktest"
)

// columnsOfEvent are the columns of one request as IIS's event has them.
func columnsOfEvent() chunktest.Pairs {
	return chunktest.Pairs{"EnabledFieldsFlags", 2478079, "date", "2026-03-02", "time", "10:00:07", "c-ip", "203.0.113.7", "cs-username", "-",
		"s-sitename", "W3SVC1", "s-computername", "WEB01", "s-ip", "10.0.0.5", "cs-method", "GET", "cs-uri-stem", "/up/shell.aspx",
		"cs-uri-query", "-", "sc-status", 200, "sc-win32-status", 0, "sc-bytes", 512, "cs-bytes", 300, "time-taken", 12, "s-port", 443,
		"csUser-Agent", "curl/8.4.0", "csCookie", "-", "csReferer", "-", "cs-version", "HTTP/1.1", "cs-host", "www.contoso.com", "sc-substatus", 0}
}

// valuesOf are every second of pairs.
func valuesOf(pairs chunktest.Pairs) (values []any) {
	for i := 1; i < len(pairs); i += 2 {
		values = append(values, pairs[i])
	}
	return values
}

func event(pairs ...any) []byte {
	return chunktest.Event(chunktest.Old(), chunktest.TailTime, 0, pairs...)
}

func etw(provider, guid string, id any, payload any) []byte {
	return event("provider_guid", guid, "provider_name", provider, "event_id", id, "version", 0, "channel", 16, "level", 4,
		"process_id", 4, "payload", payload)
}

func winevtlog(channel string, id any, key string, data any) []byte {
	return event("ProviderName", "x", "ProviderGuid", "", "EventID", id, "Version", 0, "TimeCreated", "2026-03-02 10:00:07 +0000",
		"Channel", channel, "Computer", "web01.contoso.com", key, data)
}

func logMonitor(provider, guid string, id any) chunktest.Pairs {
	return chunktest.Pairs{"Source", "ETW", "LogEntry", chunktest.Pairs{"Time", "2026-03-02T10:00:07.000Z", "ProviderName", provider,
		"ProviderId", guid, "EventId", id, "EventData", columnsOfEvent()}, "SchemaVersion", "1.0.0"}
}

const logMonitorText = `{"Source":"ETW","LogEntry":{"Time":"2026-03-02T10:00:07.000Z","ProviderName":"Microsoft-Windows-IIS-Logging",` +
	`"ProviderId":"{7E8AD27F-B271-4EA2-A783-A47BDE29143B}","DecodingSource":"DecodingSourceXMLFile","Execution":{"ProcessId":4,"ThreadId":9},` +
	`"Level":"Information","Keyword":"0x8000000000000000","EventId":"6200","EventData":{"EnabledFieldsFlags":2478079,"date":"2026-03-02",` +
	`"time":"10:00:07","c-ip":"203.0.113.7","cs-username":"-","s-sitename":"W3SVC1","s-computername":"WEB01","s-ip":"10.0.0.5",` +
	`"cs-method":"GET","cs-uri-stem":"/up/shell.aspx","cs-uri-query":"-","sc-status":200,"csUser-Agent":"curl/8.4.0"}},"SchemaVersion":"1.0.0"}`

// IIS's own event stream in each of its shapes, and events of others.
func TestEvent(t *testing.T) {
	const guid = "{7E8AD27F-B271-4EA2-A783-A47BDE29143B}"
	inserts := valuesOf(columnsOfEvent())
	for _, tc := range []struct {
		name    string
		event   []byte
		isOther bool
	}{
		{"event_tracing_windows", etw(loggingProvider, guid, 6200, columnsOfEvent()), false},
		{"known by its GUID", etw("", guid, 6200, columnsOfEvent()), false},
		{"known by its GUID, without braces", etw("", loggingGUID, 6200, columnsOfEvent()), false},
		{"id as text", etw(loggingProvider, "", "6200", columnsOfEvent()), false},
		{"another id", etw(loggingProvider, guid, 6201, columnsOfEvent()), true},
		{"no number", etw(loggingProvider, guid, "6200x", columnsOfEvent()), true},
		{"a huge number", etw(loggingProvider, guid, "99999999999999999999999999", columnsOfEvent()), true},
		{"another provider", etw("Microsoft-Windows-HttpService", "{DD5EF90A-6398-47A4-AD34-4DCECDEF795F}", 6200, columnsOfEvent()), true},
		{"winevtlog EventData", winevtlog(loggingChannel, 6200, "EventData", columnsOfEvent()), false},
		{"winevtlog StringInserts", winevtlog(loggingChannel, 6200, "StringInserts", inserts), false},
		{"with CustomFields", winevtlog(loggingChannel, 6200, "StringInserts", append(inserts[:len(inserts):len(inserts)], "-")), false},
		{"winevtlog, another id", winevtlog(loggingChannel, 6201, "StringInserts", inserts), true},
		{"winevtlog, another channel", winevtlog("Security", 6200, "StringInserts", inserts), true},
		{"LogMonitor", event(logMonitor(loggingProvider, guid, "6200")...), false},
		{"LogMonitor under log", event("log", logMonitor(loggingProvider, guid, "6200")), false},
		{"LogMonitor text", event("log", logMonitorText), false},
		{"LogMonitor text, blanks before", event("log", " \t"+logMonitorText+"\r"), false},
		{"LogMonitor, another provider", event(logMonitor("x", "", "6200")...), true},
		{"LogMonitor, entries in entries", event("LogEntry", chunktest.Pairs{"LogEntry", chunktest.Pairs{"EventData", columnsOfEvent()},
			"EventData", chunktest.Pairs{}}), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			f.flush("iis", tc.event)
			if tc.isOther {
				f.wantFinals()
				if got := counts(f.set.Counters().Skipped); got != "other_event=1" {
					t.Errorf("skipped %q, want other_event=1", got)
				}
			} else {
				f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
				for _, d := range f.newest {
					if d.StartTime != instant(t, "2026-03-02T10:00:07Z") || d.RequestStatusCodes[0] != "200" || d.RequestUserAgents[0] != "curl/8.4.0" {
						t.Errorf("got %+v", d)
					}
				}
			}
			f.wantRefused("")
		})
	}
}

// An event of IIS that is not whole is refused.
func TestEvent_broken(t *testing.T) {
	for name, event := range map[string][]byte{
		"no columns":     etw(loggingProvider, "", 6200, chunktest.Pairs{}),
		"few inserts":    winevtlog(loggingChannel, 6200, "StringInserts", []any{1, "2026-03-02", "10:00:07"}),
		"no inserts":     winevtlog(loggingChannel, 6200, "StringInserts", []any{}),
		"payload a text": etw(loggingProvider, "", 6200, "x"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.flush("iis", event)
			f.wantRefused("no_stem=1")
		})
	}
}

// Of two spellings of a column in one text always the same one counts.
func TestEvent_textIsDeterministic(t *testing.T) {
	const text = `{"LogEntry":{"ProviderName":"Microsoft-Windows-IIS-Logging","EventId":6200,"EventData":{"date":"2026-03-02","time":"10:00:07",` +
		`"c-ip":"203.0.113.7","csUriStem":"/up/shell.aspx","cs-uri-stem":"/up/shell.aspx","cUserAgent":"x","csUser-Agent":"b","cs(User-Agent)":"a"}}}`
	for range 20 {
		f := newFeed(t, tailOptions())
		f.watch("shell.aspx")
		f.flush("iis", event("log", text))
		f.finals()
		for _, d := range f.newest {
			if got := d.RequestUserAgents; len(got) != 1 || got[0] != "a" {
				t.Fatalf("user agents %q, want a", got)
			}
		}
	}
}
