// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"webshell/correlate/w3c"
)

const (
	// headBytes of a file are searched for its first #Fields:; IIS writes it within the first 200.
	headBytes = 64 << 10
	// backBytes before a line are searched for a later one: some milliseconds from the page cache, and that once a
	// chunk and source, where lines are missing.
	backBytes = 8 << 20
	// flushBytes bounds what all sources of a chunk may have searched: a chunk may name any number of files.
	flushBytes = 4 * backBytes
	// lookBuffer holds the longest #Fields: (w3c takes 16 KiB); a longer line is passed over.
	lookBuffer = 32 << 10
)

// lookAt reads what directives stand between the lines that were seen and this one, from the file where that is here,
// and reports whether it could. Nothing of a file is used before the bytes at the line's offset have been seen to be
// the line.
func (s *Set) lookAt(o *origin, in *rawLine) bool {
	if o.path == "" || o.lookedIn == s.flush || s.lookLeft <= 0 {
		return false
	}
	o.lookedIn = s.flush
	f := openLocal(o.path, in.end())
	if f == nil {
		return false
	}
	defer f.Close() // read only: nothing to lose
	if !holdsLine(f, in) {
		return false
	}
	from := o.seenBefore(in.offset)
	if in.offset-from > backBytes {
		if from == 0 {
			s.readDirectives(o, f, span{0, headBytes})
		}
		s.readDirectives(o, f, span{in.offset - backBytes, in.offset})
	} else {
		s.readDirectives(o, f, span{from, in.offset})
	}
	if o.parts.add(from, in.offset) {
		s.releaseLater(o)
	}
	return true
}

// seenBefore gives the offset up to which no #Fields: can have been missed that counts at offset.
func (o *origin) seenBefore(offset int64) int64 {
	from := int64(0)
	if i := o.parts.before(offset); i > 0 {
		from = o.parts[i-1].to
	}
	if at := lastBefore(o.columns, offset); at != nil {
		from = max(from, at.offset)
	}
	return from
}

// openLocal opens a regular file of this machine for reading that has at least size bytes, or gives nil: a path may
// come from another machine or from a liar, so no device, pipe or network share is opened.
func openLocal(path string, size int64) *os.File {
	if !isLocalName(path) {
		return nil
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() < size {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() < size {
		_ = f.Close() // another file took its place
		return nil
	}
	return f
}

// isLocalName refuses what Windows takes for a share, a device or a name of its object manager: two separators at the
// front, of either kind, \??\, and reserved names such as NUL. To look at such a name is already to go there.
func isLocalName(path string) bool {
	const separators = `\/`
	if len(path) > 1 && strings.IndexByte(separators, path[0]) >= 0 && strings.IndexByte(separators+"?", path[1]) >= 0 {
		return false
	}
	return strings.IndexByte(path, 0) < 0 && filepath.IsLocal(filepath.Base(path))
}

// holdsLine reports whether the line stands in the file at its offset.
func holdsLine(f io.ReaderAt, in *rawLine) bool {
	b := make([]byte, len(in.text)+2)
	n, err := f.ReadAt(b, in.offset)
	if err != nil && !errors.Is(err, io.EOF) || n <= len(in.text) || !bytes.Equal(b[:len(in.text)], in.text) {
		return false
	}
	rest := b[len(in.text):n]
	return rest[0] == '\n' || len(rest) == 2 && rest[0] == '\r' && rest[1] == '\n'
}

// readDirectives notes the #Date: and #Fields: of a part of a file. The part ends where a line begins; it begins
// behind a line, before its line end or not, or anywhere.
func (s *Set) readDirectives(o *origin, f io.ReaderAt, part span) {
	s.lookLeft -= part.to - part.from
	r := bufio.NewReaderSize(io.NewSectionReader(f, part.from, part.to-part.from), lookBuffer)
	isStart := part.from == 0
	for at := part.from; ; {
		line, err := r.ReadSlice('\n')
		if isStart && err == nil && isDirective(line) {
			s.addFileDirective(o, at, line)
		}
		at += int64(len(line))
		isStart = err == nil // else this was the end, or the beginning of a longer line
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// isDirective reports whether a line begins with "#", a byte order mark before it or not.
func isDirective(line []byte) bool {
	if line[0] == 0xEF {
		line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
	}
	return line[0] == '#'
}

// addFileDirective notes a "#" line of a file; one that can't be read is refused when its event comes.
func (s *Set) addFileDirective(o *origin, offset int64, line []byte) {
	switch w3c.Directive(line) {
	case w3c.KindDate:
		if date, err := w3c.ParseDate(line); err == nil {
			s.setDate(o, offset, date)
		}
	case w3c.KindFields:
		if cols, err := w3c.ParseFields(line, &s.opt.W3C); err == nil {
			s.setColumns(o, offset, cols)
		}
	}
}
