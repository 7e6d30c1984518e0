// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestGolden compares the sample in each format with testdata, which the documentation shows.
func TestGolden(t *testing.T) {
	for _, name := range Names() {
		f, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, f.Append(nil, sample()), "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got.Bytes()) {
			t.Errorf("%s differs from %s; go test ./plugin/format -update writes it anew", name, path)
		}
	}
}

func TestSnake(t *testing.T) {
	for in, want := range map[string]string{
		"DetectionId": "detection_id", "AttackerIP": "attacker_ip", "URIStem": "uri_stem", "ServerIPs": "server_ips",
		"ReqestMethods": "request_methods", "2xx": "2xx", "Win32Status": "win32_status", "TimeTakenMs": "time_taken_ms",
		"HostNameDomain": "host_name_domain", "Time": "time",
	} {
		if got := string(appendSnake(nil, in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "2001:db8::1": "2001:db8::1", "fe80::1%18": "", "-": "", "": "", "1.2.3": "", "x": "",
	} {
		if got := ip(in); got != want {
			t.Errorf("ip(%q): got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"www.contoso.com": "www.contoso.com", "www.contoso.com:443": "www.contoso.com", "[2001:db8::1]:80": "2001:db8::1",
		"[2001:db8::1]": "2001:db8::1", "2001:db8::1": "2001:db8::1", "a:b": "a:b", "": "",
	} {
		if got := hostOnly(in); got != want {
			t.Errorf("hostOnly(%q): got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"MD5:d41d8cd98f00b204e9800998ecf8427e": "MD5", "MD5:d41d": "", "SHA9:00": "", "": "", "MD5": "",
		"MD5:zz1d8cd98f00b204e9800998ecf8427e": "", "SHA1:DA39A3EE5E6B4B0D3255BFEF95601890AFD80709": "SHA1",
	} {
		if got, _ := hash(in); got != want {
			t.Errorf("hash(%q): got %q, want %q", in, got, want)
		}
	}
}

// TestOCSF_first checks that the first is a create and the others are updates of the same finding.
func TestOCSF_first(t *testing.T) {
	d := sample()
	for _, first := range []bool{true, false} {
		d.First = first
		m := decode(t, appendOCSF(nil, d))
		want := float64(200402)
		if first {
			want = 200401
		}
		if m["type_uid"] != want || m["finding_info"].(map[string]any)["uid"] != d.ID {
			t.Errorf("first %v: got %v", first, m["type_uid"])
		}
	}
}
