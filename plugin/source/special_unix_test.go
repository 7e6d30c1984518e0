// SPDX-License-Identifier: Apache-2.0

//go:build unix

package source

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"
)

// specialFiles makes a pipe that nobody writes to and a socket.
func specialFiles(t *testing.T) []string {
	t.Helper()
	pipe, socket := filepath.Join(t.TempDir(), "pipe"), filepath.Join(t.TempDir(), "socket")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return []string{pipe, socket}
}
