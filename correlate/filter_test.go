// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"math/rand/v2"
	"strings"
	"testing"

	"webshell/correlate/script"
)

// TestNameFilter holds that the filter lets every URL pass that has a reading by a watched name, and few others.
func TestNameFilter(t *testing.T) {
	ext, err := script.NewExtensions(script.Windows())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	parts := []string{"x", "X", ".txt", ".TXT", ".", " ", "+", "%20", "%78", "%2e", "/", "/", "/../", "//", `\`, ":s", "::$DATA", ";a", "(S(a))",
		"é", "\xe9", "ſ", "~1", "%u0078", ".aspx", ".php", ".jsp", "image"}
	random := func() string {
		var b strings.Builder
		b.WriteByte('/')
		for range 1 + r.IntN(6) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		return b.String()
	}
	for range 20_000 {
		url := random()
		for _, reading := range script.Readings(nil, []byte(url), ext) {
			name := string(script.Fold(nil, reading.Name))
			if ext.MatchString(name) {
				continue // remembered anyway
			}
			var f nameFilter
			f.add(name)
			if !f.mayName([]byte(url)) && !script.Rememberable([]byte(url), ext) {
				t.Fatalf("%q can mean %q, the filter says no", url, name)
			}
			f.remove(name)
			if f != (nameFilter{}) {
				t.Fatalf("%q stays in the filter", name)
			}
		}
	}
}
