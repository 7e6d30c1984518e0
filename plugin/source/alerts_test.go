// SPDX-License-Identifier: Apache-2.0

package source

import (
	"strings"
	"testing"

	"webshell/plugin/chunk/chunktest"
)

const (
	plainText    = `{"file":"shell.aspx","directory":"C:\\up","host":"WEB01","id":"7","time":"2026-03-02T09:00:00Z","title":"t","severity":"High"}`
	entitiesText = `[{"$id":"1","HostName":"WEB01","Type":"host"},{"$id":"2","Name":"shell.aspx","Directory":"C:\\up","Type":"file"}]`
	rowStart     = `{"TimeGenerated":"2026-03-02T09:00:00Z","SystemAlertId":"7","ProviderName":"MDATP","AlertSeverity":"High","Entities":`
	rowText      = rowStart + `"[{\"HostName\":\"WEB01\",\"Type\":\"host\"},{\"Name\":\"shell.aspx\",\"Type\":\"file\"}]"}`
	rowStructure = rowStart + entitiesText + `}`
)

// Alerts as records, as text, alone and in envelopes.
func TestAlerts_shapes(t *testing.T) {
	asText := func(text string) []byte { return chunktest.Tail("/alerts.json", 0, text) }
	asRecord := func(text string) []byte {
		return chunktest.Event(chunktest.New(), chunktest.TailTime, 0, pairsOf(t, []byte(text))...)
	}
	for _, alert := range []string{plainText, rowText, rowStructure} {
		for name, event := range map[string][]byte{
			"text":                    asText(alert),
			"record":                  asRecord(alert),
			"records, text":           asText(`{"records":[` + alert + `]}`),
			"records, record":         asRecord(`{"records":[` + alert + `]}`),
			"value, text":             asText(`{"value":[` + alert + `,` + strings.Replace(alert, "WEB01", "WEB09", 1) + `]}`),
			"bare array":              asText(`[` + alert + `]`),
			"array of arrays of text": asText(`[[` + alert + `]]`),
			"twice":                   append(asText(alert), asRecord(alert)...),
		} {
			t.Run(name, func(t *testing.T) {
				f := newFeed(t, tailOptions())
				f.flush("iis", record(strings.ToLower))
				f.flush("alert.x", event)
				f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
				f.wantRefused("")
			})
		}
	}
}

// What is no alert is counted with its reason; what stands beside it is used.
func TestAlerts_refused(t *testing.T) {
	asText := func(text string) []byte { return chunktest.Tail("/alerts.json", 0, text) }
	deep := any("x")
	for range 200 {
		deep = []any{deep}
	}
	for name, tc := range map[string]struct {
		event   []byte
		refused string
	}{
		"broken JSON":       {asText(`{"file":"shell.aspx",`), "alert_broken_json=1"},
		"no JSON":           {asText(`hello`), "alert_broken_json=1"},
		"empty":             {asText(``), "alert_broken_json=1"},
		"unknown shape":     {event("message", "x", "level", 7), "alert_unknown_shape=1"},
		"bad time":          {asText(strings.Replace(plainText, "2026-03-02T09:00:00Z", "yesterday", 1)), "alert_bad_time=1"},
		"another provider":  {asText(strings.Replace(rowText, "MDATP", "ASI Scheduled Alerts", 1)), "alert_provider=1"},
		"no entities":       {asText(rowStart + `"[]"}`), "alert_no_file=1"},
		"no file":           {asText(`{"file":"","host":"WEB01","id":"8"}`), "alert_no_file=1"},
		"broken entities":   {asText(rowStart + `"[{"}`), "alert_no_file=1"},
		"future":            {asText(strings.Replace(plainText, "2026-03-02", "2026-03-03", 1)), "alert_future=1"},
		"deep JSON":         {asText(strings.Repeat("[", 100000)), "alert_broken_json=1"},
		"deep envelopes":    {asText(strings.Repeat(`[`, 50) + plainText + strings.Repeat(`]`, 50)), "alert_too_deep=1"},
		"deep msgpack":      {event("a", deep), "event_too_deep=1"},
		"a value too large": {event("a", strings.Repeat("x", 70<<20)), "event_too_large=1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.flush("iis", record(strings.ToLower))
			f.flush("alert.x", tc.event, asText(plainText))
			f.wantFinals("WEB01 W3SVC1 " + shell + " 1")
			f.wantRefused(tc.refused)
		})
	}
}

// The keys of a record of no known shape are kept for the log, and never values.
func TestAlerts_unknownKeys(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.flush("alert.x", event("message", "secret", "level", "secret"))
	if got := strings.Join(f.set.UnknownKeys(), ","); got != "level,message" {
		t.Errorf("keys %q, want level,message", got)
	}
}

// What is no log event is skipped and counted by its kind; what is broken ends the chunk, behind what was used.
func TestFlush_skipped(t *testing.T) {
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	data := chunktest.Chunk(
		chunktest.Event(chunktest.New(), -1, 0, "group", "x"),
		record(strings.ToLower),
		chunktest.Event(chunktest.New(), -2, 0),
		chunktest.Append(nil, chunktest.Pairs{"meta", 1}),
		chunktest.Append(nil, 7),
		record(strings.ToLower),
	)
	if err := f.set.Flush(append(data, record(strings.ToLower)[:40]...), "iis", f.wall); err == nil {
		t.Error("no error for a chunk that ends inside an event")
	}
	if got := counts(f.set.Counters().Skipped); got != "group_end=1 group_start=1 not_an_event=2" {
		t.Errorf("skipped %q", got)
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 2")
}

// The clock is the latest time of any alert, whether it can be used or not.
func TestAlerts_moveTheClock(t *testing.T) {
	for name, alert := range map[string]string{
		"used":             plainText,
		"another provider": strings.Replace(rowText, "MDATP", "ASI Scheduled Alerts", 1),
		"no entities":      rowStart + `"[]"}`,
		"broken entities":  rowStart + `"[{"}`,
		"no file":          `{"file":"","host":"WEB01","time":"2026-03-02T09:00:00Z"}`,
		"no id":            `{"category":"AdvancedHunting-AlertInfo","properties":{"Timestamp":"2026-03-02T09:00:00Z","Title":"t"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.flush("alert.x", chunktest.Tail("/alerts.json", 0, alert))
			if got, want := f.engine.Clock(), instant(t, "2026-03-02T09:00:00Z"); got != want {
				t.Errorf("clock %d, want %d", got, want)
			}
		})
	}
}
