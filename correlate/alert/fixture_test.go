// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"webshell/correlate"
)

const (
	sha256Text = "SHA256:3f1c0a5be8d24d6e9f7a5b1c2d3e4f5061728394a5b6c7d8e9f0011223344556"
	sha1Text   = "SHA1:5f2b51ca2684de04a2a5c64c6c2c8f6f3a6d1c0e"
	md5Text    = "MD5:0cc175b9c0f1b6a831c399e269772661"
	device1    = "73e7e2de709dff64ef64b1d0c30e67fab6327901"
	device2    = "73e7e2de709dff64ef64b1d0c30e67fab6327902"
	deviceWeb  = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
	deviceAPI  = "543bc5a964f417c11f6277d5bf9489f0d0000001"
	upFolder   = `C:\inetpub\wwwroot\up`
	inetsrv    = `C:\Windows\System32\inetsrv`
)

// summary writes what an alert says, one fact a line, without what is empty.
func summary(a *correlate.Alert) string {
	var b strings.Builder
	fmt.Fprintf(&b, "alert shape=%d id=%s time=%s status=%s cloud=%t\n", a.Shape, a.ID, a.Time, a.Status, a.IsCloud)
	for _, f := range []struct{ name, value string }{
		{"provider", a.Provider}, {"title", a.Title}, {"severity", a.Severity}, {"link", a.Link},
		{"vendor", a.VendorID}, {"threat", a.ThreatName}, {"remediation", a.Remediation},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, "%s %s\n", f.name, f.value)
		}
	}
	return b.String() + entityText(a)
}

func summaries(alerts []*correlate.Alert) string {
	var b strings.Builder
	for _, a := range alerts {
		b.WriteString(summary(a))
	}
	return b.String()
}

// fixtures are the records in testdata and what each must give. testdata/README.md names where their forms come from.
var fixtures = []struct {
	file    string
	want    string
	refused map[Reason]int
}{
	{"sentinel_row.json", `alert shape=1 id=2518c0de-0000-4000-8000-00000000abcd time=2026-03-02T10:05:12.4567891Z status=active cloud=true
provider MDATP
title Possible web shell installation
severity High
link https://security.microsoft.com/alerts/da638765432100000000_-1234567890
vendor da638765432100000000_-1234567890
file shell.aspx|` + upFolder + `|` + sha1Text + `,` + sha256Text + `| host=0 listed=true
file w3wp.exe|` + inetsrv + `|SHA1:e0c1d6a3f6f8c2c6c46c5a2a40ed4862ac15b2f5| host=0 listed=false
host web01|contoso.com|CONTOSO|` + deviceWeb + ` listed=true
`, nil},
	{"sentinel_two_hosts.json", `alert shape=1 id=2518c0de-0000-4000-8000-00000000beef time=2026-03-02T10:06:00Z status=dismissed cloud=true
provider MDATP
title 'Chopper' backdoor was detected
severity Medium
threat Backdoor:ASP/Chopper.F!dha
file default.aspx|D:\sites\a||Remediated host=0 listed=true
file x.ashx||| host=1 listed=true
host web01|contoso.com|| listed=true
host WEB02||CONTOSO| listed=true
host web03||| listed=true
`, nil},
	{"incident_playbook.json", `alert shape=2 id=1c000000-0000-4000-8000-000000000001 time=2026-03-02T10:07:30.12Z status=dismissed cloud=true
provider Azure Sentinel
title Web shell on web01
severity High
link https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident/1c000000
vendor 3177
file shell.aspx|` + upFolder + `|` + sha256Text + `| host=0 listed=true
file w3wp.exe|` + inetsrv + `|| host=0 listed=true
host web01|contoso.com|CONTOSO|` + deviceWeb + ` listed=true
host WEB02||| listed=true
`, nil},
	{"incident_entities.json", `alert shape=2 id=0c2e3122875d91f9daaf53f319d691e4 time=2026-03-02T10:00:00Z status=active cloud=true
file shell.aspx|` + upFolder + `|` + sha256Text + `| host=0 listed=true
host web01|contoso.com|CONTOSO|` + deviceWeb + ` listed=true
host WEB02||| listed=true
`, nil},
	{"graph_alert.json", `alert shape=3 id=da638765432100000001_-961444813 time=2026-03-02T10:05:01.7211305Z status=active cloud=true
provider microsoftDefenderForEndpoint
title Suspicious web shell
severity high
link https://security.microsoft.com/alerts/da638765432100000001_-961444813
vendor da638765432100000001_-961444813
threat Backdoor:ASP/Webshell
file shell.aspx:stream|` + upFolder + `|` + sha1Text + `,` + sha256Text + `|remediated host=0 listed=true
file w3wp.exe|` + inetsrv + `||none host=0 listed=false
host web01|contoso.com|CONTOSO|` + device1 + ` listed=true
`, nil},
	{"graph_page.json", `alert shape=3 id=da2 time=2026-03-02T10:05:01Z status=resolved cloud=true
provider microsoftDefenderForEndpoint
title Two devices
severity medium
link https://security.microsoft.com/alerts/da2
vendor da2
threat Chopper
file a.aspx|||none host=1 listed=true
file b.aspx|` + upFolder + `|` + sha256Text + `|none host=2 listed=true
file c.aspx|` + upFolder + `|` + sha1Text + `|none host=-1 listed=true
host web01.contoso.com|||` + device1 + ` listed=true
host web02.contoso.com|||` + device2 + ` listed=true
host |||73e7e2de709dff64ef64b1d0c30e67fab6327999 listed=false
alert shape=3 id=da3 time=2026-03-02T09:00:00Z status=dismissed cloud=true
provider microsoftDefenderForEndpoint
title No harm
severity low
link https://security.microsoft.com/alerts/da3
vendor da3
`, nil},
	{"defender_api.json", `alert shape=4 id=da638765432100000002_1126926584 time=2026-03-02T10:05:02.1084877Z status=resolved cloud=true
provider WindowsDefenderAtp
title A web shell was written by IIS
severity Medium
threat Backdoor:ASP/Chopper.F!dha
file shell.aspx|` + upFolder + `|` + sha1Text + `,` + sha256Text + `|Prevented host=0 listed=true
file cmd.exe|C:\Windows\System32||Detected host=0 listed=false
host web01.contoso.com|||` + deviceAPI + ` listed=true
`, nil},
	{"defender_api_split.json", `alert shape=4 id=da638765432100000002_1126926584 time=2026-03-02T10:05:02.1084877Z status=active cloud=true
provider WindowsDefenderAtp
title A web shell was written by IIS
severity Medium
file shell.aspx|` + upFolder + `\shell.aspx|| host=0 listed=true
host web01.contoso.com|||` + deviceAPI + ` listed=true
alert shape=4 id=da638765432100000002_1126926584 time=2026-03-02T10:05:02.1084877Z status=active cloud=true
provider WindowsDefenderAtp
title A web shell was written by IIS
severity Medium
host web01.contoso.com|||` + deviceAPI + ` listed=true
alert shape=4 id=da638765432100000003_-2102938302 time=2026-03-02T10:05:02.1084877Z status=dismissed cloud=true
provider WindowsDefenderAv
title A web shell was written by IIS
severity Informational
file amsistream-1D89ECED25A52AB98B76FF619B7BA07A||` + sha1Text + `| host=0 listed=true
host web02|||` + deviceAPI + ` listed=true
alert shape=4 id=da638765432100000004_1 time=2026-03-02T10:05:02.1084877Z status=active cloud=true
provider WindowsDefenderAtp
title A web shell was written by IIS
severity Medium
host web01.contoso.com||| listed=true
`, nil},
	{"xdr_streaming.json", xdrHead + xdrHead + `threat Chopper
file shell.aspx|` + upFolder + `|` + sha1Text + `,` + sha256Text + `|Active host=-1 listed=true
` + xdrHead + `host web01.contoso.com|||` + device1 + ` listed=true
` + xdrHead + `file b.aspx|` + upFolder + `\b.aspx|| host=0 listed=true
host web01.contoso.com|||` + device1 + ` listed=false
` + xdrHead + `file powershell.exe|C:\Windows\System32|` + md5Text + `| host=0 listed=false
host web01|contoso.com||` + device1 + ` listed=false
` + xdrHead + `host web01|contoso.com||` + device1 + ` listed=true
`, map[Reason]int{NoFile: 1, Telemetry: 1}},
	{"av_1116_inserts.json", `alert shape=6 id={0EBC4BEA-5532-4EFB-8A34-64F91CC8702E} time=2026-03-02T09:59:48Z status=active cloud=false
` + avHead + `remediation Not Applicable
file ` + upFolder + `\shell.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"av_1117_map.json", `alert shape=6 id={0EBC4BEA-5532-4EFB-8A34-64F91CC8702E} time=2026-03-02T09:59:48Z status=active cloud=false
` + avHead + `remediation Quarantine
file C:\up\kit; v2.zip||| host=0 listed=true
file ` + upFolder + `\shell.aspx||| host=0 listed=true
file ` + upFolder + `\b.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"av_1116_xml.json", `alert shape=6 id={11111111-5532-4EFB-8A34-64F91CC8702E} time=2026-03-02T09:59:48.3526591Z status=active cloud=false
` + avHead + `remediation Not Applicable
file C:\a & b\shell.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"av_1116_message.json", `alert shape=6 id=5883 time=2026-03-02T09:59:48Z status=active cloud=false
provider Microsoft-Windows-Windows Defender
file ` + upFolder + `\shell.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"av_1006_inserts.json", `alert shape=6 id={22222222-5532-4EFB-8A34-64F91CC8702E} time=2026-03-02T09:59:48Z status=active cloud=false
provider Microsoft-Windows-Windows Defender
title Backdoor:ASP/Ace.T
severity Severe
threat Backdoor:ASP/Ace.T
file ` + upFolder + `\shell.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"av_1015_inserts.json", `alert shape=6 id=5885 time=2026-03-02T09:59:48Z status=active cloud=false
provider Microsoft-Windows-Windows Defender
title Backdoor:ASP/Ace.T
severity Severe
threat Backdoor:ASP/Ace.T
file ` + upFolder + `\other.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"av_1120_inserts.json", `alert shape=6 id=5886 time=2026-03-02T09:59:48Z status=active cloud=false
provider Microsoft-Windows-Windows Defender
file ` + upFolder + `\shell.aspx||` + sha1Text + `,` + sha256Text + `| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"av_1121_inserts.json", `alert shape=6 id=5887 time=2026-03-02T09:59:48Z status=active cloud=false
` + asrTail + `alert shape=6 id=5889 time=2026-03-02T09:59:48Z status=active cloud=false
` + asrTail, map[Reason]int{Telemetry: 1}},
	{"av_other.json", "", map[Reason]int{Telemetry: 2, NoFile: 1}},
	{"sysmon_11_inserts.json", `alert shape=7 id=9001 time=2026-03-02T09:59:57.123Z status=active cloud=false
provider Microsoft-Windows-Sysmon
title technique_id=T1505.003,technique_name=Web Shell
file ` + upFolder + `\shell.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, map[Reason]int{Telemetry: 3}},
	{"sysmon_11_map.json", `alert shape=7 id=9005 time=2026-03-02T09:59:57.123Z status=active cloud=false
provider Microsoft-Windows-Sysmon
title WebShell
file ` + upFolder + `\shell.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`, nil},
	{"plain.json", `alert shape=8 id=yara-17 time=2026-03-02T09:59:58Z status=active cloud=false
title webshell_asp_generic
severity high
file ` + upFolder + `\shell.aspx||` + md5Text + `,` + sha256Text + `| host=-1 listed=true
host web01|contoso.com|| listed=true
`, nil},
}

// Beginnings that several alerts share.
const (
	xdrHead = `alert shape=5 id=da638765432100000005_2006612345 time=2026-03-02T10:04:56.5950497Z status=active cloud=true
provider Microsoft Defender for Endpoint
title Web shell behavior
severity High
`
	avHead = `provider Microsoft-Windows-Windows Defender
title Backdoor:ASP/Chopper.F!dha
severity Severe
threat Backdoor:ASP/Chopper.F!dha
`
	asrTail = `provider Microsoft-Windows-Windows Defender
title Block Webshell creation for Servers
file ` + upFolder + `\shell.aspx||| host=0 listed=true
host WEB01.contoso.com||| listed=true
`
)

func readFixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRead_fixtures(t *testing.T) {
	t.Parallel()
	for _, tt := range fixtures {
		alerts, out := readText(t, Options{}, readFixture(t, tt.file))
		if got := summaries(alerts); got != tt.want {
			t.Errorf("%s: got\n%swant\n%s", tt.file, got, tt.want)
		}
		for r := range NumReasons {
			if out.Refused[r] != tt.refused[r] {
				t.Errorf("%s: %s = %d, want %d", tt.file, r, out.Refused[r], tt.refused[r])
			}
		}
	}
}

// TestRead_fixturesAllUsed keeps a fixture from lying about untested.
func TestRead_fixturesAllUsed(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for _, tt := range fixtures {
		tested[tt.file] = true
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !tested[filepath.Base(f)] {
			t.Errorf("%s is in no test", f)
		}
	}
}

// TestRead_structured reads each fixture as an input that parses JSON itself hands it over: a tree with float64,
// and one with the integers that msgpack gives.
func TestRead_structured(t *testing.T) {
	t.Parallel()
	for _, tt := range fixtures {
		want, _ := readText(t, Options{}, readFixture(t, tt.file))
		for _, integers := range []bool{false, true} {
			var got []*correlate.Alert
			for _, v := range decodeAll(t, readFixture(t, tt.file), integers) {
				alerts, _ := readAll(t, Options{}, v)
				got = append(got, alerts...)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, integers %t: got\n%swant\n%s", tt.file, integers, summaries(got), summaries(want))
			}
		}
	}
}

// decodeAll decodes the values of a text with the standard decoder; whole numbers become int64 if asked for.
func decodeAll(t testing.TB, text string, integers bool) []any {
	t.Helper()
	var all []any
	dec := json.NewDecoder(strings.NewReader(text))
	for {
		var v any
		err := dec.Decode(&v)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if integers {
			v = toIntegers(v)
		}
		all = append(all, v)
	}
}

func toIntegers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			v[key] = toIntegers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = toIntegers(e)
		}
	case float64:
		return int64(v)
	}
	return v
}

// TestRead_repeated reads each fixture a thousand times: a feed that repeats itself says the same every time.
func TestRead_repeated(t *testing.T) {
	t.Parallel()
	times := 1000
	if testing.Short() {
		times = 50
	}
	for _, tt := range fixtures {
		text := readFixture(t, tt.file)
		first, firstOut := readText(t, Options{}, text)
		for range times {
			again, out := readText(t, Options{}, text)
			if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(firstOut, out) {
				t.Fatalf("%s: got\n%s, at first\n%s", tt.file, summaries(again), summaries(first))
			}
		}
	}
}
