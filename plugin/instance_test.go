// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/source/sourcetest"
)

// logBuffer takes log lines from any goroutine.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// section is an [OUTPUT] section under test, its detections in a file.
type section struct {
	t    *testing.T
	in   *instance
	log  *logBuffer
	path string
}

func open(t *testing.T, properties map[string]string) *section {
	t.Helper()
	s := &section{t: t, log: &logBuffer{}, path: filepath.Join(t.TempDir(), "detections.jsonl")}
	all := map[string]string{"output": "file", "file_path": s.path, "computer_name": "WEB01", "path_key": "path", "offset_key": "offset"}
	for k, v := range properties {
		all[k] = v
	}
	in, err := openInstance(func(key string) string { return all[key] }, slog.New(slog.NewTextHandler(s.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.in = in
	return s
}

// finals closes the section and gives what the newest revision of each detection says.
func (s *section) finals() []string {
	s.t.Helper()
	s.in.close()
	text, err := os.ReadFile(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	type detection struct {
		TimeGenerated, DetectionId, Computer, SiteName, ShellLocation, AttackerIP string
		Revision, RequestCount                                                    int64
	}
	newest := map[string]detection{}
	for line := range strings.Lines(string(text)) {
		var d detection
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			s.t.Fatalf("%v in %s", err, line)
		}
		old := newest[d.DetectionId]
		if d.TimeGenerated > old.TimeGenerated || d.TimeGenerated == old.TimeGenerated && d.Revision > old.Revision {
			newest[d.DetectionId] = d
		}
	}
	var out []string
	for _, d := range newest {
		out = append(out, fmt.Sprintf("%s %s %s %s %d", d.Computer, d.SiteName, d.ShellLocation, d.AttackerIP, d.RequestCount))
	}
	slices.Sort(out)
	return out
}

const testLog = "/logs/W3SVC1/u_ex.log"

// mixChunks cuts a log of so many requests into chunks, with an alert for a popular script in a chunk of its own.
func mixChunks(requests, chunks int) (lines [][]byte, alert []byte) {
	mix := sourcetest.NewMix(3)
	lines = make([][]byte, chunks)
	offset := uint64(0)
	add := func(i int, line string) {
		lines[i] = append(lines[i], chunktest.Tail(testLog, offset, line)...)
		offset += uint64(len(line)) + 2
	}
	add(0, sourcetest.Fields)
	for i := range requests {
		add(i*chunks/requests, string(mix.AppendLine(nil)))
	}
	return lines, chunktest.Event(chunktest.New(), chunktest.TailTime, 0,
		"file", "page0.aspx", "host", "WEB01", "id", "1", "time", "2026-03-02T00:00:30Z")
}

// Every bad property is named in one message, and nothing is started.
func TestOpenInstance_badProperties(t *testing.T) {
	log := &logBuffer{}
	bad := map[string]string{"matching": "sql", "log_window": "-7d", "update_interval": "soon", "output": "syslog", "alert_detections": "0",
		"memory_limit": "1", "format": "xml", "script_extensions": "aspx"}
	_, err := openInstance(func(key string) string { return bad[key] }, slog.New(slog.NewTextHandler(log, nil)))
	if err == nil {
		t.Fatal("no error")
	}
	for key, value := range bad {
		if !strings.Contains(err.Error(), fmt.Sprintf("%s %q: want ", key, value)) {
			t.Errorf("%s %q is not named in: %v", key, value, err)
		}
	}
	if strings.Contains(err.Error(), "\n") || strings.Contains(log.String(), "started") {
		t.Errorf("error %q, log %s", err, log)
	}
}

// What only shows when files are opened stands in the same message, beside bad values and each other, and a start that
// fails leaves nothing behind.
func TestOpenInstance_namesEveryBadFile(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Mkdir(in("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in("text"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	tls := map[string]string{"output": "file, forward", "forward_tls": "on", "file_path": in("new/folder/d.jsonl")}
	for _, c := range []struct {
		name string
		p    map[string]string
		bad  []string
	}{
		{"files and a number", map[string]string{"file_path": in("folder"), "iis_config": in("no.config"), "alert_detections": "0", "forward_tls_ca_file": in("no.crt")},
			[]string{"file_path", "iis_config", "alert_detections", "forward_tls_ca_file"}},
		{"files alone", map[string]string{"file_path": in("text/d.jsonl"), "forward_tls_ca_file": in("text"), "forward_tls_crt_file": in("no.crt"), "forward_tls_key_file": in("folder")},
			[]string{"file_path", "forward_tls_ca_file", "forward_tls_crt_file", "forward_tls_key_file"}},
		{"columns", map[string]string{"client_ip_field": "c-ip", "forward_tls_ca_file": in("no.crt"), "iis_config": in("text")},
			[]string{"client_ip_field", "forward_tls_ca_file", "iis_config"}},
		{"half a pair", map[string]string{"forward_tls_crt_file": in("no.crt"), "forward_tls_key_file": "", "iis_config": in("folder")},
			[]string{"forward_tls_crt_file", "forward_tls_key_file", "iis_config"}},
		{"no encryption", map[string]string{"forward_tls": "no", "forward_tls_ca_file": in("no.crt"), "forward_username": strings.Repeat("u", 256), "forward_password": "p", "forward_shared_key": "k"},
			[]string{"forward_tls", "forward_username", "forward_tls_ca_file"}},
		{"encrypted socket", map[string]string{"forward_unix_path": "s", "set_limit": "0"}, []string{"forward_tls_vhost", "set_limit"}},
		{"some outputs", map[string]string{"output": "file, syslog", "file_path": in("folder")}, []string{"output", "file_path"}},
		{"good file, bad number", map[string]string{"set_limit": "0"}, []string{"set_limit"}},
		{"good file, bad certificates", map[string]string{"forward_tls_ca_file": in("no.crt")}, []string{"forward_tls_ca_file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := maps.Clone(tls)
			maps.Copy(all, c.p)
			opened, err := openInstance(func(key string) string { return all[key] }, slog.New(slog.DiscardHandler))
			if err == nil {
				opened.close()
				t.Fatal("no error")
			}
			text := err.Error()
			for _, key := range c.bad {
				value := all[key]
				if len(value) > 128 {
					value = value[:128] + "..."
				}
				if n := strings.Count(text, fmt.Sprintf("%s %q: want ", key, value)); n != 1 {
					t.Errorf("%s %q is named %d times in: %s", key, value, n, text)
				}
			}
			if n := strings.Count(text, `": want `); n != len(c.bad) || strings.Contains(text, "\n") {
				t.Errorf("%d faults, want %d in one line: %s", n, len(c.bad), text)
			}
			if left, err := os.ReadDir(dir); len(left) != 2 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// What is set and has no effect is said at the start, what waits for a later version in one line.
func TestOpenInstance_warns(t *testing.T) {
	s := open(t, map[string]string{"matching": "kql", "path_match": "full", "state_dir": "s", "rescan_path": "r"})
	s.in.close()
	for _, want := range []string{`level=WARN msg="path_match has no effect: matching is kql"`, `level=WARN msg="no effect in this version: state_dir, rescan_path"`} {
		if strings.Count(s.log.String(), want) != 1 {
			t.Errorf("want one %s in\n%s", want, s.log)
		}
	}
}

// What can't be opened fails the start as well.
func TestOpenInstance_cannotStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]map[string]string{
		"file below a file": {"output": "file", "file_path": filepath.Join(file, "x.jsonl")},
		"no site map":       {"iis_config": filepath.Join(t.TempDir(), "applicationHost.config")},
		"client_ip_field":   {"client_ip_field": "c-ip"},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := openInstance(func(key string) string { return p[key] }, slog.New(slog.DiscardHandler))
			if err == nil {
				in.close()
				t.Error("no error")
			}
		})
	}
}

// Chunks one after another, and through four threads in any order, each of them twice: the same final detections.
func TestInstance_workers(t *testing.T) {
	lines, alert := mixChunks(4000, 16)
	serial := open(t, nil)
	serial.in.flush(alert, "alert.x")
	for _, c := range lines {
		serial.in.flush(c, "iis")
	}
	want := serial.finals()
	if len(want) < 50 {
		t.Fatalf("%d detections: too few to tell anything", len(want))
	}
	for seed := range uint64(3) {
		dice := rand.New(rand.NewPCG(seed, 1))
		s := open(t, nil)
		queue := make(chan int, 2*len(lines)+1)
		for _, i := range dice.Perm(2 * len(lines)) {
			queue <- i
		}
		queue <- -1 // the alert
		close(queue)
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for i := range queue {
					if i < 0 {
						s.in.flush(alert, "alert.x")
					} else if got := s.in.flush(slices.Clone(lines[i/2]), "iis"); got != statusOK {
						t.Errorf("status %d", got)
					}
				}
			})
		}
		workers.Wait()
		if got := s.finals(); !slices.Equal(got, want) {
			t.Errorf("order %d: %d detections, want %d\n got %.500s\nwant %.500s", seed, len(got), len(want), got, want)
		}
	}
}

// Two instances know nothing of each other; each closes by itself.
func TestInstance_two(t *testing.T) {
	lines, alert := mixChunks(500, 1)
	a, b := open(t, nil), open(t, map[string]string{"matching": "kql", "alert_tag": "other.*"})
	for _, s := range []*section{a, b} {
		s.in.flush(alert, "alert.x")
		s.in.flush(lines[0], "iis")
	}
	if n := len(a.finals()); n == 0 {
		t.Error("no detection from the first")
	}
	if n := len(b.finals()); n != 0 {
		t.Errorf("%d detections from the second, which saw no alert", n)
	}
}

// What waits when an instance ends is used and sent: lines without columns, revisions that are not due yet, a look-back
// that is not done.
func TestInstance_closeSendsTheRest(t *testing.T) {
	const line = "2026-03-02 10:00:07 10.0.0.5 GET /up/shell.aspx - 443 - 203.0.113.%d curl/8.4.0 - 200 0 0 3"
	s := open(t, map[string]string{"update_interval": "1h"})
	var events []byte
	for i := range 300 {
		events = append(events, chunktest.Tail("/elsewhere/W3SVC2/x.log", uint64(5000+i*200), fmt.Sprintf(line, i%2))...)
	}
	s.in.flush(events[:len(events)/2+7], "iis") // ends inside an event; the lines wait for columns
	s.in.flush(events[len(events)/2+7:], "iis") // begins inside one
	s.in.flush(chunktest.Event(chunktest.New(), 1, 0, "file", "shell.aspx", "host", "WEB01", "id", "1", "time", "2026-03-02T09:00:00Z"), "alert.x")
	s.in.flush(events, "iis")
	got := s.finals()
	want := []string{"WEB01 W3SVC2 /up/shell.aspx 203.0.113.0 150", "WEB01 W3SVC2 /up/shell.aspx 203.0.113.1 150"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, part := range []string{"msg=started", "msg=stopped", "duplicates=", "file_acknowledged="} {
		if !strings.Contains(s.log.String(), part) {
			t.Errorf("the log has no %s:\n%s", part, s.log)
		}
	}
	if n := strings.Count(s.log.String(), "chunk broken"); n != 1 {
		t.Errorf("%d lines about broken chunks, want one:\n%s", n, s.log)
	}
}

// Whatever comes, and whatever the tag, no panic and no retry.
func TestInstance_garbage(t *testing.T) {
	s := open(t, nil)
	lines, alert := mixChunks(50, 1)
	dice := rand.New(rand.NewPCG(1, 9))
	for i := range 3000 {
		data := slices.Clone(append(slices.Clone(alert), lines[0]...))
		for range 1 + dice.IntN(6) {
			data[dice.IntN(len(data))] = byte(dice.Uint32())
		}
		tag := []string{"iis", "alert.x", "", strings.Repeat("t", 5000)}[i%4]
		if got := s.in.flush(data[:dice.IntN(len(data)+1)], tag); got != statusOK {
			t.Fatalf("status %d", got)
		}
	}
	for _, data := range [][]byte{nil, {}, {0xc1}, bytes.Repeat([]byte{0x91}, 1<<20), bytes.Repeat([]byte{0xdd, 0xff, 0xff, 0xff, 0xff}, 1000)} {
		if got := s.in.flush(data, "iis"); got != statusOK {
			t.Fatalf("status %d", got)
		}
	}
	s.finals()
	if n := strings.Count(s.log.String(), "\n"); n > 100 {
		t.Errorf("%d log lines for 3000 broken chunks", n)
	}
}

// The instance's own timer does what is due, beside flushes, and ends with it.
func TestInstance_timer(t *testing.T) {
	s := open(t, map[string]string{"update_interval": "1s"})
	lines, alert := mixChunks(2000, 8)
	s.in.flush(alert, "alert.x")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for _, c := range lines {
			s.in.flush(c, "iis")
			s.in.tick()
			s.in.step()
		}
	}()
	s.in.tick()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("flushes and ticks wait for each other")
	}
	if len(s.finals()) == 0 {
		t.Error("no detection")
	}
}
