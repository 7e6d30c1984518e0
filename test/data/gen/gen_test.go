// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const storyDir = "../story"

// The committed files are what this program writes, and there are no others.
func TestStory_isCommitted(t *testing.T) {
	files := story()
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(storyDir, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator writes: run \"go run ./data/gen\" in test", name)
		}
	}
	err := filepath.WalkDir(storyDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(storyDir, path)
		if _, known := files[filepath.ToSlash(name)]; !known {
			t.Errorf("%s was not written by the generator", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every line has as many values as its columns, CRLF at its end, times that never fall, and addresses of documentation ranges.
func TestStory_linesAreWellFormed(t *testing.T) {
	total := 0
	for name, content := range logFiles(t) {
		var columns []string
		last := ""
		for i, line := range strings.Split(strings.TrimSuffix(content, "\r\n"), "\r\n") {
			total++
			if fields, ok := strings.CutPrefix(line, "#Fields: "); ok {
				columns = strings.Fields(fields)
			}
			if strings.HasPrefix(line, "#") {
				continue
			}
			values := strings.Split(line, " ")
			if len(values) != len(columns) {
				t.Fatalf("%s:%d has %d values for %d columns: %s", name, i+1, len(values), len(columns), line)
			}
			if at := values[0] + values[1]; at < last {
				t.Errorf("%s:%d goes back in time: %s", name, i+1, line)
			} else {
				last = at
			}
			checkAddress(t, valueOf(columns, values, "c-ip"))
			checkAddress(t, valueOf(columns, values, "s-ip"))
		}
		if strings.Contains(strings.ReplaceAll(content, "\r\n", ""), "\n") {
			t.Errorf("%s has a bare line feed", name)
		}
	}
	if total < 400 || total > 1500 {
		t.Errorf("the story has %d lines, want 400 to 1500", total)
	}
}

// A count by nothing but text search over the committed logs gives the same as expected.json.
func TestStory_expectedIsInTheLogs(t *testing.T) {
	found := map[string]int{}
	for _, content := range logFiles(t) {
		for _, line := range strings.Split(content, "\r\n") {
			for _, stem := range []string{shellStem, lateStem, secondStem} {
				for _, client := range []string{intruder, visitor, scanner} {
					if strings.Contains(line, " "+stem+" ") && strings.Contains(line, " "+client+" ") {
						found[client+" "+stem]++
					}
				}
			}
		}
	}
	listed := map[string]int{}
	for _, line := range bytes.Split(bytes.TrimSpace(expectedLines(requests())), []byte("\n")) {
		var e expected
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		listed[e.AttackerIP+" "+e.ShellLocation] = e.RequestCount
	}
	if got, want := fmt.Sprint(listed), fmt.Sprint(found); got != want {
		t.Errorf("expected.json says %s, the logs say %s", got, want)
	}
}

// Nobody but the story's clients calls a script of an alerted name on WEB01, but for default.aspx: WEB02's alert must not match it.
func TestStory_hasANearMiss(t *testing.T) {
	pages := 0
	for _, r := range requests() {
		lower := strings.ToLower(r.stem)
		if strings.HasSuffix(lower, "/default.aspx") {
			pages++
		}
		if _, shell := map[string]bool{shellStem: true, lateStem: true, secondStem: true}[r.stem]; shell {
			continue
		}
		if strings.HasSuffix(lower, "/thumb.aspx") || strings.HasSuffix(lower, "/errors.aspx") {
			t.Errorf("%s calls %s", r.client, r.stem)
		}
	}
	if pages == 0 {
		t.Error("no request to /default.aspx")
	}
}

func logFiles(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	paths, err := filepath.Glob(storyDir + "/W3SVC*/*.log")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no logs below %s: %v", storyDir, err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(content)
	}
	return out
}

func valueOf(columns, values []string, column string) string {
	for i, c := range columns {
		if c == column {
			return values[i]
		}
	}
	return ""
}

func checkAddress(t *testing.T, address string) {
	t.Helper()
	ip, err := netip.ParseAddr(address)
	if err != nil {
		t.Error(err)
		return
	}
	for _, allowed := range []string{"203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "10.0.0.0/8"} {
		if netip.MustParsePrefix(allowed).Contains(ip) {
			return
		}
	}
	t.Errorf("%s is not of a documentation range", address)
}
