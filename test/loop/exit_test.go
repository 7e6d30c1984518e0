// SPDX-License-Identifier: Apache-2.0

package loop_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"webshell/test/programs"
)

// hanging accepts connections on the loopback address, reads what comes and never answers.
type hanging struct {
	port int

	mu    sync.Mutex
	conns []net.Conn
	read  int64
}

// newHanging listens until the test ends. With deaf it does not even read.
func newHanging(t testing.TB, deaf bool) *hanging {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hanging{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			h.mu.Lock()
			h.conns = append(h.conns, c)
			h.mu.Unlock()
			if !deaf {
				go func() { _, _ = io.Copy(h, c) }()
			}
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, c := range h.conns {
			_ = c.Close()
		}
	})
	return h
}

// Write counts what was read.
func (h *hanging) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.read += int64(len(b))
	return len(b), nil
}

// hasRead reports whether something was sent.
func (h *hanging) hasRead() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.read > 0
}

// toHanging is one output section to a receiver that hangs. %s are folder, plugin, port and more properties.
const toHanging = `
service: {flush: 0.2, log_level: info, grace: 5}
plugins: ['%[2]s']
pipeline:
  inputs:
    - {name: tail, tag: iis, path: '%[1]s/iis/*.log', path_key: path, offset_key: offset, read_from_head: on}
    - {name: tail, tag: alert.file, path: '%[1]s/alerts/*.json', read_from_head: on}
  outputs:
    - {name: webshell, match: '*', output: 'forward, file', file_path: '%[1]s/out.jsonl', offset_key: offset, forward_port: %[3]d, %[4]s}
`

// TestExit_receiverHangs: SIGTERM while the receiver hangs, in each way it can, ends within Fluent Bit's grace of 5 s
// and some; what was not delivered is counted and logged, and the other output has it all.
func TestExit_receiverHangs(t *testing.T) {
	programs.FluentBit(t)
	const clients = 7
	for name, c := range map[string]struct {
		deaf       bool
		properties string
	}{
		"no acknowledgement": {false, "update_interval: 60s"},
		"reads nothing":      {true, "forward_compress: none"},
		"no HELO":            {true, "forward_shared_key: '${WEBSHELL_SHARED_KEY}'"},
		"no TLS":             {true, "forward_tls: on, forward_tls_verify: off"},
	} {
		t.Run(name, func(t *testing.T) {
			h, dir, w := newHanging(t, c.deaf), shortDir(t), newWorld()
			log := head
			for i := range clients {
				log += w.requests(10*i, fmt.Sprintf("203.0.113.%d", i+1), 3)
			}
			write(t, dir+"/iis/u_ex.log", log)
			write(t, dir+"/alerts/a.json", w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
			write(t, dir+"/exit.yaml", fmt.Sprintf(toHanging, dir, programs.Plugin(t), h.port, c.properties))
			p := start(t, dir+"/exit.yaml")
			p.until(t, "the file has all", func() bool { return len(records(t, dir+"/out.jsonl")) == clients })
			p.until(t, "the receiver hangs", func() bool { return c.deaf || h.hasRead() })
			add(t, dir+"/iis/u_ex.log", w.requests(1200, "203.0.113.99", 1))
			p.until(t, "the other output goes on", func() bool { return len(records(t, dir+"/out.jsonl")) == clients+1 })
			began := time.Now()
			p.terminate(t)
			t.Logf("ended %v after SIGTERM", time.Since(began).Round(time.Millisecond))
			if code := p.cmd.ProcessState.ExitCode(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if want := fmt.Sprintf("detections dropped reason=exit count=%d", clients+1); !strings.Contains(p.printed(), want) {
				t.Errorf("no %q in the log", want)
			}
			for counted, n := range map[string]int{"forward_acknowledged": 0, "file_acknowledged": clients + 1} {
				if got := counter(p, counted); got != n {
					t.Errorf("%s: got %d, want %d", counted, got, n)
				}
			}
			if strings.Count(p.printed(), "SIGTERM") != 1 {
				t.Error("Fluent Bit had to be told twice")
			}
		})
	}
}

// TestExit_again: a second signal while the plugin waits for the receiver is no reason to crash.
func TestExit_again(t *testing.T) {
	programs.FluentBit(t)
	h, dir, w := newHanging(t, false), shortDir(t), newWorld()
	write(t, dir+"/iis/u_ex.log", head+w.requests(0, "203.0.113.7", 3))
	write(t, dir+"/alerts/a.json", w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
	write(t, dir+"/exit.yaml", fmt.Sprintf(toHanging, dir, programs.Plugin(t), h.port, "update_interval: 60s"))
	p := start(t, dir+"/exit.yaml")
	p.until(t, "the receiver hangs", h.hasRead)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.prints(t, "service has stopped")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	p.terminate(t)
	for _, bad := range []string{"SIGSEGV", "panic", "fatal error"} {
		if strings.Contains(p.printed(), bad) {
			t.Errorf("%s:\n%s", bad, tail(p.printed()))
		}
	}
}

// TestExit_loop: Fluent Bit closes its inputs before its outputs, so a revision that is due at the end has no way back
// into the loop. It is counted and logged, and the end does not hang.
func TestExit_loop(t *testing.T) {
	programs.FluentBit(t)
	dir, w := shortDir(t), newWorld()
	write(t, dir+"/iis/u_ex.log", head+w.requests(0, "203.0.113.7", 3))
	write(t, dir+"/alerts/a.json", w.alert("shell.aspx", `C:\inetpub\wwwroot\up`))
	config := fmt.Sprintf(again, "sentinel", dir, programs.Plugin(t), accessor(formats["sentinel"].id))
	write(t, dir+"/exit.yaml", strings.Replace(config, "update_interval: 0", "update_interval: 60s", 1))
	p := start(t, dir+"/exit.yaml")
	arrive := func(n int) {
		t.Helper()
		p.until(t, "they arrive", func() bool { return len(records(t, dir+"/detections.jsonl")) == n })
	}
	arrive(1)
	add(t, dir+"/iis/u_ex.log", w.requests(1200, "203.0.113.7", 2)+w.requests(1210, "203.0.113.99", 1))
	arrive(2)
	p.terminate(t)
	if want := "detections dropped reason=exit count=1"; !strings.Contains(p.printed(), want) {
		t.Errorf("no %q in the log", want)
	}
	if got := counter(p, "forward_acknowledged"); got != 2 {
		t.Errorf("%d acknowledged, want 2", got)
	}
}
