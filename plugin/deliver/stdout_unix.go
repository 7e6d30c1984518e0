// SPDX-License-Identifier: Apache-2.0

//go:build unix

package deliver

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// rawFile writes to a file by its descriptor. os.File ends the whole process when descriptor 1 or 2 is a pipe that
// nobody reads (os: epipecheck), even where the host ignores SIGPIPE, if it came to do so after the Go runtime started.
// The file's own lock still keeps the lines of several instances apart.
type rawFile struct{ f *os.File }

// processStdout wraps standard output.
func processStdout(f *os.File) io.Writer { return rawFile{f} }

// Write writes all of p, as far as it goes.
func (r rawFile) Write(p []byte) (n int, err error) {
	conn, err := r.f.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = conn.Write(func(fd uintptr) bool {
		n, failed = writeAll(int(fd), p, n)
		return !errors.Is(failed, syscall.EAGAIN) // false waits until the descriptor takes more, where the system can tell
	})
	if failed != nil {
		return n, failed
	}
	return n, err
}

// writeAll writes p from n on, and returns how much of p is written.
func writeAll(fd int, p []byte, n int) (int, error) {
	for n < len(p) {
		m, err := syscall.Write(fd, p[n:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}
