// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"webshell/correlate"
	"webshell/correlate/alert"
	"webshell/correlate/w3c"
	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/property"
	"webshell/plugin/source"
)

// example is what this test needs of a configuration in conf/.
type example struct {
	Pipeline struct {
		Inputs, Filters, Outputs []map[string]any
	}
}

func value(section map[string]any, key string) string {
	switch v := section[key].(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "on", false: "off"}[v]
	default:
		return strings.NewReplacer("${COMPUTERNAME}", "WEB01").Replace(fmt.Sprint(v))
	}
}

// emitted is what an input of a configuration gives for one request or one alert: its tag, and the records' bodies.
type emitted struct {
	tag     string
	records []chunktest.Pairs
}

const (
	shellFields = "#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status"
	shellLine   = "2026-03-02 12:00:00 10.0.0.5 GET /up/shell.aspx 203.0.113.7 200"
	plainAlert  = `{"file":"shell.aspx","directory":"C:\\inetpub\\wwwroot\\up","host":"WEB01","id":"p1","time":"2026-03-02T12:00:10Z"}`
	xdrRecords  = `{"records":[` +
		`{"category":"AdvancedHunting-AlertEvidence","time":"2026-03-02T12:00:10Z","properties":{"Timestamp":"2026-03-02T12:00:10Z","AlertId":"da1","EntityType":"File","FileName":"shell.aspx","FolderPath":"C:\\inetpub\\wwwroot\\up"}},` +
		`{"category":"AdvancedHunting-AlertEvidence","time":"2026-03-02T12:00:10Z","properties":{"Timestamp":"2026-03-02T12:00:10Z","AlertId":"da1","EntityType":"Machine","DeviceName":"web01","DeviceId":"d1"}}]}`
)

// event6200 are the values of IIS's event in its fixed order.
var event6200 = []any{2478079, "2026-03-02", "12:00:00", "203.0.113.7", "-", "W3SVC1", "WEB01", "10.0.0.5", "GET", "/up/shell.aspx", "-", 200, 0, 512, 300, 12, 443,
	"curl/8.4.0", "-", "-", "HTTP/1.1", "www.contoso.com", 0}

func eventPairs() chunktest.Pairs {
	names := strings.Fields("EnabledFieldsFlags date time c-ip cs-username s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query sc-status " +
		"sc-win32-status sc-bytes cs-bytes time-taken s-port csUser-Agent csCookie csReferer cs-version cs-host sc-substatus")
	var pairs chunktest.Pairs
	for i, v := range event6200 {
		pairs = append(pairs, names[i], v)
	}
	return pairs
}

// defender1116 is a detection of Windows Defender as the winevtlog input gives it by default.
func defender1116() chunktest.Pairs {
	inserts := make([]any, 42)
	for i := range inserts {
		inserts[i] = ""
	}
	inserts[2], inserts[7], inserts[9], inserts[21] = "{0E1F2A3B}", "Backdoor:ASP/Chopper.F!dha", "Severe", `file:_C:\inetpub\wwwroot\up\shell.aspx`
	return chunktest.Pairs{"ProviderName", "Microsoft-Windows-Windows Defender", "EventID", 1116, "TimeCreated", "2026-03-02 12:00:10 +0000", "EventRecordID", 42,
		"Channel", "Microsoft-Windows-Windows Defender/Operational", "Computer", "WEB01", "Message", "", "StringInserts", inserts}
}

// emit gives what an input would, by its name and its own properties.
func (e *example) emit(t *testing.T, in map[string]any) emitted {
	t.Helper()
	name, tag := value(in, "name"), value(in, "tag")
	isAlert := strings.HasPrefix(tag, "alert")
	switch {
	case name == "tail" && value(in, "multiline.parser") == "cri":
		text := `{"Source":"ETW","LogEntry":{"ProviderName":"Microsoft-Windows-IIS-Logging","EventId":"6200","EventData":{` + jsonPairs(eventPairs()) + `}}}`
		return emitted{strings.ReplaceAll(tag, "*", "web"), []chunktest.Pairs{{"time", "2026-03-02T12:00:00Z", "stream", "stdout", "_p", "F", "log", text}}}
	case name == "tail" && isAlert:
		return emitted{tag, []chunktest.Pairs{{"log", plainAlert}}}
	case name == "tail":
		return emitted{tag, e.lines(value(in, "path_key"), value(in, "offset_key"))}
	case name == "event_tracing_windows":
		return emitted{tag, []chunktest.Pairs{{"provider_guid", value(in, "provider_guid"), "provider_name", "", "event_id", 6200, "channel", 16, "payload", eventPairs()}}}
	case name == "winevtlog" && isAlert:
		return emitted{tag, []chunktest.Pairs{defender1116()}}
	case name == "winevtlog":
		return emitted{tag, []chunktest.Pairs{{"ProviderName", "", "EventID", 6200, "Channel", value(in, "channels"), "Computer", "agent", "StringInserts", event6200}}}
	case name == "kafka":
		text := plainAlert
		if strings.Contains(value(in, "brokers"), "servicebus") {
			text = xdrRecords
		}
		return emitted{tag, []chunktest.Pairs{{"topic", value(in, "topics"), "partition", 0, "offset", 17, "error", nil, "key", nil, e.renamed("payload"), text}}}
	case name == "http":
		return emitted{tag, []chunktest.Pairs{{"file", "shell.aspx", "directory", upFolder, "host", "WEB01", "id", "p1", "time", "2026-03-02T12:00:10Z"}}}
	case name == "forward" && isAlert:
		return emitted{tag, []chunktest.Pairs{{"log", plainAlert}}}
	case name == "forward": // what from-server.yaml sends
		lines := e.lines("path", "offset")
		for i := range lines {
			lines[i] = append(lines[i], "server", "WEB01")
		}
		return emitted{"iis.WEB01", lines}
	}
	t.Fatalf("no sample of what input %s gives", name)
	return emitted{}
}

// lines are the records of a log file's first two lines.
func (e *example) lines(pathKey, offsetKey string) []chunktest.Pairs {
	var all []chunktest.Pairs
	offset := 0
	for _, text := range []string{shellFields, shellLine} {
		all = append(all, chunktest.Pairs{pathKey, `C:\inetpub\logs\LogFiles\W3SVC1\u_ex260302.log`, offsetKey, offset, "log", text})
		offset += len(text) + 2
	}
	return all
}

// renamed is what the filters make of a key.
func (e *example) renamed(key string) string {
	for _, f := range e.Pipeline.Filters {
		if from, to, ok := strings.Cut(value(f, "rename"), " "); ok && from == key {
			return to
		}
	}
	return key
}

func jsonPairs(pairs chunktest.Pairs) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		v := fmt.Sprint(pairs[i+1])
		if _, isText := pairs[i+1].(string); isText {
			v = strconv.Quote(v)
		}
		parts = append(parts, strconv.Quote(pairs[i].(string))+":"+v)
	}
	return strings.Join(parts, ",")
}

// reader makes the sources and the engine of a webshell section.
func reader(t *testing.T, out map[string]any) *sourced {
	t.Helper()
	cfg, err := property.Parse(func(key string) string { return value(out, key) })
	if err != nil {
		t.Fatal(err)
	}
	computer := "WEB01" // of lines that name no host
	if cfg.HostKey != "" {
		computer = "COLLECTOR"
	}
	s := &sourced{t: t, c: newEngine(t, func(o *correlate.Options) { o.ComputerName = computer })}
	s.set = source.NewSet(source.Options{
		AlertTag: cfg.AlertTag, LogKey: cfg.LogKey, PathKey: cfg.PathKey, OffsetKey: cfg.OffsetKey, HostKey: cfg.HostKey, ComputerName: computer,
		W3C:    w3c.Options{ClientIPField: cfg.ClientIPField, TrustedProxies: cfg.TrustedProxies},
		Alerts: alert.Options{KQL: cfg.Matching == property.MatchKQL, Providers: cfg.AlertProviders, LogKey: cfg.LogKey},
	}, s.c)
	return s
}

// TestConf plays what each input of the examples gives into their own webshell section: every request with every alert
// gives the one detection.
func TestConf(t *testing.T) {
	files, err := filepath.Glob("../../conf/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	for _, file := range files {
		folder := filepath.Base(filepath.Dir(file))
		if folder != "requests" && folder != "alerts" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var e example
		if err := yaml.Unmarshal(text, &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, out := range e.Pipeline.Outputs {
			if value(out, "name") == "webshell" {
				played += e.play(t, folder+"/"+filepath.Base(file), out)
			}
		}
	}
	if played < 10 {
		t.Errorf("%d pairs of inputs played, want 10 or more", played)
	}
}

func (e *example) play(t *testing.T, name string, out map[string]any) (played int) {
	t.Helper()
	accepts := regexp.MustCompile(value(out, "match_regex"))
	var requests, alerts []emitted
	for _, in := range e.Pipeline.Inputs {
		m := e.emit(t, in)
		if !accepts.MatchString(m.tag) {
			t.Errorf("%s: the tag %q does not reach the plugin", name, m.tag)
		}
		if strings.HasPrefix(m.tag, "alert") {
			alerts = append(alerts, m)
		} else {
			requests = append(requests, m)
		}
	}
	for _, r := range requests {
		for _, a := range alerts {
			played++
			s := reader(t, out)
			for _, m := range []emitted{r, a} {
				for _, body := range m.records {
					s.flush(0, m.tag, body...)
				}
			}
			c := s.set.Counters()
			got := settle(t, s.c, 600)
			if d := got.of("/up/shell.aspx"); len(got) != 1 || d.Computer != "WEB01" || d.AttackerIP != "203.0.113.7" || d.SiteName != "W3SVC1" || d.PathMatch != partial {
				t.Errorf("%s: %s with %s: got %q, counters %+v", name, r.tag, a.tag, got.facts(), c)
			}
			if len(c.Refused)+len(c.Skipped) > 0 {
				t.Errorf("%s: %s with %s: %+v", name, r.tag, a.tag, c)
			}
		}
	}
	return played
}
