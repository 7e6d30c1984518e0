// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"webshell/test/programs"
)

// siteMap is what edge.yaml's iis_config names: one site.
const siteMap = `<configuration><system.applicationHost><sites><site name="Default" id="1"><application path="/">` +
	`<virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot" /></application></site></sites></system.applicationHost></configuration>`

// edited changes a configuration's file.
func edited(t *testing.T, path string, change func(text string) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, change(string(text)))
}

// TestEdge_asShipped runs edge.yaml against aggregator.yaml, with TLS and the shared key: the first aggregator is down, the
// second takes the detections; it goes down as well and comes back. Only paths, ports and the aggregators' addresses
// are others, and two properties more: an address is no name to find in a certificate, and this machine has another name.
func TestEdge_asShipped(t *testing.T) {
	programs.FluentBit(t)
	t.Setenv("COMPUTERNAME", "WEB01")
	dir, w := shortDir(t), newWorld()
	log, out := dir+"/inetpub/logs/LogFiles/W3SVC1/u_ex.log", dir+"/var/log/webshell/detections.jsonl"
	write(t, log, head+w.requests(0, "203.0.113.7", 3))
	write(t, dir+"/ProgramData/alerts/a.json", w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
	write(t, dir+"/Windows/System32/inetsrv/config/applicationHost.config", siteMap)
	for _, folder := range []string{"var/lib/fluent-bit", "var/log/webshell", "ProgramData/fluent-bit/tls", "etc/fluent-bit/tls"} {
		write(t, filepath.Join(dir, folder, "here"), "")
	}
	certify(t, dir)
	for from, to := range map[string]string{"ca.crt": "ProgramData/fluent-bit/tls/ca.crt", "server.crt": "etc/fluent-bit/tls/aggregator.crt",
		"server.key": "etc/fluent-bit/tls/aggregator.key"} {
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	up, down := freePort(t), freePort(t)
	aggregator, edge := shipped(t, dir, "detections/aggregator.yaml", up), shipped(t, dir, "detections/edge.yaml", up)
	edited(t, aggregator, func(s string) string { return strings.Replace(s, "0.0.0.0", "127.0.0.1", 1) })
	edited(t, edge, func(s string) string {
		hosts := regexp.MustCompile(`(?m)^(\s+)forward_host: .*$`)
		return hosts.ReplaceAllString(s, "${1}forward_host: 127.0.0.1:"+strconv.Itoa(down)+", 127.0.0.1\n${1}forward_tls_vhost: aggregator1.contoso.com"+
			"\n${1}computer_name: WEB01")
	})
	p := start(t, edge)
	p.until(t, "the plugin starts", func() bool { return strings.Contains(fileLog(t, p, dir).printed(), "[output:webshell] started") })
	arrives := func(receiver *process, want map[string]string) {
		t.Helper()
		receiver.until(t, "they arrive", func() bool { return len(formats["sentinel"].counts(t, records(t, out))) == len(want) })
		if got := formats["sentinel"].counts(t, records(t, out)); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	p.until(t, "both are down", func() bool {
		add(t, log, w.request(5, "203.0.113.8", "/logo.png")) // lines of the plugin's goroutines come with the next chunk
		return strings.Contains(fileLog(t, p, dir).printed(), "detections not delivered")
	})
	r := start(t, aggregator)
	arrives(r, map[string]string{"203.0.113.7": "3"})
	r.terminate(t)
	add(t, log, w.requests(1200, "203.0.113.99", 1))
	r = start(t, aggregator)
	arrives(r, map[string]string{"203.0.113.7": "3", "203.0.113.99": "1"})
	if rs := records(t, out); rs[0].at("PathMatch") != "full" || rs[0].at("Confidence") != "high" {
		t.Errorf("got %v", rs[0])
	}
	p.terminate(t)
	r.terminate(t)
	if n := counter(fileLog(t, p, dir), "forward_acknowledged"); n != 2 {
		t.Errorf("%d acknowledged, want 2", n)
	}
}
