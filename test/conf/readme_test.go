// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"webshell/correlate"
	"webshell/plugin/format"
)

// between returns what a document holds between two markers, without the fence of a code block.
func between(t *testing.T, path, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(readText(t, path), "<!-- "+name+":begin -->\n")
	block, _, closed := strings.Cut(rest, "<!-- "+name+":end -->")
	if !ok || !closed {
		t.Fatalf("%s has no block between the markers of %q", path, name)
	}
	lines := strings.Split(strings.TrimSpace(block), "\n")
	if len(lines) < 2 || !strings.HasPrefix(lines[0], "```") || lines[len(lines)-1] != "```" {
		t.Fatalf("%s: the block %q is not fenced", path, name)
	}
	return strings.Join(lines[1:len(lines)-1], "\n") + "\n"
}

// The configuration on README's first screen is conf/minimal.yaml, and has ten lines.
func TestReadme_showsMinimal(t *testing.T) {
	want := readText(t, "conf/minimal.yaml")
	if got := between(t, "README.md", "minimal"); got != want {
		t.Errorf("README.md shows\n%s\nwant conf/minimal.yaml\n%s", got, want)
	}
	if lines := strings.Count(want, "\n"); lines != 10 {
		t.Errorf("conf/minimal.yaml has %d lines, want 10", lines)
	}
}

// README explains what becomes of an alert that is one too many.
func TestReadme_explainsTooManyAlerts(t *testing.T) {
	for _, outcome := range []correlate.Outcome{correlate.TooManyAlerts, correlate.TooManyElsewhere} {
		if word := "`alert_" + outcome.String() + "`"; !strings.Contains(readText(t, "README.md"), word) {
			t.Errorf("README.md has no word of %s", word)
		}
	}
}

// README names every folder that is there.
func TestReadme_mapsTheFolders(t *testing.T) {
	readme := readText(t, "README.md")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() && !strings.HasPrefix(name, ".") && name != "build" && !strings.Contains(readme, "`"+name+"/`") {
			t.Errorf("README.md does not name `%s/`", name)
		}
	}
}

// Links inside the repository lead somewhere.
func TestDocuments_linksExist(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	for _, path := range []string{
		"README.md", "CHANGELOG.md", "conf/README.md", "conf/iis-logging.md", "conf/detections/sentinel.md", "conf/detections/formats.md", "test/data/README.md",
	} {
		for _, m := range link.FindAllStringSubmatch(readText(t, path), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join(root, filepath.Dir(filepath.FromSlash(path)), filepath.FromSlash(m[1]))
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", path, m[1], err)
			}
		}
	}
}

// The table for Sentinel has the keys of the sentinel format as columns, in its order, with types that fit.
func TestSentinelTable_hasEveryColumn(t *testing.T) {
	var template struct {
		Variables struct {
			Columns []struct{ Name, Type string }
		}
	}
	if err := json.Unmarshal([]byte(readText(t, "conf/detections/sentinel-table.json")), &template); err != nil {
		t.Fatal(err)
	}
	keys, values := sentinelKeys(t)
	if len(template.Variables.Columns) != len(keys) {
		t.Fatalf("%d columns, want %d", len(template.Variables.Columns), len(keys))
	}
	for i, c := range template.Variables.Columns {
		if c.Name != keys[i] {
			t.Errorf("column %d is %s, want %s", i, c.Name, keys[i])
		}
		if want := kindOf(values[keys[i]]); c.Type != want && !(c.Type == "datetime" && want == "string") {
			t.Errorf("column %s is a %s, its value a %s", c.Name, c.Type, want)
		}
	}
}

// sentinelKeys returns the keys of a detection in the order in which they are written, and their values.
func sentinelKeys(t *testing.T) ([]string, map[string]json.RawMessage) {
	t.Helper()
	f, err := format.New("sentinel")
	if err != nil {
		t.Fatal(err)
	}
	text := f.Append(nil, &correlate.Detection{})
	var values map[string]json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil {
		t.Fatal(err)
	}
	var keys []string
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			t.Fatal(err)
		}
	}
	return keys, values
}

// kindOf is the type of a Log Analytics column for a JSON value.
func kindOf(value json.RawMessage) string {
	switch value[0] {
	case '"':
		return "string"
	case '[', '{':
		return "dynamic"
	default:
		return "long"
	}
}
