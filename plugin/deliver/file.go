// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// file appends whole lines to a file that is rotated by size: path is the newest, path.1 the one before it, and so on.
//
// It is our own because lumberjack v2.2.1, the usual library, counts sizes in whole megabytes, refuses a write larger
// than that, leaves what a full disk took of a line and goes on behind it, overwrites a backup made in the same
// millisecond, stops writing for good when a rename fails (on Windows another program that reads the file is enough),
// and starts a goroutine that nothing ends.
type file struct {
	o    FileOptions
	f    appendFile
	size int64  // of f
	buf  []byte // lines of one write

	open func(path string) (appendFile, error) // openAppend, or a stand-in whose disk is full
}

// appendFile is what file needs of an os.File.
type appendFile interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

// fileMode lets the owner alone read: lines hold addresses, user names and cookies.
const fileMode = 0o600

// dirMode is that of a folder made for the file.
const dirMode = 0o700

// openFile opens the file, so that a path that can't work stops the start. A full disk may clear and does not.
func openFile(o FileOptions) (output, error) {
	w := &file{o: o, open: openAppend}
	if err := o.fault(w.reopen()); err != nil {
		return nil, err
	}
	return w, nil
}

// fault is what an error of opening says of the property. A full disk may clear.
func (o *FileOptions) fault(err error) error {
	if err == nil || errors.Is(err, syscall.ENOSPC) {
		return nil
	}
	return fmt.Errorf("file_path %q: want a file that can be written, in a folder that is there or can be made: %w", o.Path, err)
}

// check tries to open the file and leaves nothing behind.
func (o *FileOptions) check() error {
	made := missing(o.Path)
	f, err := openAppend(o.Path)
	if err == nil {
		err = f.Close()
	}
	for _, path := range made {
		if info, err := os.Lstat(path); err == nil && (info.IsDir() || info.Size() == 0) {
			_ = os.Remove(path) // what others put there meanwhile stays
		}
	}
	return o.fault(err)
}

// missing lists what is to be made for a file at path: the file, then its folders from within.
func missing(path string) []string {
	var paths []string
	for path = filepath.Clean(path); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path {
			return paths // the latter is a drive that is not there
		}
		paths = append(paths, path)
	}
}

// openAppend opens or makes the file at path.
func openAppend(path string) (appendFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, fileMode)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, f.Close(), errors.New("not a regular file"))
	}
	return f, nil
}

// send appends the lines, as many writes as rotations ask for. After an error the file ends with a whole line again.
func (w *file) send(_ context.Context, ds []Delivery) (int, error) {
	if err := w.prepare(); err != nil {
		return 0, fmt.Errorf("file %q: %w", w.o.Path, err)
	}
	for n := 0; n < len(ds); {
		m := w.fitting(ds[n:])
		if m == 0 {
			if err := w.rotate(); err != nil {
				return n, fmt.Errorf("file %q: %w", w.o.Path, err)
			}
			m = max(1, w.fitting(ds[n:])) // a line larger than the size has a file of its own
		}
		m, err := w.write(ds[n : n+m])
		n += m
		if err != nil {
			return n, fmt.Errorf("file %q: %w", w.o.Path, err)
		}
	}
	return len(ds), nil
}

// fitting is how many of the lines the file takes before it is to be rotated.
func (w *file) fitting(ds []Delivery) int {
	size := w.size
	for i := range ds {
		if size += int64(len(ds[i].Line())) + 1; size > w.o.RotateSize {
			return i
		}
	}
	return len(ds)
}

// write appends lines with one write, and returns how many of them are in the file.
func (w *file) write(ds []Delivery) (int, error) {
	w.buf = appendLines(w.buf[:0], ds)
	n, err := w.f.Write(w.buf)
	if err == nil {
		w.size += int64(n)
		w.trim()
		return len(ds), nil
	}
	n = bytes.LastIndexByte(w.buf[:min(max(n, 0), len(w.buf))], '\n') + 1
	w.size += int64(n)
	whole := bytes.Count(w.buf[:n], newline)
	// What a full disk took of a line goes; if even that fails, the next opening cuts it.
	return whole, errors.Join(err, w.closeFile(), cut(w.o.Path, w.size))
}

// trim gives back the memory of an unusually large batch.
func (w *file) trim() {
	if cap(w.buf) > maxKeptBuffer {
		w.buf = nil
	}
}

// prepare makes sure that the file at path is the one that is open: others may move or remove it.
func (w *file) prepare() error {
	if w.f == nil {
		return w.reopen()
	}
	ours, err := w.f.Stat()
	if err == nil {
		var there fs.FileInfo
		if there, err = os.Stat(w.o.Path); err == nil && os.SameFile(ours, there) {
			w.size = ours.Size() // who truncates it, or appends too, is seen
			return nil
		}
	}
	return errors.Join(w.closeFile(), w.reopen())
}

// reopen opens the file and cuts the line that a kill or a full disk left unfinished.
func (w *file) reopen() error {
	f, err := w.open(w.o.Path)
	if err != nil {
		return err
	}
	w.f = f
	info, err := f.Stat()
	if err == nil {
		w.size, err = w.repair(info.Size())
	}
	if err != nil {
		return errors.Join(err, w.closeFile())
	}
	return nil
}

// maxRepair bounds how far back the start of an unfinished line is looked for.
const maxRepair = 4 << 20

// repair makes a file of that size end with a whole line and returns its new size. What stands behind the last newline
// is cut if it looks like a line of ours, else ended.
func (w *file) repair(size int64) (int64, error) {
	tail := make([]byte, min(size, 1))
	if _, err := w.f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return size, err
	}
	if size == 0 || tail[0] == '\n' {
		return size, nil
	}
	tail = make([]byte, min(size, maxRepair))
	if _, err := w.f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return size, err
	}
	start := bytes.LastIndexByte(tail, '\n') + 1
	if (start > 0 || size <= maxRepair) && tail[start] == '{' {
		size -= int64(len(tail) - start)
		return size, cut(w.o.Path, size)
	}
	n, err := w.f.Write(newline)
	return size + int64(n), err
}

// cut shortens the file at path to size. It goes by the path, since Windows lets no file that is open for appending be
// shortened; if others put a shorter file there it is left alone.
func cut(path string, size int64) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= size {
		return err
	}
	return os.Truncate(path, size)
}

// rotate moves every file one number up, drops the oldest, and starts a new one. If the newest can't be moved (on
// Windows, while another program reads it), the lines go on in it, and the next batch tries again.
func (w *file) rotate() error {
	if w.size == 0 {
		return nil
	}
	if err := w.closeFile(); err != nil {
		return err
	}
	free := 1 // numbers above a gap stay, so that tries that fail push nothing out
	for free < w.o.RotateCount && exists(w.numbered(free)) {
		free++
	}
	for i := free; i > 0; i-- {
		if os.Rename(w.numbered(i-1), w.numbered(i)) != nil {
			break
		}
	}
	return w.reopen()
}

// exists reports whether something is at path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// numbered is the path of the i-th older file; 0 is the newest.
func (w *file) numbered(i int) string {
	if i == 0 {
		return w.o.Path
	}
	return fmt.Sprintf("%s.%d", w.o.Path, i)
}

// closeFile closes the file.
func (w *file) closeFile() error {
	if w.f == nil {
		return nil
	}
	err := w.f.Close()
	w.f = nil
	return err
}

// close ends the use of the file.
func (w *file) close() error { return w.closeFile() }
