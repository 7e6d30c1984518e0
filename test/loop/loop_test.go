// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"webshell/test/programs"
)

// shipped copies a configuration of conf/ below dir, with the plugin that was built, a free port in place of 24224, and
// every path, Windows' too, below dir.
func shipped(t *testing.T, dir, name string, port int) string {
	t.Helper()
	for _, file := range []string{name, "plugins-linux.conf", "plugins-windows.conf"} {
		text, err := os.ReadFile(filepath.Join(programs.Root, "conf", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "conf", filepath.FromSlash(file)), moved(t, dir, string(text), port))
	}
	return filepath.Join(dir, "conf", filepath.FromSlash(name))
}

var (
	pluginPath = regexp.MustCompile(`/\S*out_webshell\.so|C:\\.*out_webshell\.dll`)
	otherPath  = regexp.MustCompile(`(?m)(\s)(C:\\\S*|/(?:var|run|etc)/\S*)`)
	flushEvery = regexp.MustCompile(`(?mi)^(\s+flush:?\s+)1$`)
)

// moved is a configuration's text with its paths below dir.
func moved(t *testing.T, dir, text string, port int) string {
	t.Helper()
	text = otherPath.ReplaceAllStringFunc(text, func(m string) string {
		if strings.HasSuffix(m, ".dll") || strings.HasPrefix(m[1:], `C:\Program`) && !strings.HasPrefix(m[1:], `C:\ProgramData`) {
			return m
		}
		return m[:1] + dir + strings.ReplaceAll(strings.TrimPrefix(m[1:], "C:"), `\`, "/")
	})
	text = pluginPath.ReplaceAllString(text, programs.Plugin(t))
	text = flushEvery.ReplaceAllString(text, "${1}0.2") // the one change beside paths and port: the test waits less
	return strings.ReplaceAll(text, "24224", strconv.Itoa(port))
}

// TestLoop_asShipped runs the loop's four configurations: a log and an alert in, detections back in and out to a file.
func TestLoop_asShipped(t *testing.T) {
	programs.FluentBit(t)
	for _, c := range []struct{ config, log, alert, out string }{
		{"detections/loop-linux.yaml", "var/log/iis/WEB01/W3SVC1/u_ex.log", "var/lib/alerts/a.json", "var/log/webshell/detections.jsonl"},
		{"detections/loop-linux.conf", "var/log/iis/WEB01/W3SVC1/u_ex.log", "var/lib/alerts/a.json", "var/log/webshell/detections.jsonl"},
		{"detections/loop-windows.yaml", "inetpub/logs/LogFiles/W3SVC1/u_ex.log", "ProgramData/alerts/a.json", "ProgramData/fluent-bit/detections.jsonl"},
		{"detections/loop-windows.conf", "inetpub/logs/LogFiles/W3SVC1/u_ex.log", "ProgramData/alerts/a.json", "ProgramData/fluent-bit/detections.jsonl"},
	} {
		t.Run(filepath.Base(c.config), func(t *testing.T) {
			dir, w := shortDir(t), newWorld()
			log, out := filepath.Join(dir, c.log), filepath.Join(dir, c.out)
			write(t, log, head+w.requests(0, "203.0.113.7", 3)+w.request(5, "203.0.113.8", "/default.aspx")+w.requests(9, "203.0.113.9", 2))
			write(t, filepath.Join(dir, c.alert), w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
			for _, folder := range []string{"run/fluent-bit", "var/lib/fluent-bit", "var/log/webshell", "ProgramData/fluent-bit"} {
				write(t, filepath.Join(dir, folder, "here"), "")
			}
			p := start(t, shipped(t, dir, c.config, freePort(t)))
			arrives := func(want map[string]string) {
				t.Helper()
				p.until(t, fmt.Sprint(want), func() bool {
					return len(formats["sentinel"].counts(t, records(t, out))) == len(want)
				})
				if got := formats["sentinel"].counts(t, records(t, out)); !maps.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			}
			arrives(map[string]string{"203.0.113.7": "3", "203.0.113.9": "2"})
			add(t, log, w.requests(1200, "203.0.113.99", 1)) // who comes after the alert
			arrives(map[string]string{"203.0.113.7": "3", "203.0.113.9": "2", "203.0.113.99": "1"})
			p.terminate(t)
			if n := counter(fileLog(t, p, dir), "forward_acknowledged"); n != 3 {
				t.Errorf("%d detections acknowledged, want 3", n)
			}
		})
	}
}

// fileLog gives a process's lines where its configuration writes them to a file.
func fileLog(t *testing.T, p *process, dir string) *process {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "ProgramData", "fluent-bit", "fluent-bit.log"))
	if err != nil {
		return p
	}
	q := &process{}
	_, _ = q.Write(text) // into memory
	return q
}

// shortDir is a folder of the test whose path leaves room for a socket's name: 108 bytes are all it may have.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "loop")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// again is the loop with nothing to keep the plugin from its own detections: it takes every tag, and filters copy what
// comes back under tags of requests and of alerts. %s are format, folder, plugin, and the place of the DetectionId.
const again = `
service: {flush: 0.2, log_level: info}
plugins: ['%[3]s']
pipeline:
  inputs:
    - {name: tail, tag: iis, path: '%[2]s/iis/*.log', path_key: path, offset_key: offset, read_from_head: on}
    - {name: tail, tag: alert.file, path: '%[2]s/alerts/*.json', read_from_head: on}
    - {name: tail, tag: alert.text, path: '%[2]s/detections.jsonl', read_from_head: on, refresh_interval: 1}
    - {name: tail, tag: iis.text, path: '%[2]s/detections.jsonl', read_from_head: on, refresh_interval: 1}
    - {name: forward, unix_path: '%[2]s/loop.sock', buffer_max_size: 32M}
  filters:
    - {name: rewrite_tag, match: webshell.detection, rule: "%[4]s .* alert.again true"}
    - {name: rewrite_tag, match: webshell.detection, rule: "%[4]s .* iis.again true"}
  outputs:
    - {name: webshell, match: '*', format: %[1]s, output: forward, forward_unix_path: '%[2]s/loop.sock', offset_key: offset, update_interval: 0}
    - {name: file, match: webshell.detection, path: '%[2]s', file: detections.jsonl, format: plain}
    - {name: file, match: alert.again, path: '%[2]s', file: alert-again.jsonl, format: plain}
    - {name: file, match: iis.again, path: '%[2]s', file: iis-again.jsonl, format: plain}
    - {name: file, match: '*.text', path: '%[2]s', file: text.jsonl, format: plain}
`

// TestLoop_ownAreIgnored: with Match *, with tags rewritten, as text of a file that tail reads again, in every format,
// each revision comes back once and makes no other.
func TestLoop_ownAreIgnored(t *testing.T) {
	programs.FluentBit(t)
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			dir, w := shortDir(t), newWorld()
			write(t, dir+"/iis/u_ex.log", head+w.requests(0, "203.0.113.7", 3)+w.requests(9, "203.0.113.9", 2))
			write(t, dir+"/alerts/a.json", w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
			write(t, dir+"/loop.yaml", fmt.Sprintf(again, name, dir, programs.Plugin(t), accessor(format.id)))
			p := start(t, dir+"/loop.yaml")
			round := func(detections int) {
				t.Helper()
				p.until(t, "every copy came", func() bool {
					return len(records(t, dir+"/detections.jsonl")) == detections && len(records(t, dir+"/alert-again.jsonl")) == detections &&
						len(records(t, dir+"/iis-again.jsonl")) == detections && len(records(t, dir+"/text.jsonl")) == 2*detections
				})
			}
			round(2)
			add(t, dir+"/iis/u_ex.log", w.requests(1200, "203.0.113.99", 1)) // a record behind the copies: they were used
			round(3)
			add(t, dir+"/iis/u_ex.log", w.requests(1300, "203.0.113.100", 1))
			round(4)
			p.terminate(t)
			want := map[string]string{"203.0.113.7": "3", "203.0.113.9": "2", "203.0.113.99": "1", "203.0.113.100": "1"}
			if got := format.counts(t, records(t, dir+"/detections.jsonl")); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			// Each of the four is known as itself, under a tag of requests and of alerts, and as text under either.
			for counted, n := range map[string]int{"alerts": 1, "revisions": 4, "requests": 7, "forward_acknowledged": 4, "own": 20} {
				if got := counter(p, counted); got != n {
					t.Errorf("%s: got %d, want %d", counted, got, n)
				}
			}
			if strings.Contains(p.printed(), "not used") {
				t.Errorf("something was refused:\n%s", tail(p.printed()))
			}
		})
	}
}

// accessor is a path of keys as Fluent Bit's record accessor writes it.
func accessor(path []string) string {
	text := "$" + path[0]
	for _, key := range path[1:] {
		text += "['" + key + "']"
	}
	return text
}
