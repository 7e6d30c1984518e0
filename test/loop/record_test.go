// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
)

// record is one JSON object of a file.
type record map[string]any

// at is the text at a path of keys, "" without one.
func (r record) at(path ...string) string {
	var v any = map[string]any(r)
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[key]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// records reads the whole lines of a file that may not be there yet.
func records(t testing.TB, path string) []record {
	t.Helper()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	var rs []record
	for line := range bytes.Lines(text) {
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		var r record
		if err := dec.Decode(&r); err != nil {
			t.Fatalf("%s: %v in %s", path, err, line)
		}
		rs = append(rs, r)
	}
	return rs
}

// where says at which paths a format has what the tests look at.
type where struct{ id, revision, client, count []string }

// formats has one entry a format.
var formats = map[string]where{
	"sentinel": {[]string{"DetectionId"}, []string{"Revision"}, []string{"AttackerIP"}, []string{"RequestCount"}},
	"ecs": {[]string{"webshell", "detection_id"}, []string{"webshell", "revision"}, []string{"source", "ip"},
		[]string{"webshell", "request_count"}},
	"ocsf": {[]string{"finding_info", "uid"}, []string{"unmapped", "Revision"}, []string{"unmapped", "AttackerIP"},
		[]string{"unmapped", "RequestCount"}},
	"asim": {[]string{"EventUid"}, []string{"AdditionalFields", "Revision"}, []string{"AdditionalFields", "AttackerIP"},
		[]string{"AdditionalFields", "RequestCount"}},
}

// counts gives each client's RequestCount of its last revision, and fails where a revision came twice.
func (w where) counts(t testing.TB, rs []record) map[string]string {
	t.Helper()
	seen, got := map[string]bool{}, map[string]string{}
	for _, r := range rs {
		key := r.at(w.id...) + "/" + r.at(w.revision...)
		if seen[key] || len(r.at(w.id...)) != 32 {
			t.Errorf("%s twice, or no id", key)
		}
		seen[key] = true
		got[r.at(w.client...)] = r.at(w.count...)
	}
	return got
}

// world is a log and an alert of the last hour.
type world struct{ began time.Time }

// newWorld began an hour ago.
func newWorld() world { return world{time.Now().UTC().Add(-time.Hour).Truncate(time.Second)} }

// head is how a log begins.
const head = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-computername s-sitename s-ip " +
	"cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status\n"

// request is a line of that log.
func (w world) request(second int, client, stem string) string {
	at := w.began.Add(time.Duration(second) * time.Second).Format("2006-01-02 15:04:05")
	return fmt.Sprintf("%s WEB01.contoso.com W3SVC1 10.0.0.5 POST %s cmd=whoami 443 %s curl/8.4.0 200\n", at, stem, client)
}

// requests is that many lines, a second apart.
func (w world) requests(second int, client string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(w.request(second+i, client, "/up/shell.aspx"))
	}
	return b.String()
}

// alert names a file of the server, a quarter of an hour into the world.
func (w world) alert(file, directory string) string {
	text, err := json.Marshal(map[string]string{"file": file, "directory": directory, "host": "web01.contoso.com",
		"id": "yara-" + file, "time": w.began.Add(15 * time.Minute).Format(time.RFC3339), "title": "YARA", "severity": "High"})
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text) + "\n"
}

// counter is a number that the plugin's last line gives a name, -1 without it.
func counter(p *process, name string) int {
	_, line, ok := strings.Cut(p.printed(), "[output:webshell] stopped ")
	if !ok {
		return -1
	}
	line, _, _ = strings.Cut(line, "\n")
	for _, word := range strings.Fields(line) {
		n := -1
		if key, value, ok := strings.Cut(word, "="); ok && key == name {
			if _, err := fmt.Sscan(value, &n); err == nil {
				return n
			}
		}
	}
	return -1
}
