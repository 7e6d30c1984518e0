// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
	"webshell/plugin/format"
)

// check returns what is wrong with a line in a format.
func check(t *testing.T) map[string]func(m map[string]any) []string {
	ocsf, ecs, asim := readTable(t, "ocsf.txt"), readTable(t, "ecs.txt"), readTable(t, "asim.txt")
	return map[string]func(m map[string]any) []string{
		"ecs":  ecs.ecs,
		"asim": asim.asim,
		"ocsf": func(m map[string]any) []string { return ocsf.ocsf("", "detection_finding", m) },
	}
}

// made is when the tests' detections are made.
var made = correlate.At(time.Date(2026, 3, 2, 10, 20, 0, 120_000_000, time.UTC))

// kinds has one detection of every kind.
func kinds() map[string]*correlate.Detection {
	id := strings.Repeat("0123456789abcdef", 2)
	request := correlate.RequestEvidence{Time: made, Method: "POST", URIStem: "/up/shell.aspx", URIQuery: "cmd=x", Status: "200",
		SubStatus: "0", Win32Status: "0", Host: "www.contoso.com:443", Port: "443", UserName: `CONTOSO\iis`, UserAgent: "curl/8.4.0", Referer: "-"}
	full := correlate.Detection{ID: id, Revision: 3, TimeGenerated: made, StartTime: made - 9e9, EndTime: made, AttackerIP: "203.0.113.7",
		Computer: "WEB01.contoso.com", SiteName: "W3SVC1", ShellLocation: "/up/shell.aspx", RequestCount: 7, Requests: []correlate.RequestEvidence{request},
		RequestMethods: []string{"POST"}, RequestUserAgents: []string{"curl/8.4.0"}, RequestStatusCodes: []string{"200"}, ServerIPs: []string{"10.0.0.5"},
		AlertIDs: []string{"a", "b"}, AlertTitles: []string{"title"}, AlertTimes: []correlate.Instant{made}, AlertProviders: []string{"MDATP"},
		AlertLinks: []string{"https://security.microsoft.com/a"}, AlertSeverities: []string{"High"}, DeviceIDs: []string{"d"}, FileName: "shell.aspx",
		FileDirectory: `C:\inetpub\wwwroot\up`, FileHashes: []string{"MD5:d41d8cd98f00b204e9800998ecf8427e", "SHA256:short"}, Confidence: "high",
		PathMatch: "full", Coverage: "complete", ThreatNames: []string{"Backdoor"}, RequestUserNames: []string{`CONTOSO\iis`}, Truncated: []string{"RequestCookies"}}
	change := func(f func(d *correlate.Detection)) *correlate.Detection { d := full; f(&d); return &d }
	return map[string]*correlate.Detection{
		"update":              &full,
		"create":              change(func(d *correlate.Detection) { d.First = true }),
		"low":                 change(func(d *correlate.Detection) { d.Confidence = "low" }),
		"dismissed":           change(func(d *correlate.Detection) { d.AlertStatus = correlate.StatusDismissed }),
		"resolved":            change(func(d *correlate.Detection) { d.AlertStatus = correlate.StatusResolved }),
		"no requests kept":    change(func(d *correlate.Detection) { d.Requests = nil }),
		"zone in the address": change(func(d *correlate.Detection) { d.AttackerIP, d.ServerIPs = "fe80::1%18", []string{"fe80::2%18", "::1"} }),
		"short host":          change(func(d *correlate.Detection) { d.Computer = "WEB01" }),
		"odd method": change(func(d *correlate.Detection) {
			d.Requests = []correlate.RequestEvidence{{Method: "PROPFIND", Status: "-", Port: "99999"}}
		}),
		"unmatched": {ID: id, Revision: 1, First: true, TimeGenerated: made, Computer: "WEB01", FileName: "shell.aspx", AlertIDs: []string{"a"}, Coverage: "partial"},
		"application-wide": {ID: id, Revision: 1, First: true, TimeGenerated: made, Computer: "WEB01.contoso.com", FileName: "web.config",
			FileDirectory: `C:\inetpub\wwwroot`, AlertIDs: []string{"a"}, MatchedBy: []string{"application_wide"}, PathMatch: "unknown",
			Confidence: "low", Coverage: "since", CoverageSince: made - 9e12},
		"nothing known": {ID: id, Revision: 1, TimeGenerated: made},
	}
}

func TestFormats_kinds(t *testing.T) {
	checks := check(t)
	for name, d := range kinds() {
		for _, f := range []string{"ecs", "ocsf", "asim"} {
			if bad := checks[f](line(t, f, d)); len(bad) > 0 {
				t.Errorf("%s, %s:\n%s", f, name, strings.Join(bad, "\n"))
			}
		}
	}
}

// TestFormats_random holds formats to their schemas for detections full of an attacker's text.
func TestFormats_random(t *testing.T) {
	checks := check(t)
	rng := rand.New(rand.NewPCG(1, 5))
	for range 1000 {
		d := &correlate.Detection{}
		fill(rng, reflect.ValueOf(d).Elem())
		d.ID, d.TimeGenerated = strings.Repeat("0", 32), made
		for _, f := range []string{"ecs", "ocsf", "asim"} {
			if bad := checks[f](line(t, f, d)); len(bad) > 0 {
				t.Fatalf("%s, %+v:\n%s", f, d, strings.Join(bad, "\n"))
			}
		}
	}
}

// TestTables_notice makes sure that the checks can fail.
func TestTables_notice(t *testing.T) {
	checks := check(t)
	d := kinds()["update"]
	for f, changes := range map[string]map[string]func(m map[string]any){
		"ecs": {
			"missing":     func(m map[string]any) { delete(m, "@timestamp") },
			"other field": func(m map[string]any) { m["event"].(map[string]any)["color"] = "red" },
			"other kind":  func(m map[string]any) { m["event"].(map[string]any)["kind"] = "thing" },
			"no array":    func(m map[string]any) { m["related"].(map[string]any)["ip"] = "10.0.0.5" },
			"no address":  func(m map[string]any) { m["source"].(map[string]any)["ip"] = "-" },
		},
		"ocsf": {
			"missing":       func(m map[string]any) { delete(m["finding_info"].(map[string]any), "uid") },
			"no class":      func(m map[string]any) { delete(m, "class_uid") },
			"other field":   func(m map[string]any) { m["color"] = "red" },
			"other number":  func(m map[string]any) { m["severity_id"] = json.Number("7") },
			"text as time":  func(m map[string]any) { m["time"] = "2026" },
			"empty finding": func(m map[string]any) { m["evidences"] = []any{map[string]any{}} },
		},
		"asim": {
			"missing":     func(m map[string]any) { delete(m, "EventUid") },
			"other field": func(m map[string]any) { m["SrcIpAddr"] = "10.0.0.5" },
			"alias":       func(m map[string]any) { m["AlertId"] = "x" },
			"other value": func(m map[string]any) { m["AlertStatus"] = "Open" },
		},
	} {
		for name, change := range changes {
			m := line(t, f, d)
			change(m)
			if len(checks[f](m)) == 0 {
				t.Errorf("%s, %s: not noticed", f, name)
			}
		}
	}
}

// line formats d and reads it back.
func line(t *testing.T, name string, d *correlate.Detection) map[string]any {
	t.Helper()
	f, err := format.New(name)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(f.Append(nil, d)))
	dec.UseNumber()
	m := map[string]any{}
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// fill puts random text and numbers into v.
func fill(rng *rand.Rand, v reflect.Value) {
	texts := []string{"", "-", "203.0.113.7", "fe80::1%18", "::1", "GET", "x\xff\"", "443", "99999", "200", "a:1", "[::1]:80", `A\b`, "u@contoso.com",
		"SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "MD5:zz", "high", "low", "WEB01.contoso.com", "."}
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[rng.IntN(len(texts))])
	case reflect.Int64:
		v.SetInt(rng.Int64N(1 << 40))
	case reflect.Uint8:
		v.SetUint(rng.Uint64N(4))
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rng.IntN(3), 3))
		for i := range v.Len() {
			fill(rng, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(rng, v.Field(i))
		}
	default:
		panic(fmt.Sprint("BUG: ", v.Kind()))
	}
}
