// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"fmt"
	"strings"
	"testing"

	"webshell/correlate"
)

// arrival is the event's own timestamp in all tests.
const arrival = correlate.Instant(1772445600e9) // 2026-03-02T10:00:00Z

// readAll reads record and returns what was emitted.
func readAll(t testing.TB, o Options, record any) ([]*correlate.Alert, Outcome) {
	t.Helper()
	var alerts []*correlate.Alert
	out := NewReader(o).Read(record, arrival, func(a *correlate.Alert) { alerts = append(alerts, a) })
	if out.Alerts != len(alerts) {
		t.Errorf("Outcome.Alerts = %d, emitted %d", out.Alerts, len(alerts))
	}
	if out.Refused[NoFile] > 0 && out.Latest == 0 {
		t.Error("an alert without a file was refused, and its time is not told")
	}
	return alerts, out
}

// readText reads a JSON text under the log key.
func readText(t testing.TB, o Options, text string) ([]*correlate.Alert, Outcome) {
	t.Helper()
	o.LogKey = "log"
	return readAll(t, o, map[string]any{"log": text})
}

// entityText writes the files and hosts of a, one a line.
func entityText(a *correlate.Alert) string {
	var b strings.Builder
	for _, f := range a.Files {
		fmt.Fprintf(&b, "file %s|%s|%s|%s host=%d listed=%t\n",
			f.Name, f.Directory, strings.Join(f.Hashes, ","), f.Remediation, f.Host, f.Listed)
	}
	for _, h := range a.Hosts {
		fmt.Fprintf(&b, "host %s|%s|%s|%s listed=%t\n", h.HostName, h.DNSDomain, h.NTDomain, h.DeviceID, h.Listed)
	}
	return b.String()
}

func row(entities string) string {
	return `{"TimeGenerated":"2026-03-02T09:00:00Z","SystemAlertId":"s1","ProviderName":"MDATP","Entities":` + entities + `}`
}

func TestRead_ruleEntities(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`{"Type":"ip","Address":"10.0.0.1"},`, 127)
	bag := `{"Type":"host","HostName":"web01"}`
	tests := []struct{ name, entities, want string }{
		{"array", `[{"Type":"file","Name":"a.aspx","Directory":"C:\\x"},{"Type":"host","HostName":"web01","DnsDomain":"contoso.com"}]`,
			"file a.aspx|C:\\x|| host=-1 listed=true\nhost web01|contoso.com|| listed=true\n"},
		{"text", `"[{\"Type\":\"File\",\"Name\":\"a.aspx\"}]"`, "file a.aspx||| host=-1 listed=true\n"},
		{"type without case", `[{"Type":"FILE","Name":"a"},{"Type":"Host"}]`, "file a||| host=-1 listed=true\nhost ||| listed=true\n"},
		{"type by Unicode folding only", `[{"Type":"hoſt","HostName":"a"}]`, ""},
		{"key of another case", `[{"type":"file","Name":"a"}]`, ""},
		{"name absent", `[{"Type":"file"}]`, "file ||| host=-1 listed=true\n"},
		{"numbers and booleans", `[{"Type":"host","HostName":12,"DnsDomain":true},{"Type":"host","HostName":1.50,"DnsDomain":null}]`,
			"host 12|true|| listed=true\nhost 1.5||| listed=true\n"},
		{"structure as a name", `[{"Type":"host","HostName":{"b":1,"a":["<x>"]}}]`, "host {\"a\":[\"<x>\"],\"b\":1}||| listed=true\n"},
		{"references stay", `[{"$id":"1","Type":"host","HostName":"w"},{"Type":"file","Name":"a","Host":{"$ref":"1"}},{"$ref":"1"}]`,
			"file a||| host=-1 listed=true\nhost w||| listed=true\n"},
		{"no process", `[{"Type":"process","ImageFile":{"Type":"file","Name":"a"}}]`, ""},
		{"twice", `[{"Type":"file","Name":"a"},{"Type":"file","Name":"a"}]`,
			"file a||| host=-1 listed=true\nfile a||| host=-1 listed=true\n"},
		{"the 128th", `[` + many + `{"Type":"file","Name":"a"}]`, "file a||| host=-1 listed=true\n"},
		{"the 129th", `[{"Type":"host"},` + many + `{"Type":"file","Name":"a"}]`, "host ||| listed=true\n"},
		{"a bag's properties are rows", bag, "host ||| listed=true\n"},
		{"a bag in text", `"` + strings.ReplaceAll(bag, `"`, `\"`) + `"`, "host ||| listed=true\n"},
		{"broken text", `"[{\"Type\":\"file\",\"Name\":\"a\"},"`, ""},
		{"text with more behind", `"[{\"Type\":\"file\",\"Name\":\"a\"}] x"`, ""},
		{"a broken member", `"[{\"Type\":\"file\",\"Name\":\"a\"},{x}]"`, ""},
		{"null", `null`, ""},
		{"empty text", `""`, ""},
		{"number", `7`, ""},
		{"members of other types", `[1,"x",null,[{"Type":"file"}],{"Type":"host","HostName":"w"}]`, "host w||| listed=true\n"},
	}
	for _, tt := range tests {
		alerts, out := readText(t, Options{KQL: true}, row(tt.entities))
		var got string
		if len(alerts) == 1 {
			got = entityText(alerts[0])
		}
		if got != tt.want {
			t.Errorf("%s: entities\n%swant\n%s(outcome %+v)", tt.name, got, tt.want, out)
		}
		if tt.want == "" && out.Refused[NoFile] != 1 {
			t.Errorf("%s: no_file = %d, want 1", tt.name, out.Refused[NoFile])
		}
	}
}

func TestRead_ruleRow(t *testing.T) {
	t.Parallel()
	const entities = `,"Entities":[{"Type":"file","Name":"a"}]}`
	tests := []struct {
		name, row string
		id        string
		refused   Reason
	}{
		{"whole", `{"ProviderName":"MDATP","SystemAlertId":"s"` + entities, "s", NumReasons},
		{"id absent", `{"ProviderName":"MDATP"` + entities, "", NumReasons},
		{"provider of another case", `{"ProviderName":"mdatp","SystemAlertId":"s"` + entities, "", Provider},
		{"provider absent", `{"SystemAlertId":"s"` + entities, "", Provider},
		{"time unreadable", `{"ProviderName":"MDATP","SystemAlertId":"s","TimeGenerated":"soon"` + entities, "", BadTime},
		{"time of the wrong type", `{"ProviderName":"MDATP","SystemAlertId":"s","TimeGenerated":{}` + entities, "", BadTime},
	}
	for _, tt := range tests {
		for _, kql := range []bool{false, true} {
			alerts, out := readText(t, Options{KQL: kql}, tt.row)
			if tt.refused != NumReasons {
				if len(alerts) != 0 || out.Refused[tt.refused] != 1 {
					t.Errorf("%s: %d alerts, refused %v, want one %s", tt.name, len(alerts), out.Refused, tt.refused)
				}
				continue
			}
			if len(alerts) != 1 || alerts[0].ID != tt.id || alerts[0].Time != arrival {
				t.Errorf("%s: got %+v, want one alert with id %q and the event's time", tt.name, alerts, tt.id)
			}
		}
	}
}

func TestRead_entities(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, entities, want string }{
		{"a file's own host by reference", `[{"$id":"1","Type":"host","HostName":"w"},{"Type":"file","Name":"a","Host":{"$ref":"1"}}]`,
			"file a||| host=0 listed=true\nhost w||| listed=true\n"},
		{"referred to before it is defined", `[{"Type":"file","Name":"a","Host":{"$ref":"9"}},{"$id":"9","Type":"host","HostName":"w"}]`,
			"file a||| host=0 listed=true\nhost w||| listed=true\n"},
		{"a nested host", `[{"Type":"file","Name":"a","Host":{"$id":"2","Type":"host","HostName":"w"}},{"$ref":"2"}]`,
			"file a||| host=0 listed=true\nhost w||| listed=true\n"},
		{"a reference to nothing", `[{"Type":"file","Name":"a","Host":{"$ref":"9"}}]`, "file a||| host=-1 listed=true\n"},
		{"references in a circle", `[{"$id":"1","$ref":"2"},{"$id":"2","$ref":"1"},{"Type":"file","Name":"a","Host":{"$ref":"1"}}]`,
			"file a||| host=-1 listed=true\n"},
		{"hashes by reference and nested", `[{"$id":"3","Type":"filehash","Algorithm":"SHA256","Value":"aa"},
			{"Type":"file","Name":"a","FileHashes":[{"$ref":"3"},{"Algorithm":"sha-1","Value":"bb"},{"$ref":"3"},{"$ref":"8"},7]}]`,
			"file a||SHA256:aa,SHA1:bb| host=-1 listed=true\n"},
		{"a process's image on its host", `[{"$id":"1","Type":"host","HostName":"w"},{"$id":"4","Type":"file","Name":"a.exe","Directory":"C:\\x"},
			{"Type":"process","ImageFile":{"$ref":"4"},"Host":{"$ref":"1"}}]`,
			"file a.exe|C:\\x|| host=-1 listed=true\nfile a.exe|C:\\x|| host=0 listed=false\nhost w||| listed=true\n"},
		{"hosts twice", `[{"Type":"host","HostName":"w","DnsDomain":"d"},{"Type":"host","HostName":"w","DnsDomain":"d"}]`,
			"host w|d|| listed=true\n"},
		{"NetBIOS name", `[{"Type":"host","NetBiosName":"W","NTDomain":"CORP"}]`, "host W||CORP| listed=true\n"},
		{"full name", `[{"Type":"host","FQDN":"w.contoso.com"}]`, "host w|contoso.com|| listed=true\n"},
		{"full name that is an address", `[{"Type":"host","FullName":"10.0.0.5"}]`, "host 10.0.0.5||| listed=true\n"},
		{"Azure resource", `[{"Type":"host","AzureID":"/subscriptions/0/providers/Microsoft.Compute/virtualMachines/w"}]`, "host w||| listed=true\n"},
		{"device id", `[{"Type":"host","HostName":"w","MdatpDeviceId":"d1"}]`, "host w|||d1 listed=true\n"},
		{"host without any name", `[{"Type":"host","OSFamily":"Windows"},{"Type":"file","Name":"a"}]`, "file a||| host=-1 listed=true\n"},
		{"null members", `[{"Type":"file","Name":"a","Directory":null,"Host":null,"FileHashes":null}]`, "file a||| host=-1 listed=true\n"},
		{"members of wrong types", `[{"Type":"file","Name":"a","Directory":[],"Host":7,"FileHashes":"x"},{"Type":5},"x",null]`,
			"file a||| host=-1 listed=true\n"},
		{"malware's files", `[{"Type":"malware","Name":"Backdoor:ASP/Chopper","Files":[{"$ref":"1"}]},{"$id":"1","Type":"file","Name":"a"}]`,
			"file a||| host=-1 listed=true\n"},
		{"a Type beside $ref, kind and properties", `[{"Type":"file","Name":"a","$ref":"9","kind":"Url","properties":{"fileName":"b"}}]`,
			"file a||| host=-1 listed=true\n"},
		{"camel case", `[{"kind":"File","fileName":"a","directory":"d"}]`, "file a|d|| host=-1 listed=true\n"},
	}
	for _, tt := range tests {
		for _, form := range []string{tt.entities, quote(tt.entities)} {
			alerts, out := readText(t, Options{}, row(form))
			if len(alerts) != 1 {
				t.Errorf("%s: %d alerts, want 1 (%+v)", tt.name, len(alerts), out)
				continue
			}
			if got := entityText(alerts[0]); got != tt.want {
				t.Errorf("%s: entities\n%swant\n%s", tt.name, got, tt.want)
			}
		}
	}
}

func TestRead_status(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]correlate.AlertStatus{
		"New": correlate.StatusActive, "Dismissed": correlate.StatusDismissed, "Resolved": correlate.StatusResolved, "": correlate.StatusActive,
	} {
		alerts, _ := readText(t, Options{}, `{"SystemAlertId":"s","ProviderName":"MDATP","Status":"`+status+`","Entities":[{"Type":"host","HostName":"w"}]}`)
		if len(alerts) != 1 || alerts[0].Status != want {
			t.Errorf("status %q: got %+v, want one alert, %s", status, alerts, want)
		}
	}
	alerts, _ := readText(t, Options{}, `{"SystemAlertId":"s","ProviderName":"MDATP","Status":"Dismissed"}`)
	if len(alerts) != 1 {
		t.Errorf("a dismissal without entities: %d alerts, want 1: it ends a watch", len(alerts))
	}
}
