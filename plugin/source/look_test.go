// SPDX-License-Identifier: Apache-2.0

package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"webshell/plugin/chunk/chunktest"
)

func writeFile(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// hereFile is a file of this machine with a shell's lines behind its columns.
func hereFile(t *testing.T, head ...string) *logFile {
	t.Helper()
	l := newLogFile(filepath.Join(t.TempDir(), "W3SVC1", "u_ex260302.log"), head...)
	for i := range 10 {
		l.add(shortLine(clock(i)))
	}
	writeFile(t, l.path, l.text)
	return l
}

// The plugin starts in the middle of a file that is here: its head tells the columns, at once.
func TestLook_head(t *testing.T) {
	for name, head := range map[string][]string{
		"IIS's block":     {"#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", "#Date: 2026-03-02 10:00:00", shortFields},
		"columns alone":   {shortFields},
		"byte order mark": {"\xEF\xBB\xBF" + shortFields},
		"lower case":      {strings.ToLower(shortFields)},
		"two blocks":      {longFields, longLine("09:00:00"), shortFields},
	} {
		t.Run(name, func(t *testing.T) {
			l := hereFile(t, head...)
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			f.flush("iis", l.events(len(head)+2, len(head)+10)...)
			if n := f.set.Counters().Waiting; n != 0 {
				t.Errorf("%d bytes wait", n)
			}
			f.wantFinals("WEB01 W3SVC1 " + shell + " 8")
			f.wantRefused("")
		})
	}
}

// In a large file the columns are found in its head or in the last megabytes before the line.
func TestLook_largeFile(t *testing.T) {
	for _, tc := range []struct {
		name       string
		at         int // which line of the filler is the columns'
		fields     string
		want       int64 // lines that the columns fit
		isNotFound bool
	}{
		{name: "head", at: 0, fields: shortFields},
		{name: "near", at: 90, fields: shortFields},
		{name: "neither", at: 40, fields: shortFields, isNotFound: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLogFile(filepath.Join(t.TempDir(), "W3SVC1", "u_ex.log"))
			filler := "/" + strings.Repeat("x", 200<<10)
			for i := range 100 { // 20 MB
				if i == tc.at {
					l.add(tc.fields)
				}
				l.add(filler)
			}
			for i := range 5 {
				l.add(shortLine(clock(i)))
			}
			writeFile(t, l.path, l.text)
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			f.flush("iis", l.events(101, 106)...)
			if tc.isNotFound {
				f.wantFinals()
				f.wantRefused("columns_unknown=5")
				return
			}
			f.wantFinals("WEB01 W3SVC1 " + shell + " 5")
			f.wantRefused("")
		})
	}
}

// Nothing of a file is used before the bytes at the line's offset have been seen to be the line.
func TestLook_liar(t *testing.T) {
	l := hereFile(t, shortFields)
	link := filepath.Join(t.TempDir(), "link.log")
	if err := os.Symlink(l.path, link); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.log")
	writeFile(t, cut, l.text[:len(l.text)-2]) // the last line has no line end yet
	last := len(l.lines) - 1
	for _, tc := range []struct {
		name, path, line string
		offset           uint64
		isSeen           bool
	}{
		{"true", l.path, l.lines[4], l.at[4], true},
		{"by a link", link, l.lines[4], l.at[4], true},
		{"another line", l.path, l.lines[5], l.at[4], false},
		{"another offset", l.path, l.lines[4], l.at[4] + 1, false},
		{"a part of the line", l.path, l.lines[4][:50], l.at[4], false},
		{"behind the end", l.path, l.lines[4], uint64(len(l.text)), false},
		{"far behind the end", l.path, l.lines[4], 1 << 59, false},
		{"line without its end", cut, l.lines[last], l.at[last], false},
		{"no such file", l.path + ".gz", l.lines[4], l.at[4], false},
		{"a folder", filepath.Dir(l.path), l.lines[4], l.at[4], false},
		{"no path", "", l.lines[4], l.at[4], false},
		{"a path with a zero", l.path + "\x00", l.lines[4], l.at[4], false},
		{"a share", "//localhost" + l.path, l.lines[4], l.at[4], false},
		{"a share, backslashes", `\\localhost\share\u_ex.log`, l.lines[4], l.at[4], false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.watch("shell.aspx")
			f.flush("iis", chunktest.Tail(tc.path, tc.offset, tc.line))
			if isWaiting := f.set.Counters().Waiting > 0; isWaiting == tc.isSeen {
				t.Errorf("waiting: %v, want %v", isWaiting, !tc.isSeen)
			}
			if got := len(f.newest) == 1; got != tc.isSeen {
				t.Errorf("used: %v, want %v", got, tc.isSeen)
			}
		})
	}
}

// Devices, pipes, folders and files of the kernel are not opened, or not waited for.
func TestLook_onlyRegularFiles(t *testing.T) {
	l := hereFile(t, shortFields)
	for _, path := range append([]string{filepath.Dir(l.path), "/dev/zero", "/dev/null", "/dev/tty", "/proc/self/mem", "/proc/version",
		"/proc/kmsg", "/sys/kernel/notes"}, specialFiles(t)...) {
		if f := openLocal(path, 1); f != nil {
			if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
				t.Errorf("%s was opened: %v %v", path, info, err)
			}
			f.Close()
		}
	}
	f := openLocal(l.path, int64(len(l.text)))
	if f == nil {
		t.Fatal("a regular file was not opened")
	}
	defer f.Close()
	if _, err := f.WriteString("x"); err == nil {
		t.Error("the file was opened for writing")
	}
	if openLocal(l.path, int64(len(l.text))+1) != nil {
		t.Error("a file was opened that is too short for the line")
	}
}

func TestIsLocalName(t *testing.T) {
	for path, want := range map[string]bool{
		"/var/log/iis/u_ex.log":                    true,
		"logs/u_ex.log":                            true,
		`C:\inetpub\logs\LogFiles\W3SVC1\u_ex.log`: true,
		`\\server\share\u_ex.log`:                  false,
		`//server/share/u_ex.log`:                  false,
		`/\server\share\u_ex.log`:                  false,
		`\/server/share/u_ex.log`:                  false,
		`\\?\UNC\server\share\u_ex.log`:            false,
		`\\.\pipe\x`:                               false,
		`\??\UNC\server\share`:                     false,
		`\?`:                                       false,
		"a\x00b":                                   false,
		"/var/log/..":                              false,
	} {
		if got := isLocalName(path); got != want {
			t.Errorf("%q: %v, want %v", path, got, want)
		}
	}
}

// However many files a chunk names, only so much of them is read.
func TestLook_bounded(t *testing.T) {
	l := newLogFile(filepath.Join(t.TempDir(), "u_ex.log"))
	for range 90 {
		l.add("/" + strings.Repeat("x", 100<<10))
	}
	l.add(shortLine("10:00:00"))
	writeFile(t, l.path, l.text)
	var events [][]byte
	for range 40 { // each names another path of the same file
		l.path = strings.Replace(l.path, "/u_ex", "/./u_ex", 1)
		events = append(events, l.events(90, 91)...)
	}
	f := newFeed(t, tailOptions())
	f.flush("iis", events...)
	looked := 0
	for _, o := range f.set.origins.Values() {
		if o.lookedIn == f.set.flush {
			looked++
		}
	}
	if want := flushBytes/backBytes + 1; looked > want || looked == 0 {
		t.Errorf("looked into %d files, want at most %d", looked, want)
	}
}

// A chunk with many gaps has one of them looked at; the lines behind the others wait for their turn.
func TestLook_onceAChunk(t *testing.T) {
	l := newLogFile(filepath.Join(t.TempDir(), "W3SVC1", "u_ex.log"), shortFields)
	var events [][]byte
	for i := range 6 {
		l.add("/" + strings.Repeat("x", filterGap))
		l.add(shortLine(clock(i)))
		events = append(events, l.events(2*i+2, 2*i+3)...)
	}
	writeFile(t, l.path, l.text)
	f := newFeed(t, tailOptions())
	f.watch("shell.aspx")
	f.flush("iis", l.events(0, 1)...)
	f.flush("iis", events...)
	if read := flushBytes - f.set.lookLeft; read < filterGap || read > 2*filterGap {
		t.Errorf("%d bytes were read, want those of one gap", read)
	}
	if len(f.newest) != 1 || f.set.Counters().Waiting == 0 {
		t.Errorf("%d detections, %d bytes wait: want the first line used, the others waiting", len(f.newest), f.set.Counters().Waiting)
	}
	f.wantFinals("WEB01 W3SVC1 " + shell + " 6")
}
