// SPDX-License-Identifier: Apache-2.0

// Package programs finds what the tests run: a real Fluent Bit, the plugin, the bundled host. A test that needs one which
// is not there is skipped and says so.
package programs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	// Root is the repository, seen from the folder of a test.
	Root = "../.."
	// Patience bounds every wait; it is reached only when a test fails.
	Patience = 60 * time.Second
	// LookAgain is how often what another process writes is looked at.
	LookAgain = 20 * time.Millisecond
)

// FluentBit gives the program that FLUENT_BIT names, else the one on the path, or skips the test.
func FluentBit(t testing.TB) string {
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

// Built gives the absolute path of what make builds, or of what the variable names, or skips the test.
func Built(t testing.TB, variable, file string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join(Root, "build", file)
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

// Plugin gives the shared object.
func Plugin(t testing.TB) string {
	t.Helper()
	return Built(t, "WEBSHELL_SO", "out_webshell.so")
}
