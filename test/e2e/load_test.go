// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"webshell/test/programs"
)

// loadConfiguration reads a log that grows and an alert for its shell. %s are the folder and the plugin's other properties.
const loadConfiguration = `
service:
  flush: 0.2
  grace: 10
  log_level: info
  hot_reload: on
plugins:
  - %[2]s
pipeline:
  inputs:
    - {name: tail, tag: alert.file, path: '%[1]s/alerts/*.json', read_from_head: on, refresh_interval: 1}
    - {name: tail, tag: iis, path: '%[1]s/W3SVC1/*.log', path_key: path, offset_key: offset, read_from_head: on,
       skip_long_lines: on, buffer_max_size: 1M, refresh_interval: 1}
  outputs:
    - {name: webshell, match: '*', path_key: path, offset_key: offset, computer_name: WEB01, output: file,
       file_path: '%[1]s/detections.jsonl', %[3]s}
`

// writer appends requests to a log, as fast as asked for, until it is stopped. One in ten calls the shell.
type writer struct {
	file  *os.File
	stop  chan struct{}
	ended sync.WaitGroup
	err   error
	calls int64 // of the shell
}

// load lays out a folder, with the configuration in load.yaml, and begins to write.
func load(t *testing.T, properties string) (dir string, w *writer) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "alerts", "a.json"), `{"file":"shell.aspx","host":"WEB01","id":"1","time":"2026-03-02T00:00:00Z"}`+"\n")
	log := filepath.Join(dir, "W3SVC1", "u_ex.log")
	write(t, log, "#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n")
	write(t, filepath.Join(dir, "load.yaml"), fmt.Sprintf(loadConfiguration, dir, programs.Plugin(t), properties))
	file, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w = &writer{file: file, stop: make(chan struct{})}
	w.ended.Go(w.run)
	t.Cleanup(func() { w.halt(t) })
	return dir, w
}

// run writes some thousand lines a second.
func (w *writer) run() {
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for second := 0; w.err == nil; second++ {
		clock := time.Date(2026, 3, 2, 0, 0, second, 0, time.UTC).Format("2006-01-02 15:04:05")
		var lines strings.Builder
		for i := range 50 {
			stem := "/images/logo.png"
			if i%10 == 0 {
				stem, w.calls = "/up/shell.aspx", w.calls+1
			}
			fmt.Fprintf(&lines, "%s 203.0.113.7 GET %s 200\r\n", clock, stem)
		}
		_, w.err = w.file.WriteString(lines.String())
		select {
		case <-w.stop:
			return
		case <-every.C:
		}
	}
}

// halt ends the writing, once.
func (w *writer) halt(t *testing.T) {
	t.Helper()
	select {
	case <-w.stop:
		return
	default:
	}
	close(w.stop)
	w.ended.Wait()
	if w.err != nil {
		t.Error(w.err)
	}
	if err := w.file.Close(); err != nil {
		t.Error(err)
	}
}

// detections are the final ones of the folder's file.
func detections(t *testing.T, dir string) map[string]detection {
	t.Helper()
	return final(t, read(t, filepath.Join(dir, "detections.jsonl")))
}

// A hot reload under load, several times: each time the plugin ends and begins again in the same process, reads the log
// anew, and at the end every request counts once. Without workers, as conf/windows.yaml has it: Fluent Bit 5.1.1 starts the threads
// of a Go output twice (flb_plugin_proxy.c, flb_output.c), and the timer of those it forgot walks the old instance after
// a reload, whatever the plugin does.
func TestReload_underLoad(t *testing.T) {
	program := programs.FluentBit(t)
	dir, w := load(t, "update_interval: 1s")
	p := start(t, dir, program, "-c", filepath.Join(dir, "load.yaml"))
	const reloads = 4
	for i := range reloads {
		began, sent := strings.Count(p.log.String(), "[output:webshell] started"), len(read(t, filepath.Join(dir, "detections.jsonl")))
		p.until(t, fmt.Sprintf("a detection after %d reloads", i), func() bool {
			return len(read(t, filepath.Join(dir, "detections.jsonl"))) > sent && strings.Count(p.log.String(), "[output:webshell] started") == i+1
		})
		p.signal(t, syscall.SIGHUP)
		p.until(t, "the plugin ends and begins again", func() bool {
			log := p.log.String()
			return strings.Count(log, "[output:webshell] started") > began && strings.Count(log, "[output:webshell] stopped") > i
		})
	}
	w.halt(t)
	p.until(t, fmt.Sprintf("all %d calls count", w.calls), func() bool { return requests(detections(t, dir)) == w.calls })
	p.terminate(t)
	if got := requests(detections(t, dir)); got != w.calls {
		t.Errorf("%d requests at the end, want %d", got, w.calls)
	}
	log := p.log.String()
	for _, bad := range []string{"panic", "goroutine ", "SIGSEGV", "[error] [output:webshell"} {
		if strings.Contains(log, bad) {
			t.Errorf("the log has %q:\n%s", bad, log)
		}
	}
	if n := strings.Count(log, "[output:webshell] stopped"); n != reloads+1 {
		t.Errorf("%d instances ended, want %d", n, reloads+1)
	}
}

// An orderly end under load: what waits is sent, and the last revision counts every call that the plugin took.
func TestTerminate_underLoad(t *testing.T) {
	program := programs.FluentBit(t)
	for name, properties := range map[string]string{"workers": "workers: 4, update_interval: 1h", "no workers": "update_interval: 1h"} {
		t.Run(name, func(t *testing.T) {
			dir, w := load(t, properties)
			p := start(t, dir, program, "-c", filepath.Join(dir, "load.yaml"))
			p.until(t, "a detection", func() bool { return len(detections(t, dir)) == 1 })
			p.until(t, "some thousand lines", func() bool {
				info, err := os.Stat(filepath.Join(dir, "W3SVC1", "u_ex.log"))
				return err == nil && info.Size() > 500_000
			})
			p.terminate(t)
			w.halt(t)
			var taken int64
			log := p.log.String()
			if _, rest, ok := strings.Cut(log, " requests="); !ok {
				t.Fatalf("no totals in the log:\n%s", log)
			} else if _, err := fmt.Sscan(rest, &taken); err != nil {
				t.Fatal(err)
			}
			if got := requests(detections(t, dir)); got != taken || taken == 0 || taken > w.calls {
				t.Errorf("the last revision counts %d, the plugin took %d of %d", got, taken, w.calls)
			}
		})
	}
}
