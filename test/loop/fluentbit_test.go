// SPDX-License-Identifier: Apache-2.0

// Package loop_test drives the plugin in a real Fluent Bit: FLUENT_BIT names it, else it is looked for on the path.
// WEBSHELL_SO names the plugin, else it is build/out_webshell.so. Without them the tests are skipped and say so. All
// connections are on the loopback address.
package loop_test

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"webshell/test/programs"
)

const (
	// sharedKey is the secret of all tests; configurations take it from the environment.
	sharedKey = "the key of the tests"
)

// process is a running Fluent Bit, or the bundled host.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	out bytes.Buffer // standard output and error
}

// Write takes what the process prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// printed is what the process wrote so far.
func (p *process) printed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// run starts a program in the repository's root. It is killed at the end of the test if it still runs.
func run(t testing.TB, program string, arguments ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, arguments...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = programs.Root, p, p
	p.cmd.Env = append(os.Environ(), "WEBSHELL_SHARED_KEY="+sharedKey)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the tests look at the state themselves
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			t.Logf("%s printed:\n%s", filepath.Base(program), tail(p.printed()))
		}
	})
	return p
}

// tail is the end of a long text.
func tail(s string) string {
	const most = 8 << 10
	if len(s) > most {
		return "... " + s[len(s)-most:]
	}
	return s
}

// terminate asks the process to end and waits until it has.
func (p *process) terminate(t testing.TB) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
}

// kill ends the process at once.
func (p *process) kill(t testing.TB) {
	t.Helper()
	p.signal(t, os.Kill)
}

func (p *process) signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(programs.Patience):
		t.Fatalf("still there after %v:\n%s", programs.Patience, tail(p.printed()))
	}
}

// until waits until the condition holds; a process that ended meanwhile fails the test.
func (p *process) until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(programs.LookAgain)
	defer again.Stop()
	for deadline := time.After(programs.Patience); !holds(); {
		select {
		case <-again.C:
		case <-p.ended:
			if !holds() {
				t.Fatalf("ended before: %s\n%s", what, tail(p.printed()))
			}
		case <-deadline:
			t.Fatalf("never: %s\n%s", what, tail(p.printed()))
		}
	}
}

// prints waits until the process printed a text.
func (p *process) prints(t testing.TB, text string) {
	t.Helper()
	p.until(t, "prints "+text, func() bool { return strings.Contains(p.printed(), text) })
}

// start runs Fluent Bit with a configuration.
func start(t testing.TB, config string) *process {
	t.Helper()
	return run(t, programs.FluentBit(t), "-c", config)
}

// freePort is a TCP port of the loopback address that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// write makes a file and the folders above it.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// add appends to a file.
func add(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
