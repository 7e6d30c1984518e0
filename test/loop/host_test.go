// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"webshell/plugin/deliver/forward/forwardtest"
	"webshell/test/programs"
)

// hostCommand is how to run the bundled host: WEBSHELL_HOST, words separated by blanks (Wine and host.exe, for one), else
// build/host.
func hostCommand(t testing.TB) []string {
	t.Helper()
	if words := strings.Fields(os.Getenv("WEBSHELL_HOST")); len(words) > 1 {
		return words
	}
	return []string{programs.Built(t, "WEBSHELL_HOST", "host")}
}

// runHost starts the bundled host with a configuration.
func runHost(t testing.TB, config string) *process {
	t.Helper()
	words := hostCommand(t)
	return run(t, words[0], append(words[1:len(words):len(words)], "-e", programs.Plugin(t), "-c", config)...)
}

// hosted is a classic configuration for the bundled host, up to the output's further properties. %s is the folder, there too.
const hosted = `
[SERVICE]
  Flush 0.2
[INPUT]
  Name tail
  Tag iis.x
  Path %[1]s/iis/*.log
  Path_Key path
  Offset_Key offset
  Read_From_Head on
  Exit_On_Eof on
[INPUT]
  Name tail
  Tag alert.x
  Path %[1]s/alerts/*.json
  Read_From_Head on
  Exit_On_Eof on
[OUTPUT]
  Name webshell
  Match *
  Offset_Key offset
  Report_Unmatched on
`

// hostedWorld writes a log and alerts, and the configuration, whose path it returns.
func hostedWorld(t testing.TB, properties string) (dir, config string) {
	t.Helper()
	dir, w := shortDir(t), newWorld()
	write(t, dir+"/iis/u_ex.log", head+w.requests(0, "203.0.113.7", 3)+w.request(5, "203.0.113.8", "/default.aspx")+w.requests(9, "203.0.113.9", 2))
	write(t, dir+"/alerts/a.json", w.alert("shell.aspx", `C:\inetpub\wwwroot\up`)+w.alert("web.config", `C:\inetpub\wwwroot`))
	write(t, dir+"/host.conf", fmt.Sprintf(hosted+properties, dir))
	return dir, dir + "/host.conf"
}

// TestHost_forward: detections leave the bundled host, under Wine as well, for a receiver with shared key and users.
func TestHost_forward(t *testing.T) {
	r := &forwardtest.Receiver{SharedKey: sharedKey, Hostname: "aggregator1.contoso.com", Users: map[string]string{"web01": "pass"}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.Serve(c)
		}
	}()
	_, config := hostedWorld(t, fmt.Sprintf("  Output forward\n  Forward_Port %d\n  Forward_Shared_Key ${WEBSHELL_SHARED_KEY}\n"+
		"  Forward_Username web01\n  Forward_Password pass\n", l.Addr().(*net.TCPAddr).Port))
	p := runHost(t, config)
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	counts, wide := map[string]string{}, 0
	for _, rec := range r.Records() {
		if rec.Tag != "webshell.detection" {
			t.Errorf("tag %q", rec.Tag)
		}
		body := record(rec.Body)
		counts[body.at("AttackerIP")] = body.at("RequestCount")
		if strings.Contains(body.at("MatchedBy"), "application_wide") {
			wide++
		}
	}
	if len(counts) != 3 || counts["203.0.113.7"] != "3" || counts["203.0.113.9"] != "2" || wide != 1 {
		t.Errorf("got %v, %d application-wide", counts, wide)
	}
	if n := counter(p, "forward_acknowledged"); n != len(r.Records()) {
		t.Errorf("%d acknowledged, %d arrived", n, len(r.Records()))
	}
}

// TestHost_rotateNever: file_rotate_size 0 lets a file grow that is beyond the size at which it is rotated by default.
func TestHost_rotateNever(t *testing.T) {
	for size, rotated := range map[string]bool{"": true, "0": false, "4k": true} {
		dir, config := hostedWorld(t, "  Output file\n  File_Path %[1]s/out.jsonl\n  File_Rotate_Size "+size)
		write(t, dir+"/out.jsonl", strings.Repeat("{}\n", 11<<20/3))
		p := runHost(t, config)
		<-p.ended
		if _, err := os.Stat(dir + "/out.jsonl.1"); (err == nil) != rotated {
			t.Errorf("file_rotate_size %q: rotated %v, want %v", size, err == nil, rotated)
		}
	}
}
