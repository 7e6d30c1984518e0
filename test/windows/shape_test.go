// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"webshell/correlate/alert"
	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/format"
	"webshell/plugin/source"
)

// columns are those of event 6200 in its fixed order, behind EnabledFieldsFlags; the log file has the same.
var columns = strings.Fields("date time c-ip cs-username s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query sc-status " +
	"sc-win32-status sc-bytes cs-bytes time-taken s-port csUser-Agent csCookie csReferer cs-version cs-host sc-substatus")

// numbers are the columns that IIS's events give as integers.
var numbers = []string{"sc-status", "sc-win32-status", "sc-bytes", "cs-bytes", "time-taken", "s-port", "sc-substatus"}

// request is the values of columns, as a log line has them.
type request []string

// shape is one way in which the same requests come.
type shape struct {
	name  string
	event func(i, seconds int, offset *int, r request) []byte
}

var shapes = []shape{
	{"raw lines", rawLine},
	{"parsed, all text", func(_, seconds int, _ *int, r request) []byte {
		return event(chunktest.New(), seconds, texts(columns, r)...)
	}},
	{"parsed, as W3CIISLog", func(_, seconds int, _ *int, r request) []byte {
		return event(chunktest.New(), seconds, integers(columnsOfTable(), r)...)
	}},
	{"event_tracing_windows", func(_, seconds int, _ *int, r request) []byte {
		return event(chunktest.Old(), seconds, "provider_guid", "{7E8AD27F-B271-4EA2-A783-A47BDE29143B}", "provider_name", "Microsoft-Windows-IIS-Logging",
			"event_id", 6200, "version", 0, "channel", 16, "level", 4, "task", 0, "opcode", 0, "keywords", uint64(1)<<63, "process_id", 4242,
			"thread_id", 17, "payload", chunktest.Pairs(append([]any{"EnabledFieldsFlags", 2478079}, integers(columns, r)...)))
	}},
	{"winevtlog, EventData", func(i, seconds int, _ *int, r request) []byte {
		return event(chunktest.New(), seconds, append(eventLog(i), "EventData", chunktest.Pairs(append([]any{"EnabledFieldsFlags", 2478079}, integers(columns, r)...)))...)
	}},
	{"winevtlog, StringInserts", func(i, seconds int, _ *int, r request) []byte {
		inserts := []any{2478079}
		for n, v := range integers(columns, r) {
			if n%2 == 1 {
				inserts = append(inserts, v)
			}
		}
		return event(chunktest.TailFraming(), seconds, append(eventLog(i), "StringInserts", append(inserts, "custom,fields"))...)
	}},
	{"container log monitor", func(_, seconds int, _ *int, r request) []byte {
		return event(chunktest.New(), seconds, "Source", "ETW", "LogEntry", chunktest.Pairs{
			"Time", "2026-03-02T12:00:00.000Z", "ProviderName", "Microsoft-Windows-IIS-Logging", "ProviderId", "{7E8AD27F-B271-4EA2-A783-A47BDE29143B}",
			"EventId", "6200", "EventData", chunktest.Pairs(integers(columns, r)),
		}, "SchemaVersion", "1.0.0")
	}},
	{"container log monitor, text", func(_, seconds int, _ *int, r request) []byte {
		data := map[string]any{}
		for pairs := integers(columns, r); len(pairs) > 0; pairs = pairs[2:] {
			data[pairs[0].(string)] = pairs[1]
		}
		text, err := json.Marshal(map[string]any{"Source": "ETW", "SchemaVersion": "1.0.0", "LogEntry": map[string]any{
			"ProviderName": "Microsoft-Windows-IIS-Logging", "ProviderId": "{7E8AD27F-B271-4EA2-A783-A47BDE29143B}", "EventId": "6200", "EventData": data,
		}})
		if err != nil {
			panic(err)
		}
		return event(chunktest.New(), seconds, "stream", "stdout", "log", string(text))
	}},
}

// mixed gives the shapes in turn.
var mixed = shape{"all of them, mixed", func(i, seconds int, offset *int, r request) []byte {
	return shapes[i%len(shapes)].event(i, seconds, offset, r)
}}

func event(f chunktest.Framing, seconds int, body ...any) []byte {
	return chunktest.Event(f, int64(at(seconds))/1e9, 0, body...)
}

// rawLine is what tail gives, the file's head before the first one.
func rawLine(i, _ int, offset *int, r request) []byte {
	var chunk []byte
	put := func(text string) {
		chunk = append(chunk, chunktest.Tail(`C:\inetpub\logs\LogFiles\W3SVC1\u_ex260302.log`, uint64(*offset), text)...)
		*offset += len(text) + 2
	}
	if i == 0 {
		put("#Software: Microsoft Internet Information Services 10.0")
		put("#Fields: " + strings.Join(columns, " "))
	}
	put(strings.Join(r, " "))
	return chunk
}

// eventLog is the head of a record of the winevtlog input.
func eventLog(i int) []any {
	return []any{"ProviderName", "Microsoft-Windows-IIS-Logging", "ProviderGuid", "{7E8AD27F-B271-4EA2-A783-A47BDE29143B}", "Qualifiers", "", "EventID", 6200,
		"Version", 0, "Level", 4, "Task", 0, "Opcode", 0, "Keywords", "0x8000000000000000", "TimeCreated", "2026-03-02 12:00:00 +0000", "EventRecordID", i,
		"ProcessID", 4242, "ThreadID", 17, "Channel", "Microsoft-IIS-Logging/Logs", "Computer", "agent.contoso.com", "UserID", "NT AUTHORITY\\SYSTEM", "Message", ""}
}

// columnsOfTable are the columns as Sentinel's W3CIISLog writes them.
func columnsOfTable() []string {
	var all []string
	for _, c := range columns {
		first, rest, _ := strings.Cut(c, "-")
		all = append(all, first+strings.ReplaceAll(strings.ToUpper(rest[:min(1, len(rest))])+rest[min(1, len(rest)):], "-", "_"))
	}
	return all
}

func texts(keys []string, r request) []any {
	var pairs []any
	for i, v := range r {
		pairs = append(pairs, keys[i], v)
	}
	return pairs
}

func integers(keys []string, r request) []any {
	pairs := texts(keys, r)
	for i, c := range columns {
		if n, err := strconv.Atoi(r[i]); err == nil && slices.Contains(numbers, c) {
			pairs[2*i+1] = n
		}
	}
	return pairs
}

// total is how many requests the shapes are compared by.
const total = 10_000

// traffic is the same requests at every run: ordinary ones, and calls of what will be alerted in many ways.
func traffic() []request {
	d := rand.New(rand.NewPCG(9, 2026))
	pick := func(list ...string) string { return list[d.IntN(len(list))] }
	var calls []string
	for _, r := range table {
		for _, url := range append([]string{r.url}, r.miss...) {
			if !strings.Contains(url, " ") && utf8.ValidString(url) { // a line has no blanks, JSON no other bytes
				calls = append(calls, url)
			}
		}
	}
	var all []request
	for i := range total {
		url := pick("/", "/default.aspx", "/css/site.css", "/products/item.aspx", "/search.aspx")
		if d.IntN(4) == 0 {
			url = pick(calls...)
		}
		when := at(i / 4).Time()
		all = append(all, request{when.Format("2006-01-02"), when.Format("15:04:05"), fmt.Sprint("203.0.113.", d.IntN(60)), pick("-", "CONTOSO\\alice"),
			pick("W3SVC1", "W3SVC2"), pick("WEB01", "WEB01", "web02.contoso.com"), "10.0.0.5", pick("GET", "POST", "HEAD"), url, pick("-", "id=1", "cmd=whoami&x=%20"),
			pick("200", "200", "404", "500", "302"), pick("0", "64", "2147943395"), strconv.Itoa(d.IntN(9000)), strconv.Itoa(d.IntN(900)), strconv.Itoa(d.IntN(99)),
			pick("443", "80"), pick("curl/8.4.0", "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)", "-"), pick("-", "ASP.NET_SessionId=abc;+x=1"),
			pick("-", "https://www.contoso.com/a?b=c"), "HTTP/1.1", pick("www.contoso.com", "www.contoso.com:443"), pick("0", "5")})
	}
	return all
}

// play feeds the traffic in one shape, with the same alerts between the same requests, and gives the final detections as
// JSON without what tells when they were made.
func play(t *testing.T, s shape) map[string]string {
	t.Helper()
	set := &sourced{t: t, c: newEngine(t, nil)}
	set.set = source.NewSet(source.Options{
		AlertTag: "alert.*", LogKey: "log", PathKey: "path", OffsetKey: "offset", ComputerName: server, Alerts: alert.Options{LogKey: "log"},
	}, set.c)
	final, offset := finals{}, 0
	for i, r := range traffic() {
		if err := set.set.Flush(s.event(i, i/4, &offset, r), "iis", at(i/4)); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if i%500 == 250 {
			row := table[i/500*5%len(table)]
			set.record(i/4, plain(record{"id": fmt.Sprint("a", i), "file": row.file, "directory": row.dir, "host": "web01", "time": nil}))
			final.take(t, set.c)
		}
	}
	maps.Copy(final, settle(t, set.c, total))
	if refused := set.set.Counters(); len(refused.Refused)+len(refused.Skipped) > 0 {
		t.Errorf("%s: %+v", s.name, refused)
	}
	return asJSON(t, final)
}

// moment is what differs between two runs of the same story.
var moment = regexp.MustCompile(`"(TimeGenerated":"[^"]*"|Revision":\d+)`)

func asJSON(t *testing.T, f finals) map[string]string {
	t.Helper()
	sentinel, err := format.New("sentinel")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for id, d := range f {
		all[id] = moment.ReplaceAllString(string(sentinel.Append(nil, d)), "")
	}
	return all
}

// TestShapes plays the same requests in every shape: the final detections are the same, byte for byte.
func TestShapes(t *testing.T) {
	want := play(t, shapes[0])
	if len(want) < 100 {
		t.Fatalf("%d detections, want 100 or more", len(want))
	}
	t.Logf("%d detections of %d requests", len(want), total)
	for _, s := range append(shapes[1:], mixed) {
		got := play(t, s)
		if len(got) != len(want) {
			t.Errorf("%s: %d detections, want %d", s.name, len(got), len(want))
		}
		shown := 0
		for id, text := range want {
			if got[id] != text && shown < 3 {
				shown++
				t.Errorf("%s:\ngot  %s\nwant %s", s.name, got[id], text)
			}
		}
	}
}

// Events of other providers, channels and ids are no requests: they are skipped and counted.
func TestShapes_otherEvents(t *testing.T) {
	s := newSourced(t, nil)
	iis := chunktest.Pairs(texts(columns, traffic()[0]))
	for _, body := range [][]any{
		{"provider_name", "Microsoft-Windows-Kernel-Process", "event_id", 6200, "payload", iis},
		{"provider_name", "Microsoft-Windows-IIS-Logging", "event_id", 6201, "payload", iis},
		{"ProviderName", "Microsoft-Windows-IIS-W3SVC", "EventID", 6200, "Channel", "System", "EventData", iis},
		{"EventID", 6200, "Channel", "Security", "StringInserts", []any{1, "2026-03-02", "12:00:00"}},
		{"Source", "ETW", "LogEntry", chunktest.Pairs{"ProviderName", "x", "EventId", "6200", "EventData", iis}},
		{"log", `{"Source":"EventLog","LogEntry":{"Channel":"Application","EventId":"6200","EventData":{"cs-uri-stem":"/up/shell.aspx"}}}`},
		{"log", `{"Source":"Process","LogEntry":{"Logline":"hello"}}`},
	} {
		s.flush(0, "iis", body...)
	}
	if c := s.set.Counters(); c.Skipped["other_event"] != 7 || len(c.Refused) > 0 || s.c.Stats().Requests[0] != 0 {
		t.Errorf("%+v, want seven other events", c)
	}
}
