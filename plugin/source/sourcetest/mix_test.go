// SPDX-License-Identifier: Apache-2.0

package sourcetest

import (
	"strings"
	"testing"
)

// The mix is what its comments say: the length of the lines and the share of scripts are what published numbers
// were measured with.
func TestMix(t *testing.T) {
	const lines = 20000
	m, again := NewMix(1), NewMix(1)
	size, called := 0, 0
	pairs := map[string]bool{}
	for range lines {
		line := string(m.AppendLine(nil))
		if other := strings.Join(again.Values(), " "); other != line {
			t.Fatalf("not the same at every run:\n%s\n%s", line, other)
		}
		v := strings.Split(line, " ")
		if len(v) != len(Columns) {
			t.Fatalf("%d values for %d columns: %s", len(v), len(Columns), line)
		}
		size += len(line)
		if strings.Contains(v[6], "/page") {
			called++
			pairs[v[10]+v[6]] = true
		}
	}
	if mean := size / lines; mean < 235 || mean > 255 {
		t.Errorf("lines of %d bytes on average, want 245 or so", mean)
	}
	if called < lines*38/100 || called > lines*42/100 {
		t.Errorf("%d of %d lines call a script, want 40%%", called, lines)
	}
	if share := len(pairs) * 100 / called; share < 20 || share > 50 {
		t.Errorf("%d%% of the calls are a visitor's first of that script, want about a third", share)
	}
	if got := strings.Fields(Fields)[1:]; strings.Join(got, " ") != strings.Join(Columns[:], " ") {
		t.Errorf("Fields and Columns differ")
	}
}
