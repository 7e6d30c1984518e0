// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The JSON on README's first screen is what a detection looks like today: the keys of the sentinel format, and for
// the fields that test/data/story/expected.json knows, the values of one of the story's detections.
func TestReadme_sampleIsOfTheStory(t *testing.T) {
	sample := between(t, "README.md", "sample")
	if strings.TrimSpace(sample) == "" {
		t.Skip("README.md shows no detection yet: put one line of what make run prints between its markers")
	}
	var shown map[string]any
	if err := json.Unmarshal([]byte(sample), &shown); err != nil {
		t.Fatalf("README.md: the sample is no JSON object: %v", err)
	}
	keys, _ := sentinelKeys(t)
	for key := range shown {
		if !slices.Contains(keys, key) {
			t.Errorf("README.md shows %s, which the sentinel format does not have", key)
		}
	}
	for _, key := range keys {
		if _, ok := shown[key]; !ok {
			t.Errorf("README.md does not show %s", key)
		}
	}
	want := expectedFor(t, shown["AttackerIP"], shown["ShellLocation"])
	for key, value := range want {
		if !reflect.DeepEqual(shown[key], value) {
			t.Errorf("README.md shows %s %v, the story says %v", key, shown[key], value)
		}
	}
}

// expectedFor returns the line of expected.json for a client and URL.
func expectedFor(t *testing.T, client, stem any) map[string]any {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(readText(t, "test/data/story/expected.json")), "\n") {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e["AttackerIP"] == client && e["ShellLocation"] == stem {
			return e
		}
	}
	t.Fatalf("README.md shows a detection of %v on %v, which the story does not have", client, stem)
	return nil
}
