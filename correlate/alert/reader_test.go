// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"webshell/correlate"
)

func TestRead_envelopes(t *testing.T) {
	t.Parallel()
	const one, two = `{"file":"a.aspx","id":"1"}`, `{"file":"b.aspx","id":"2"}`
	tests := []struct {
		name, text string
		ids        string
		refused    map[Reason]int
	}{
		{"one", one, "1", nil},
		{"byte order mark", "\ufeff" + one, "1", nil},
		{"array", `[` + one + `,` + two + `]`, "1 2", nil},
		{"records", `{"records":[` + one + `,` + two + `]}`, "1 2", nil},
		{"value, with more beside", `{"@odata.context":"x","value":[` + one + ` , ` + two + `],"n":1}`, "1 2", nil},
		{"key written with an escape", `{"\u0072ecords":[` + one + `]}`, "1", nil},
		{"envelope in an array", `[{"value":[` + one + `]},` + two + `]`, "1 2", nil},
		{"texts in an envelope", `{"records":[` + quote(one) + `]}`, "1", nil},
		{"text in text", quote(one), "1", nil},
		{"one after another", one + two + "\r\n" + one, "1 2 1", nil},
		{"empty array", `[]`, "", nil},
		{"empty page", `{"value":[]}`, "", nil},
		{"empty text", ``, "", map[Reason]int{BrokenJSON: 1}},
		{"no JSON", `hello`, "", map[Reason]int{BrokenJSON: 1}},
		{"cut off", one[:12], "", map[Reason]int{BrokenJSON: 1}},
		{"cut off behind a whole one", one + two[:12], "1", map[Reason]int{BrokenJSON: 1}},
		{"array cut off", `[` + one + `,{"file":`, "1", map[Reason]int{BrokenJSON: 1}},
		{"a broken member", `[` + one + `,{"file"},` + two + `]`, "1 2", map[Reason]int{BrokenJSON: 1}},
		{"comma missing", `[` + one + two + `]`, "1", map[Reason]int{BrokenJSON: 1}},
		{"a broken line", one + "\n{\"file\"}\n" + two, "1 2", map[Reason]int{BrokenJSON: 1}},
		{"scalars", `[1,null,"x"]`, "", map[Reason]int{UnknownShape: 3}},
		{"value of another kind", `{"value":[1,2],"file":"a.aspx","id":"1"}`, "1", nil},
		{"envelopes without end", strings.Repeat(`[`, 20) + strings.Repeat(`]`, 20), "", map[Reason]int{TooDeep: 1}},
	}
	for _, tt := range tests {
		alerts, out := readText(t, Options{}, tt.text)
		var ids []string
		for _, a := range alerts {
			ids = append(ids, a.ID)
		}
		if got := strings.Join(ids, " "); got != tt.ids {
			t.Errorf("%s: ids %q, want %q", tt.name, got, tt.ids)
		}
		for r := range NumReasons {
			if out.Refused[r] != tt.refused[r] {
				t.Errorf("%s: %s = %d, want %d", tt.name, r, out.Refused[r], tt.refused[r])
			}
		}
	}
}

func TestRead_logKey(t *testing.T) {
	t.Parallel()
	plain := map[string]any{"file": "a.aspx"}
	tests := []struct {
		name   string
		record any
		want   int
	}{
		{"text", map[string]any{"log": `{"file":"a.aspx"}`}, 1},
		{"bytes", map[string]any{"log": []byte(`{"file":"a.aspx"}`)}, 1},
		{"structure", map[string]any{"log": plain}, 1},
		{"list", map[string]any{"log": []any{plain, plain}}, 2},
		{"tail's path_key is called file", map[string]any{"file": "/var/alerts.json", "log": `[{"file":"a.aspx"},{"file":"b.aspx"}]`}, 2},
		{"a plain alert with a remark", map[string]any{"file": "a.aspx", "log": "seen"}, 1},
		{"another key", map[string]any{"message": `{"file":"a.aspx"}`}, 0},
		{"text as the whole record", `{"file":"a.aspx"}`, 1},
		{"records as a structure", map[string]any{"records": []any{plain, plain}}, 2},
		{"a list", []any{plain}, 1},
		{"nil", nil, 0},
		{"number", int64(4), 0},
	}
	for _, tt := range tests {
		if alerts, out := readAll(t, Options{LogKey: "log"}, tt.record); len(alerts) != tt.want {
			t.Errorf("%s: %d alerts, want %d (%+v)", tt.name, len(alerts), tt.want, out)
		}
	}
}

func TestRead_limits(t *testing.T) {
	t.Parallel()
	nest := func(n int) string {
		return `{"file":"a.aspx","x":` + strings.Repeat(`[`, n) + strings.Repeat(`]`, n) + `}`
	}
	tests := []struct {
		name, text string
		alerts     int
		refused    Reason
	}{
		{"as deep as may be", nest(MaxDepth - 1), 1, NumReasons},
		{"one deeper", nest(MaxDepth), 0, TooDeep},
		{"a deep one among others", `[{"file":"a"},` + nest(1000) + `,{"file":"b"}]`, 2, TooDeep},
		{"as many values as may be", `{"file":"a","x":[0` + strings.Repeat(`,0`, MaxValues-5) + `]}`, 1, NumReasons},
		{"more values", `{"file":"a","x":[0` + strings.Repeat(`,0`, MaxValues) + `]}`, 0, TooLarge},
		{"a long text", `{"file":"a","x":"` + strings.Repeat("x", MaxText) + `"}`, 0, TooLarge},
		{"10 MB in a field that is not read", `{"file":"a","x":"` + strings.Repeat("x", 10<<20) + `"}`, 1, NumReasons},
		{"10 MB name", `{"file":"` + strings.Repeat("x", 10<<20) + `"}`, 0, TooLarge},
		{"10 MB name among others", `{"file":["a","` + strings.Repeat("x", 10<<20) + `"]}`, 1, TooLarge},
		{"many texts", strings.Repeat(`"[]"`, MaxRecords+10), 0, TooLarge},
		{"many words", strings.Repeat(`"x"`, MaxRecords+10), 0, TooLarge},
		{"many records", strings.Repeat(`{}`, MaxRecords+10), 0, TooLarge},
	}
	for _, tt := range tests {
		alerts, out := readText(t, Options{}, tt.text)
		if len(alerts) != tt.alerts {
			t.Errorf("%s: %d alerts, want %d", tt.name, len(alerts), tt.alerts)
		}
		if tt.refused != NumReasons && out.Refused[tt.refused] != 1 {
			t.Errorf("%s: %s = %d, want 1", tt.name, tt.refused, out.Refused[tt.refused])
		}
	}
}

func TestRead_plain(t *testing.T) {
	t.Parallel()
	const text = `{"file":"shell.aspx","directory":"C:\\up","host":"web01","domain":"contoso.com","id":"y-1","time":"2026-03-02T09:59:58.1234567Z",
		"title":"YARA hit","severity":"high","provider":"MDATP","sha1":"11","sha256":"22","md5":"33"}`
	alerts, _ := readText(t, Options{}, text)
	want := []*correlate.Alert{{
		Shape: correlate.ShapePlain, ID: "y-1", Provider: "MDATP", Time: arrival - 2e9 + 123456700, Title: "YARA hit", Severity: "high",
		Files: []correlate.FileEntity{{
			Name: "shell.aspx", Directory: `C:\up`, Hashes: []string{"MD5:33", "SHA1:11", "SHA256:22"}, Host: correlate.NoHost, Listed: true,
		}},
		Hosts: []correlate.HostEntity{{HostName: "web01", DNSDomain: "contoso.com", Listed: true}},
	}}
	if !reflect.DeepEqual(alerts, want) {
		t.Errorf("got %s\nwant %s", dump(alerts), dump(want))
	}
}

func TestRead_provider(t *testing.T) {
	t.Parallel()
	tests := []struct {
		providers []string
		provider  string
		want      int
	}{
		{nil, `,"provider":"MDATP"`, 1},
		{nil, `,"provider":"mdatp"`, 0},
		{nil, ``, 1},
		{nil, `,"provider":""`, 1},
		{[]string{"YARA", "FIM"}, `,"provider":"FIM"`, 1},
		{[]string{"YARA"}, `,"provider":"MDATP"`, 0},
		{[]string{"*"}, `,"provider":"anything"`, 1},
	}
	for _, tt := range tests {
		alerts, out := readText(t, Options{Providers: tt.providers}, `{"file":"a.aspx"`+tt.provider+`}`)
		if len(alerts) != tt.want || out.Refused[Provider] != 1-tt.want {
			t.Errorf("providers %q, alert%s: %d alerts, %d refused, want %d", tt.providers, tt.provider, len(alerts), out.Refused[Provider], tt.want)
		}
	}
}

func TestRead_plainOddities(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       string
		refused    Reason
	}{
		{"a whole path", `{"file":"C:\\up\\a.aspx"}`, "file C:\\up\\a.aspx||| host=-1 listed=true\n", NumReasons},
		{"lists", `{"file":["a","b",3,null,{}],"host":["w","v","w"]}`,
			"file a||| host=-1 listed=true\nfile b||| host=-1 listed=true\nfile 3||| host=-1 listed=true\nhost w||| listed=true\nhost v||| listed=true\n", NumReasons},
		{"an NT domain", `{"file":"a","host":"w","domain":"CORP"}`, "file a||| host=-1 listed=true\nhost w||CORP| listed=true\n", NumReasons},
		{"an NT domain with a dot behind", `{"file":"a","host":"w","domain":"CORP."}`, "file a||| host=-1 listed=true\nhost w||CORP.| listed=true\n", NumReasons},
		{"null file", `{"file":null,"host":"w"}`, "", NoFile},
		{"empty file", `{"file":""}`, "", NoFile},
		{"file of the wrong type", `{"file":{"name":"a"}}`, "", NoFile},
		{"no time can be read", `{"file":"a","time":"yesterday"}`, "", BadTime},
		{"time is an object", `{"file":"a","time":{}}`, "", BadTime},
		{"everything else of the wrong type", `{"file":"a","directory":[1],"host":{},"domain":true,"id":[],"time":null,"title":{},"severity":[],"sha1":{}}`,
			"file a||| host=-1 listed=true\n", NumReasons},
		{"unknown", `{"File":"a"}`, "", UnknownShape},
	}
	for _, tt := range tests {
		alerts, out := readText(t, Options{}, tt.text)
		got := ""
		for _, a := range alerts {
			got += entityText(a)
		}
		if got != tt.want {
			t.Errorf("%s: got\n%swant\n%s", tt.name, got, tt.want)
		}
		if tt.refused != NumReasons && out.Refused[tt.refused] != 1 {
			t.Errorf("%s: %s = %d, want 1", tt.name, tt.refused, out.Refused[tt.refused])
		}
	}
}

func TestRead_detection(t *testing.T) {
	t.Parallel()
	own := `{"DetectionId":"6f0c0000000000000000000000000000","Revision":3,"RuleId":"` + RuleID + `","FileName":"a.aspx"}`
	alerts, out := readText(t, Options{}, `[`+own+`,{"file":"a.aspx"},`+strings.Replace(own, "DetectionId", "Id", 1)+`]`)
	if len(alerts) != 1 || out.Detections != 1 || out.Refused[UnknownShape] != 1 {
		t.Errorf("got %d alerts, %+v, want 1 alert, 1 detection, 1 unknown shape", len(alerts), out)
	}
}

func TestRead_derivedID(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, text := range []string{
		`{"file":"a"}`, `{"file":"b"}`, `{"file":"a","directory":"b"}`, `{"file":"a","host":"b"}`, `{"file":"a","host":"c"}`,
		`{"file":"a","title":"b"}`, `{"file":"a","time":1772445601}`, `{"file":["a","b"]}`,
	} {
		alerts, _ := readText(t, Options{}, text)
		again, _ := readText(t, Options{}, text)
		id := alerts[0].ID
		if len(id) != 32 || id != again[0].ID {
			t.Errorf("%s: ids %q and %q, want one of 32 digits", text, id, again[0].ID)
		}
		if other, taken := seen[id]; taken {
			t.Errorf("%s and %s share the id %s", text, other, id)
		}
		seen[id] = text
	}
}

func TestRead_longID(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxID)
	a, _ := readText(t, Options{}, `[{"file":"a","id":"`+long+`1"},{"file":"a","id":"`+long+`2"},{"file":"a","id":"`+long+`"}]`)
	if a[0].ID == a[1].ID || len(a[0].ID) != 64 || a[2].ID != long {
		t.Errorf("ids %.80q %.80q %.80q, want two hashes and the id itself", a[0].ID, a[1].ID, a[2].ID)
	}
}

func TestOutcome_keys(t *testing.T) {
	t.Parallel()
	m := map[string]any{"k\x1b[31m\n": 1, strings.Repeat("é", 200): "secret value"}
	for i := range 100 {
		m[fmt.Sprintf("key%03d", i)] = "secret value"
	}
	var first []string
	for range 20 {
		_, out := readAll(t, Options{}, m)
		if first == nil {
			first = out.Keys
		}
		if !reflect.DeepEqual(out.Keys, first) {
			t.Fatalf("keys %q, at first %q", out.Keys, first)
		}
	}
	if len(first) != maxKeys {
		t.Errorf("%d keys, want %d", len(first), maxKeys)
	}
	for _, k := range first {
		if len(k) > maxKeyLength || strings.ContainsAny(k, "\x1b\n") || strings.Contains(k, "secret") {
			t.Errorf("key %q", k)
		}
	}
}
