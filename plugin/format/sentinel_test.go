// SPDX-License-Identifier: Apache-2.0

package format

import (
	"encoding/json"
	"strings"
	"testing"

	"webshell/correlate"
)

// wantSentinel is the sample as the contract has it.
const wantSentinel = `{"TimeGenerated":"2026-03-02T10:20:00.120Z","StartTime":"2026-03-02T10:00:07Z","EndTime":"2026-03-02T10:19:55Z","AttackerIP":"203.0.113.7",` +
	`"RequestUserAgents":["curl/8.4.0"],"Computer":"WEB01.contoso.com","SiteName":"W3SVC1","ShellLocation":"/up/Shell.aspx/x","ReqestMethods":["GET","POST"],` +
	`"RequestStatusCodes":["200","500"],"RequestCookies":[],"RequestReferers":[],"RequestQueryStrings":["cmd=whoami"],"RequestCount":12,"HostName":"WEB01","HostNameDomain":"contoso.com",` +
	`"DetectionId":"6f0c5a3e9b1d4c7f8a2b6d0e1f3c5a7b","Revision":3,"RuleId":"fbfbf530-506b-49a4-81ad-4030885a195c","RuleName":"Malicious web application requests linked with Microsoft Defender for Endpoint (formerly Microsoft Defender ATP) alerts",` +
	`"Severity":"Medium","Tactics":["Persistence"],"Techniques":["T1505"],"SubTechniques":["T1505.003"],` +
	`"AlertIds":["2517a3e5-0d6c-4d7f-9d0b-5c1e2f3a4b5c"],"AlertTitles":["Possible web shell installation"],"AlertSeverities":["High"],"AlertTimes":["2026-03-02T10:05:00Z","2026-03-02T10:06:00.5Z"],"AlertProviders":["MDATP"],` +
	`"AlertLinks":["https://security.microsoft.com/alerts/da1"],"AlertStatus":"active","VendorAlertIds":["da1"],"ThreatNames":["Backdoor:ASP/Webshell"],"RemediationStatus":["active"],"DeviceIds":["0123456789abcdef0123456789abcdef01234567"],` +
	`"FileName":"shell.aspx","FileDirectory":"C:\\inetpub\\wwwroot\\up","FileHashes":["SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709","SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],` +
	`"MatchedBy":["case","path_info"],"PathMatch":"full","Confidence":"high","Coverage":"since","CoverageSince":"2026-02-27T00:00:00Z",` +
	`"StatusClasses":{"2xx":11,"3xx":0,"4xx":0,"5xx":1},"DistinctUserAgents":1,"DistinctCookies":0,"DistinctReferers":0,"DistinctQueryStrings":1,"ClientsTotal":4,` +
	`"FirstSuccessTime":"2026-03-02T10:00:07Z","FirstPostTime":"2026-03-02T10:01:00Z","RequestsAfterAlert":2,"BytesSent":6144,"BytesReceived":3600,"RequestUserNames":[],"RequestHosts":["www.contoso.com"],"ServerIPs":["10.0.0.5"],"ServerPorts":["443"],"ProxyIP":"",` +
	`"Requests":[{"Time":"2026-03-02T10:01:00Z","Method":"POST","URIStem":"/up/Shell.aspx/x","URIQuery":"cmd=whoami","Status":"200","SubStatus":"0","Win32Status":"0","Host":"www.contoso.com","Port":"443","UserName":"","UserAgent":"curl/8.4.0","Referer":"","BytesSent":512,"BytesReceived":300,"TimeTakenMs":12}],` +
	`"OtherScripts":[{"ShellLocation":"/ecp/y.js","RequestCount":3,"StartTime":"2026-03-02T09:00:00Z","EndTime":"2026-03-02T09:01:00Z","StatusClasses":{"2xx":3,"3xx":0,"4xx":0,"5xx":0}}],` +
	`"Truncated":[]}`

func TestSentinel_sample(t *testing.T) {
	f, err := New("")
	if err != nil {
		t.Fatal(err)
	}
	got := string(f.Append([]byte("prefix "), sample()))
	if got != "prefix "+wantSentinel {
		t.Errorf("got  %s\nwant prefix %s", got, wantSentinel)
	}
}

func TestSentinel_times(t *testing.T) {
	d := &correlate.Detection{TimeGenerated: at("2026-03-02T10:20:00Z"), StartTime: at("2026-03-02T10:20:00.1234567Z")}
	m := decode(t, appendSentinel(nil, d))
	for key, want := range map[string]string{
		"TimeGenerated": "2026-03-02T10:20:00.000Z", "StartTime": "2026-03-02T10:20:00.1234567Z",
		"EndTime": "", "CoverageSince": "", "FirstSuccessTime": "", "FirstPostTime": "",
	} {
		if m[key] != want {
			t.Errorf("%s: got %q, want %q", key, m[key], want)
		}
	}
}

func TestSentinel_emptySets(t *testing.T) {
	line := string(appendSentinel(nil, &correlate.Detection{}))
	if strings.Contains(line, "null") {
		t.Errorf("null in %s", line)
	}
	empty, full := keys(t, []byte(line)), keys(t, []byte(wantSentinel))
	if empty != full {
		t.Errorf("keys depend on the values:\n%s\n%s", empty, full)
	}
}

// keys returns the top-level keys in their order, with the kind of each value.
func keys(t *testing.T, line []byte) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(line)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
		kind := value[0]
		if kind == '-' || kind >= '0' && kind <= '9' {
			kind = '0'
		}
		b.WriteString(key.(string) + string(kind))
	}
	return b.String()
}

func TestSentinel_hostName(t *testing.T) {
	for _, c := range []struct{ computer, hostName, domain string }{
		{"WEB01.contoso.com", "WEB01", "contoso.com"},
		{"WEB01", "WEB01", "WEB01"},
		{"", "", ""},
		{".contoso.com", "", "contoso.com"},
		{"WEB01.", "WEB01", ""},
		{"10.0.0.5", "10", "0.0.5"}, // as the rule does
	} {
		m := decode(t, appendSentinel(nil, &correlate.Detection{Computer: c.computer}))
		if m["HostName"] != c.hostName || m["HostNameDomain"] != c.domain || m["Computer"] != c.computer {
			t.Errorf("%q: got %q and %q, want %q and %q", c.computer, m["HostName"], m["HostNameDomain"], c.hostName, c.domain)
		}
	}
}

func TestNew_unknown(t *testing.T) {
	for _, name := range []string{"Sentinel", "splunk", " "} {
		if f, err := New(name); err == nil || f != nil {
			t.Errorf("%q: got %v and %v, want an error", name, f, err)
		}
	}
	for _, name := range Names() {
		if _, err := New(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// decode reads one line back.
func decode(t *testing.T, line []byte) map[string]any {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return m
}
