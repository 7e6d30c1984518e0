// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"io"
	"os"
	"strings"

	"webshell/correlate/w3c"
)

const (
	// headBytes of a file are searched for its first #Fields:; IIS writes it within the first 200.
	headBytes = 64 << 10
	// backBytes before a line are searched for a later #Fields:, newest first: some milliseconds from the page
	// cache, once a source.
	backBytes = 8 << 20
	backPiece = 1 << 20
)

var fieldsWord = []byte("\n#Fields:")

// columnsFromFile reads the columns of a line from the file it came from, where that is here: nothing of a file is
// used before the bytes at the line's offset have been seen to be the line.
func (s *Set) columnsFromFile(o *origin, in *rawLine) *w3c.Columns {
	if o.headTried || in.offset == noOffset || o.path == "" {
		return nil
	}
	o.headTried = true
	f := openLocal(o.path)
	if f == nil {
		return nil
	}
	defer f.Close() // read only: nothing to lose
	if !holdsLine(f, in) {
		return nil
	}
	for _, at := range findFields(f, in.offset) {
		if cols, err := w3c.ParseFields(at.line, &s.opt.W3C); err == nil {
			o.setColumns(at.offset, cols)
		}
	}
	return o.columnsFor(in.offset)
}

// openLocal opens a regular file of this machine for reading, or gives nil: a path may come from another machine or
// from a liar, so no device, pipe or network share is opened.
func openLocal(path string) *os.File {
	if strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, "//") || strings.ContainsRune(path, 0) {
		return nil
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close() // another file took its place
		return nil
	}
	return f
}

// holdsLine reports whether the line stands in the file at its offset.
func holdsLine(f io.ReaderAt, in *rawLine) bool {
	b := make([]byte, len(in.text)+2)
	n, err := f.ReadAt(b, in.offset)
	if err != nil && err != io.EOF || n <= len(in.text) || !bytes.Equal(b[:len(in.text)], in.text) {
		return false
	}
	rest := b[len(in.text):n]
	return rest[0] == '\n' || len(rest) == 2 && rest[0] == '\r' && rest[1] == '\n'
}

type fieldsLine struct {
	offset int64
	line   []byte
}

// findFields gives the first #Fields: of the file's head and the last one before offset, as far as it looks.
func findFields(f io.ReaderAt, offset int64) []fieldsLine {
	var found []fieldsLine
	head := readPiece(f, 0, min(headBytes, offset))
	if i := bytes.Index(append([]byte{'\n'}, bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))...), fieldsWord); i >= 0 {
		skip := len(head) - len(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")))
		found = append(found, fieldsLine{int64(i + skip), firstLine(head[i+skip:])})
	}
	for end := offset; end > headBytes && offset-end < backBytes; end -= backPiece {
		start := max(end-backPiece, 0)
		piece := readPiece(f, start, end-start+headBytes) // a directive that begins in the piece may end behind it
		if i := bytes.LastIndex(piece[:min(len(piece), int(end-start)+len(fieldsWord))], fieldsWord); i >= 0 {
			return append(found, fieldsLine{start + int64(i) + 1, firstLine(piece[i+1:])})
		}
	}
	if i := bytes.LastIndex(head, fieldsWord); i >= 0 {
		found = append(found, fieldsLine{int64(i) + 1, firstLine(head[i+1:])})
	}
	return found
}

func readPiece(f io.ReaderAt, offset, size int64) []byte {
	b := make([]byte, max(size, 0))
	n, _ := f.ReadAt(b, offset) // what was read counts; the end of the file is no fault
	return b[:n]
}

func firstLine(b []byte) []byte {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i]
	}
	return nil // cut off: not to be trusted
}
