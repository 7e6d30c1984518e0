// SPDX-License-Identifier: Apache-2.0

// Package e2e plays the sample story, and load, through a real Fluent Bit with the files of conf/: FLUENT_BIT names it,
// else it is looked for on the path; without one the tests that need it are skipped and say so. The bundled host plays
// the story as well. WEBSHELL_SO and WEBSHELL_HOST name the plugin and the host, else they are looked for in build/.
package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"webshell/test/programs"
)

// output takes what a process prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends to what was printed.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

// String gives what was printed so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// process is a running Fluent Bit, or the bundled host.
type process struct {
	cmd      *exec.Cmd
	out, log output
	ended    chan struct{}
	err      error
}

// start runs a program in dir; it ends with the test at the latest.
func start(t *testing.T, dir, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, &p.out, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		<-p.ended
		if t.Failed() {
			t.Logf("%s %s\n%s", program, strings.Join(args, " "), p.log.String())
		}
	})
	return p
}

// until waits for something that the process does.
func (p *process) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	limit := time.NewTimer(programs.Patience)
	defer limit.Stop()
	again := time.NewTicker(programs.LookAgain)
	defer again.Stop()
	for !is() {
		select {
		case <-p.ended:
			if is() {
				return
			}
			t.Fatalf("the process ended (%v) before: %s", p.err, what)
		case <-limit.C:
			t.Fatalf("waited in vain: %s", what)
		case <-again.C:
		}
	}
}

// end waits for the process to end by itself, without an error.
func (p *process) end(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(programs.Patience):
		t.Fatal("the process does not end")
	}
	if p.err != nil {
		t.Errorf("the process ended with %v", p.err)
	}
}

// terminate asks the process to end and waits for that.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
	p.end(t)
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
