// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// stdout writes one JSON object a line. When the reader is gone it is gone for good: a pipe has no second reader.
type stdout struct {
	w    io.Writer
	buf  []byte
	rest []byte // of a line that was written in part
}

// newStdout writes to w, or to the process's standard output where it is nil.
func newStdout(w io.Writer) *stdout {
	if w == nil {
		w = processStdout(os.Stdout)
		if _, err := os.Stdout.Stat(); err != nil {
			w = closedOutput{err} // its number may soon be another file's
		}
	}
	return &stdout{w: w}
}

// closedOutput stands for a standard output that was closed before the start.
type closedOutput struct{ err error }

func (c closedOutput) Write([]byte) (int, error) { return 0, c.err }

// send writes the lines with one write, and what a short write left of a line with the next. A line that was begun
// counts as delivered, since the rest of it comes first of all the next time.
func (s *stdout) send(_ context.Context, ds []Delivery) (int, error) {
	s.buf = append(s.buf[:0], s.rest...)
	begun := len(s.rest)
	s.buf = appendLines(s.buf, ds)
	written, err := s.w.Write(s.buf)
	if err == nil && written < len(s.buf) {
		err = io.ErrShortWrite
	}
	written = min(max(written, 0), len(s.buf))
	whole, rest := split(s.buf, written, begun)
	n := bytes.Count(s.buf[begun:whole], newline)
	s.rest = bytes.Clone(rest)
	s.trim()
	if err != nil {
		return n, stdoutError(err)
	}
	return n, nil
}

var newline = []byte{'\n'}

// appendLines appends the lines of ds, each with its newline.
func appendLines(dst []byte, ds []Delivery) []byte {
	for i := range ds {
		dst = append(append(dst, ds[i].Line()...), '\n')
	}
	return dst
}

// split returns where the line ends that the first n bytes of buf reach into, and what of it is to be written yet. The
// first begun bytes are the rest of a line that was begun before.
func split(buf []byte, n, begun int) (end int, rest []byte) {
	switch {
	case n < begun:
		return begun, buf[n:begun]
	case n == 0 || buf[n-1] == '\n':
		return n, nil
	}
	end = n + bytes.IndexByte(buf[n:], '\n') + 1
	return end, buf[n:end]
}

// maxKeptBuffer is what an output keeps for the next batch.
const maxKeptBuffer = 2 << 20

// trim gives back the memory of an unusually large batch.
func (s *stdout) trim() {
	if cap(s.buf) > maxKeptBuffer {
		s.buf = nil
	}
}

// close leaves the process's standard output open: it is not ours.
func (s *stdout) close() error { return nil }

// stdoutError says which errors are for good.
func stdoutError(err error) error {
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, io.ErrShortWrite) ||
		errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EIO) {
		return fmt.Errorf("standard output: %w", err)
	}
	return fmt.Errorf("standard output %w: %w", errGone, err)
}
