// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"webshell/plugin/format"
)

var update = flag.Bool("update", false, "write conf/detections/formats.md anew")

// formatsPage shows one detection in each format.
const formatsPage = "conf/detections/formats.md"

// The page shows what plugin/format's own test holds each format to. With -update it is written anew.
func TestFormats_pageShowsEach(t *testing.T) {
	have := readText(t, formatsPage)
	want := have
	for _, name := range format.Names() {
		begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
		before, rest, ok := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no block between the markers of %q", formatsPage, name)
		}
		want = before + begin + "```json\n" + readText(t, "plugin/format/testdata/"+name+".json") + "```\n" + end + after
	}
	if *update {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(formatsPage)), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want {
		t.Errorf("%s is not what plugin/format writes; go test ./conf -run Formats -update in test/ writes it anew", formatsPage)
	}
}
