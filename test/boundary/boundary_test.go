// SPDX-License-Identifier: Apache-2.0

// Package boundary runs the plugin in the bundled host (test/host): the boundary cases and the sample story.
//
// WEBSHELL_HOST is the command that runs the host, words separated by blanks (Wine and host.exe, for one), WEBSHELL_SO
// the plugin it loads. Without them both are built here.
package boundary

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// patience is how long one run of the host may take: seconds are usual, Wine on a loaded machine needs more.
const patience = 5 * time.Minute

// root is the repository, seen from this folder.
const root = "../.."

var (
	hostCommand []string // how to run the host
	plugin      string   // the shared object
)

func TestMain(m *testing.M) {
	code, err := withBuilt(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// withBuilt runs the tests with what WEBSHELL_HOST and WEBSHELL_SO name, or with fresh builds.
func withBuilt(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "webshell-host")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	hostCommand = strings.Fields(os.Getenv("WEBSHELL_HOST"))
	if len(hostCommand) == 0 {
		if hostCommand, err = buildHost(filepath.Join(dir, "host")); err != nil {
			return 1, err
		}
	}
	plugin = os.Getenv("WEBSHELL_SO")
	if plugin == "" {
		plugin = filepath.Join(dir, "out_webshell.so")
		if err := buildPlugin(plugin); err != nil {
			return 1, err
		}
	}
	return m.Run(), nil
}

func buildHost(target string) ([]string, error) {
	sources, err := filepath.Glob(root + "/test/host/*.c")
	if err != nil {
		return nil, err
	}
	args := []string{"-std=c11", "-O2", "-D_GNU_SOURCE", "-o", target}
	for _, source := range sources {
		if filepath.Base(source) != "bcryptprimitives.c" { // for Wine alone
			args = append(args, source)
		}
	}
	out, err := exec.Command("cc", append(args, "-lpthread", "-ldl")...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("build the host: %w\n%s", err, out)
	}
	return []string{target}, nil
}

// buildPlugin builds the plugin with more variables in its environment.
func buildPlugin(target string, env ...string) error {
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-o", target, "./plugin")
	cmd.Dir = root
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=1"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the plugin: %w\n%s", err, out)
	}
	return nil
}

// isWine tells whether the host is a program for Windows: no fork and no signals then.
func isWine() bool { return strings.HasSuffix(hostCommand[len(hostCommand)-1], ".exe") }

type result struct {
	stdout, stderr string
	code           int
}

// runHost runs the host from the repository's root.
func runHost(t *testing.T, env []string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, hostCommand[0], append(hostCommand[1:len(hostCommand):len(hostCommand)], args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("host %v: no end after %v\n%s%s", args, patience, stdout.String(), stderr.String())
	}
	if cmd.ProcessState == nil {
		t.Fatalf("host %v: %v", args, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

var caseCount = regexp.MustCompile(`(?m)^([0-9]+) cases, 0 failed\r?$`)

// leastCases keeps cases from getting lost; a fork has no meaning on Windows.
const leastCases = 30

func runBoundary(t *testing.T, plugin string, env ...string) {
	t.Helper()
	got := runHost(t, env, "boundary", plugin)
	count := caseCount.FindStringSubmatch(got.stdout)
	if got.code != 0 || count == nil {
		t.Fatalf("exit code %d\n%s\n%s", got.code, got.stdout, got.stderr)
	}
	var n int
	if _, err := fmt.Sscan(count[1], &n); err != nil || n < leastCases {
		t.Errorf("%d cases, want %d or more", n, leastCases)
	}
	t.Logf("%d boundary cases", n)
}

func TestBoundary(t *testing.T) { runBoundary(t, plugin) }

// TestBoundary_collector lets the collector run all the time: views of a chunk that outlive it show.
func TestBoundary_collector(t *testing.T) { runBoundary(t, plugin, "GOGC=1") }

// TestBoundary_cgocheck is a build that looks at every pointer which is stored where C can see it.
func TestBoundary_cgocheck(t *testing.T) {
	if isWine() {
		t.Skip("the check is the same on Linux, where it is run")
	}
	checked := filepath.Join(t.TempDir(), "out_webshell.so")
	if err := buildPlugin(checked, "GOEXPERIMENT=cgocheck2"); err != nil {
		t.Fatal(err)
	}
	runBoundary(t, checked, "GOGC=10")
}
