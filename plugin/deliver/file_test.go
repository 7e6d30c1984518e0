// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// testBinary runs one test of this binary in a process of its own.
func testBinary(t *testing.T, name, env string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$")
	cmd.Env = append(os.Environ(), env)
	return cmd
}

// openTestFile opens a file output below a folder of the test.
func openTestFile(t *testing.T, size int64, count int) (*file, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "new folder", "detections.json")
	out, err := openFile(FileOptions{Path: path, RotateSize: size, RotateCount: count})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.close() })
	return out.(*file), path
}

// sendAll sends ds and fails unless all arrive.
func sendAll(t *testing.T, w *file, ds []Delivery) {
	t.Helper()
	if n, err := w.send(t.Context(), ds); n != len(ds) || err != nil {
		t.Fatalf("got %d and %v, want %d", n, err, len(ds))
	}
}

// read is the text of a file, "" where there is none.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

func TestFile_rotatesWholeLines(t *testing.T) {
	w, path := openTestFile(t, 4096, 3)
	ds := deliveries(20, 1000)
	for i := range ds {
		sendAll(t, w, ds[i:i+1])
	}
	for i, want := range []string{text(ds[18:]), text(ds[15:18]), text(ds[12:15]), text(ds[9:12]), ""} {
		if got := read(t, w.numbered(i)); got != want {
			t.Errorf("%s: %d bytes, want %d", w.numbered(i), len(got), len(want))
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != fileMode {
		t.Errorf("got %v, %v, want mode %o", info.Mode(), err, fileMode)
	}
}

func TestFile_oneBatchOverSeveralFiles(t *testing.T) {
	w, path := openTestFile(t, 4096, 9)
	ds := append(deliveries(7, 1000), deliveries(1, 9000)...) // the last is larger than a file
	ds = append(ds, deliveries(2, 100)...)
	sendAll(t, w, ds)
	var got string
	for i := 9; i >= 0; i-- {
		lines := read(t, w.numbered(i))
		if len(lines) > 4096 && strings.Count(lines, "\n") > 1 {
			t.Errorf("%s has %d bytes", w.numbered(i), len(lines))
		}
		got += lines
	}
	if got != text(ds) {
		t.Errorf("%d bytes in all files, want %d", len(got), len(text(ds)))
	}
	if read(t, path) != text(ds[8:]) {
		t.Errorf("the newest file does not hold the newest lines")
	}
}

func TestFile_goesOnInAnExistingFile(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"whole lines", "{\"a\":1}\n", "{\"a\":1}\n"},
		{"a line cut by a kill", "{\"a\":1}\n{\"b\":", "{\"a\":1}\n"},
		{"one cut line", "{\"b\":", ""},
		{"another program's text", "hello", "hello\n"},
		{"empty", "", ""},
	} {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := openFile(FileOptions{Path: path, RotateSize: 1 << 20, RotateCount: 1})
		if err != nil {
			t.Fatal(err)
		}
		ds := deliveries(1, 3)
		sendAll(t, out.(*file), ds)
		if got := read(t, path); got != c.after+text(ds) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.after+text(ds))
		}
		if err := out.close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFile_movedOrRemovedByOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows lets nobody move or remove a file that is open")
	}
	w, path := openTestFile(t, 1<<20, 2)
	ds := deliveries(3, 10)
	sendAll(t, w, ds[:1])
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	sendAll(t, w, ds[1:2])
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	sendAll(t, w, ds[2:])
	if got := read(t, path); got != text(ds[2:]) {
		t.Errorf("got %q, want %q", got, text(ds[2:]))
	}
}

// TestFile_renameFails lets rotation fail again and again: nothing is lost, older files stay.
func TestFile_renameFails(t *testing.T) {
	w, path := openTestFile(t, 4096, 2)
	ds := deliveries(30, 1000)
	sendAll(t, w, ds[:8])
	before := read(t, w.numbered(2))
	if err := os.Remove(w.numbered(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(w.numbered(1), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	blocked := w.numbered(2) // a folder at .1 can move to .2 only once .2 is gone; block it as well
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(blocked, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	kept := read(t, path)
	for i := 8; i < 30; i++ {
		sendAll(t, w, ds[i:i+1])
	}
	if got := read(t, path); got != kept+text(ds[8:]) || before == "" {
		t.Errorf("%d bytes, want all %d lines", len(got), strings.Count(kept, "\n")+22)
	}
}

// fullDisk takes a given number of bytes in all, then reports a full disk after a part of a write.
type fullDisk struct {
	appendFile
	room *int
}

func (f fullDisk) Write(p []byte) (int, error) {
	if len(p) <= *f.room {
		*f.room -= len(p)
		return f.appendFile.Write(p)
	}
	n, err := f.appendFile.Write(p[:*f.room])
	*f.room -= bytes.LastIndexByte(p[:n], '\n') + 1 // the rest is cut, which gives the room back
	if err != nil {
		return n, err
	}
	return n, syscall.ENOSPC
}

// TestFile_fullDisk fills the disk anywhere in a line and clears it again: whole lines at every moment, none lost.
func TestFile_fullDisk(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		w, _ := openTestFile(t, 4096, 50)
		room := 0
		w.open = func(path string) (appendFile, error) {
			f, err := openAppend(path)
			return fullDisk{f, &room}, err
		}
		if err := w.closeFile(); err != nil {
			t.Fatal(err)
		}
		ds := deliveries(40, rng.IntN(700))
		for left := ds; len(left) > 0; room += rng.IntN(3000) {
			n, err := w.send(t.Context(), left)
			if err == nil && n != len(left) || err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("got %d and %v", n, err)
			}
			if newest := read(t, w.o.Path); newest != "" && !strings.HasSuffix(newest, "\n") {
				t.Fatalf("seed %d: the file ends in mid-line: %q", seed, newest)
			}
			left = left[n:]
		}
		got := ""
		for i := 50; i >= 0; i-- {
			got += read(t, w.numbered(i))
		}
		if got != text(ds) {
			t.Fatalf("seed %d: %d bytes, want %d", seed, len(got), len(text(ds)))
		}
	}
}

func TestFile_pathsThatCannotWork(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(plain, "below a file"), dir + "/a\x00b"} {
		if _, err := openFile(FileOptions{Path: path, RotateSize: 1 << 20, RotateCount: 1}); err == nil {
			t.Errorf("%q: no error", path)
		}
	}
}
