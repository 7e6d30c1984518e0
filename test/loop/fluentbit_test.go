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
)

const (
	// root is the repository, seen from this folder.
	root = "../.."
	// patience bounds every wait; it is reached only when a test fails.
	patience = 60 * time.Second
	// lookAgain is how often a file that another process writes is looked at.
	lookAgain = 20 * time.Millisecond
	// sharedKey is the secret of all tests; configurations take it from the environment.
	sharedKey = "the key of the tests"
)

// fluentBit returns the program, or skips.
func fluentBit(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("FLUENT_BIT"); path != "" {
		return path
	}
	path, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("FLUENT_BIT is not set and no fluent-bit is on the path")
	}
	return path
}

// built returns the path of something that make builds, or of what the variable names, or skips.
func built(t testing.TB, variable, file string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join(root, "build", file)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not built and %s is not set: make build host", file, variable)
	}
	return path
}

// plugin is the shared object.
func plugin(t testing.TB) string {
	t.Helper()
	return built(t, "WEBSHELL_SO", "out_webshell.so")
}

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
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = root, p, p
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
	case <-time.After(patience):
		t.Fatalf("still there after %v:\n%s", patience, tail(p.printed()))
	}
}

// until waits until the condition holds; a process that ended meanwhile fails the test.
func (p *process) until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for deadline := time.After(patience); !holds(); {
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
	return run(t, fluentBit(t), "-c", config)
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
