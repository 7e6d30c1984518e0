// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"webshell/correlate"
)

// wrongValues stand in for any value of a record.
var wrongValues = []any{
	nil, true, "", "x", "[", `{"$ref":"1"}`, int64(-1), uint64(1 << 63), 1e300, []byte("b"),
	map[string]any{}, []any{}, []any{nil, "x", map[string]any{"$ref": "2"}}, map[string]any{"$ref": "2", "$id": "2"},
	strings.Repeat("x", MaxName+1), struct{}{},
}

// TestRead_wrongValues puts each wrong value in each place of each fixture, and takes each member away. Nothing may
// panic, no limit may be passed, and the rest of the envelope must not suffer.
func TestRead_wrongValues(t *testing.T) {
	t.Parallel()
	for _, tt := range fixtures {
		for _, record := range decodeAll(t, readFixture(t, tt.file), true) {
			change(record, func() {
				for _, kql := range []bool{false, true} {
					alerts, out := readAll(t, Options{KQL: kql, Providers: []string{AnyProvider}, LogKey: "log"}, record)
					checkBounds(t, alerts, out)
				}
			})
		}
	}
}

// change calls visit once for each wrong value in each place of v, and once for each member gone, then puts all back.
func change(v any, visit func()) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			was := v[key]
			for _, wrong := range wrongValues {
				v[key] = wrong
				visit()
			}
			delete(v, key)
			visit()
			v[key] = was
			change(was, visit)
		}
	case []any:
		for i, was := range v {
			for _, wrong := range wrongValues {
				v[i] = wrong
				visit()
			}
			v[i] = was
			change(was, visit)
		}
	}
}

// checkBounds holds alerts to what their doc comments promise.
func checkBounds(t testing.TB, alerts []*correlate.Alert, out Outcome) {
	t.Helper()
	if len(out.Keys) > maxKeys {
		t.Errorf("%d keys", len(out.Keys))
	}
	for _, a := range alerts {
		if len(a.Files) > MaxFiles || len(a.Hosts) > MaxHosts || a.TruncatedRows < 0 || len(a.ID) > MaxID {
			t.Errorf("alert out of bounds: %d files, %d hosts, %d rows, id of %d", len(a.Files), len(a.Hosts), a.TruncatedRows, len(a.ID))
		}
		for _, s := range []string{a.Provider, a.Title, a.Severity, a.Link, a.VendorID, a.ThreatName, a.Remediation} {
			if len(s) > MaxNote {
				t.Errorf("text of %d bytes", len(s))
			}
		}
		for _, f := range a.Files {
			if f.Host < correlate.NoHost || f.Host >= len(a.Hosts) || len(f.Name) > MaxName || len(f.Directory) > MaxName || len(f.Hashes) > maxHashes {
				t.Errorf("file out of bounds: %.100v", f)
			}
		}
		for _, h := range a.Hosts {
			if len(h.HostName) > MaxName || len(h.DNSDomain) > MaxName || len(h.NTDomain) > MaxName || len(h.DeviceID) > MaxName {
				t.Errorf("host out of bounds: %.100v", h)
			}
		}
	}
}

// TestRead_oneWrongField says what is left of an alert when one field is wrong.
func TestRead_oneWrongField(t *testing.T) {
	t.Parallel()
	const none = "none"
	tests := []struct {
		file, old, new string
		want           string // a line that must be there, or none for no alert
		refused        Reason
	}{
		{"graph_alert.json", `"hostName": "web01"`, `"hostName": null`, "host web01.contoso.com|contoso.com|CONTOSO|", NumReasons},
		{"graph_alert.json", `"filePath": "C:\\inetpub\\wwwroot\\up"`, `"filePath": null`, "file shell.aspx:stream||SHA1:", NumReasons},
		{"graph_alert.json", `"fileDetails": {`, `"fileDetails": null, "other": {`, "file w3wp.exe|", NumReasons},
		{"graph_alert.json", `"createdDateTime": "2026-03-02T10:05:01.7211305Z"`, `"createdDateTime": "then"`, none, BadTime},
		{"graph_alert.json", `"createdDateTime": "2026-03-02T10:05:01.7211305Z"`, `"createdDateTime": null`, "time=2026-03-02T10:00:00Z", NumReasons},
		{"defender_api.json", `"computerDnsName": "web01.contoso.com"`, `"computerDnsName": []`, "host |||" + deviceAPI, NumReasons},
		{"defender_api.json", `"evidence": [`, `"evidence": "x", "other": [`, "host web01.contoso.com|", NumReasons},
		{"defender_api.json", `"status": "Resolved"`, `"status": 7`, "status=active", NumReasons},
		{"sentinel_row.json", `"Entities": "[`, `"Entities": "`, "none", NoFile},
		{"sentinel_row.json", `"ProviderName": "MDATP"`, `"ProviderName": "IPC"`, none, Provider},
		{"av_1116_inserts.json", `"TimeCreated": "2026-03-02 10:59:48 +0100"`, `"TimeCreated": "2026-03-02 11:59:48 +0100"`, "time=2026-03-02T10:00:00Z", NumReasons},
		{"av_1116_inserts.json", `"Computer": "WEB01.contoso.com"`, `"Computer": null`, "shell.aspx||| host=-1", NumReasons},
		{"av_1116_inserts.json", `"EventID": 1116`, `"EventID": "1116"`, "shell.aspx||| host=0", NumReasons},
		{"av_1116_inserts.json", `"StringInserts": [`, `"StringInserts": ["moved",`, "shell.aspx||| host=0", NumReasons},
		{"av_1116_xml.json", `</EventRecordID>`, `</EventRecordID`, none, UnknownShape},
		{"av_1116_xml.json", `<Event xmlns`, `<!DOCTYPE x [<!ENTITY e 'y'>]><Event xmlns`, none, UnknownShape},
		{"av_1116_xml.json", `file:_C:`, `file:_&e;C:`, none, UnknownShape},
		{"xdr_streaming.json", `"AlertId": "da638765432100000005_2006612345"`, `"AlertId": null`, "file shell.aspx|", NoFile},
		{"sysmon_11_map.json", `"UtcTime": "2026-03-02 09:59:57.123"`, `"UtcTime": ""`, "time=2026-03-02T09:59:58Z", NumReasons},
		{"sysmon_11_map.json", `"TargetFilename"`, `"Target"`, none, NoFile},
		{"incident_playbook.json", `"createdTimeUtc": "2026-03-02T10:07:30.12Z"`, `"createdTimeUtc": {}`, none, BadTime},
	}
	for _, tt := range tests {
		text := readFixture(t, tt.file)
		changed := strings.Replace(text, tt.old, tt.new, 1)
		if changed == text {
			t.Errorf("%s does not hold %s", tt.file, tt.old)
		}
		alerts, out := readText(t, Options{}, changed)
		got := summaries(alerts)
		if tt.want == none && got != "" || tt.want != none && !strings.Contains(got, tt.want) {
			t.Errorf("%s with %s: got\n%swant %s", tt.file, tt.new, got, tt.want)
		}
		if tt.refused != NumReasons && out.Refused[tt.refused] == 0 {
			t.Errorf("%s with %s: refused %v, want %s", tt.file, tt.new, out.Refused, tt.refused)
		}
	}
}

// TestRead_kqlOtherShapes reads every shape but SecurityAlert the same way under kql.
func TestRead_kqlOtherShapes(t *testing.T) {
	t.Parallel()
	for _, tt := range fixtures {
		if strings.HasPrefix(tt.file, "sentinel") {
			continue
		}
		windows, _ := readText(t, Options{}, readFixture(t, tt.file))
		kql, _ := readText(t, Options{KQL: true}, readFixture(t, tt.file))
		if !reflect.DeepEqual(windows, kql) {
			t.Errorf("%s: under kql\n%swant\n%s", tt.file, summaries(kql), summaries(windows))
		}
	}
}

// TestRead_manyEntities reads alerts with more of everything than is kept.
func TestRead_manyEntities(t *testing.T) {
	t.Parallel()
	repeat := func(n int, f func(int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = f(i)
		}
		return strings.Join(parts, ",")
	}
	file := func(i int) string { return `{"Type":"file","Name":"f` + number(i) + `.aspx"}` }
	host := func(i int) string { return `{"Type":"host","HostName":"h` + number(i) + `"}` }
	tests := []struct {
		name, entities       string
		files, hosts, missed int
		tooLarge             int
	}{
		{"files", repeat(MaxFiles+5, file), MaxFiles, 0, 0, 1},
		{"hosts", repeat(MaxHosts+5, host), 0, MaxHosts, 0, 1},
		{"one host often", repeat(3000, func(int) string { return host(1) }), 0, 1, 0, 0},
		{"entities", host(1) + `,` + repeat(MaxEntities+7, func(int) string { return `{"Type":"ip"}` }), 0, 1, 8, 0},
		{"a member with too many values", file(1) + `,{"x":[0` + strings.Repeat(`,0`, MaxValues) + `]}`, 1, 0, 0, 1},
		{"a long name among others", file(1) + `,{"Type":"file","Name":"` + strings.Repeat("n", MaxName+1) + `"},` + file(2), 2, 0, 0, 1},
	}
	for _, tt := range tests {
		alerts, out := readText(t, Options{}, row(quote(`[`+tt.entities+`]`)))
		if len(alerts) != 1 {
			t.Errorf("%s: %d alerts, want 1", tt.name, len(alerts))
			continue
		}
		a := alerts[0]
		if len(a.Files) != tt.files || len(a.Hosts) != tt.hosts || a.TruncatedRows != tt.missed || out.Refused[TooLarge] != tt.tooLarge {
			t.Errorf("%s: %d files, %d hosts, %d truncated, %d too large, want %d, %d, %d, %d", tt.name,
				len(a.Files), len(a.Hosts), a.TruncatedRows, out.Refused[TooLarge], tt.files, tt.hosts, tt.missed, tt.tooLarge)
		}
	}
}

// TestRead_owned changes a record's bytes after reading: the alert must not change with them.
func TestRead_owned(t *testing.T) {
	t.Parallel()
	name := []byte("a.aspx")
	alerts, _ := readAll(t, Options{}, map[string]any{"file": name, "title": name, "host": name, "id": name})
	for i := range name {
		name[i] = 'z'
	}
	a := alerts[0]
	if a.Files[0].Name != "a.aspx" || a.Title != "a.aspx" || a.Hosts[0].HostName != "a.aspx" || a.ID != "a.aspx" {
		t.Errorf("got %+v", a)
	}
}
