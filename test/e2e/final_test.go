// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"webshell/test/programs"
)

var update = flag.Bool("update", false, "write testdata anew")

// detection is what of a detection's line the tests read.
type detection struct {
	TimeGenerated, DetectionId, Computer, SiteName, ShellLocation, AttackerIP string
	Revision, RequestCount                                                    int64

	line string // without what differs from run to run
}

// differs is what two runs never have in common.
var differs = regexp.MustCompile(`"TimeGenerated":"[^"]*",|"Revision":\d+,`)

// final gives the newest revision of each detection in lines of JSON, by DetectionId. The last line may be unfinished.
func final(t *testing.T, text string) map[string]detection {
	t.Helper()
	newest := map[string]detection{}
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		d := detection{line: differs.ReplaceAllString(line, "")}
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("no JSON: %v\n%s", err, line)
		}
		if old, ok := newest[d.DetectionId]; !ok || d.isNewer(old) {
			newest[d.DetectionId] = d
		}
	}
	return newest
}

// isNewer orders revisions as SPEC section 4 does; times are all of one length.
func (d detection) isNewer(than detection) bool {
	if d.TimeGenerated != than.TimeGenerated {
		return d.TimeGenerated > than.TimeGenerated
	}
	return d.Revision > than.Revision
}

// read gives a file's text, "" when it is not there yet.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// ofItsMoment is what a revision says of other things than its own requests: with chunks out of order it may have been
// made before all of them were known.
var ofItsMoment = regexp.MustCompile(`"(CoverageSince)":"[^"]*",|"(OtherScripts)":\[.*?\],"`)

// wantGolden compares final detections with a file of testdata, byte for byte but for what differs from run to run, and
// but for what is of its moment where chunks come out of order.
func wantGolden(t *testing.T, name string, got map[string]detection, isOrdered bool) {
	t.Helper()
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(got)) {
		lines = append(lines, got[id].line)
	}
	path := filepath.Join("testdata", name)
	if *update && isOrdered {
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := slices.Collect(strings.Lines(read(t, path)))
	if len(lines) != len(want) {
		t.Errorf("%d final detections, %s has %d", len(lines), path, len(want))
		return
	}
	for i := range want {
		a, b := lines[i], want[i]
		if !isOrdered {
			a, b = ofItsMoment.ReplaceAllString(a, ""), ofItsMoment.ReplaceAllString(b, "")
		}
		if a != b {
			t.Errorf("detection %d of %s\n got %s\nwant %s", i+1, path, a, b)
		}
	}
}

// wantExpected compares with what the story's generator counted without the engine.
func wantExpected(t *testing.T, got map[string]detection) {
	t.Helper()
	byName := map[string]map[string]any{}
	for _, d := range got {
		var all map[string]any
		if err := json.Unmarshal([]byte(d.line), &all); err != nil {
			t.Fatal(err)
		}
		byName[d.AttackerIP+d.ShellLocation] = all
	}
	lines := 0
	for line := range strings.Lines(read(t, programs.Root+"/test/data/story/expected.json")) {
		var want map[string]any
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		lines++
		d := byName[want["AttackerIP"].(string)+want["ShellLocation"].(string)]
		for key, value := range want {
			a, errA := json.Marshal(value)
			b, errB := json.Marshal(d[key])
			if errA != nil || errB != nil || string(a) != string(b) {
				t.Errorf("%v %v: %s is %s, want %s", want["AttackerIP"], want["ShellLocation"], key, b, a)
			}
		}
	}
	if lines == 0 || lines != len(got) {
		t.Errorf("%d detections, want %d", len(got), lines)
	}
}
