// SPDX-License-Identifier: Apache-2.0

package source

import (
	"testing"

	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/source/sourcetest"
)

// The budget of the way that nearly every line goes, for a whole chunk of a thousand lines. A higher number is a
// visible change.
func TestFlush_allocations(t *testing.T) {
	const lines, chunks = 1000, 30
	for _, tc := range []struct {
		name, stem string
		budget     float64
	}{
		{"no script", "/images/logo.png", 2}, // finding the source
		{"no script, a dot in a folder", "/v1.2/logo", 2},
		{"a known client's script", "/up/shell.aspx", 45}, // the marks of 8 blocks of the file, and room for visits
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFeed(t, tailOptions())
			f.flush("iis", chunktest.Tail(remotePath, 0, sourcetest.Fields))
			values := sourcetest.NewMix(1).Values()
			values[6] = tc.stem
			l := newLogFile(remotePath, sourcetest.Fields)
			var all [][]byte
			for i := range chunks {
				for range lines {
					l.add(joined(values))
				}
				all = append(all, chunktest.Chunk(l.events(1+i*lines, 1+(i+1)*lines)...))
			}
			i := 0
			got := testing.AllocsPerRun(chunks-1, func() { // and once to warm up
				if err := f.set.Flush(all[i], "iis", f.wall); err != nil {
					t.Fatal(err)
				}
				i++
			})
			if got > tc.budget {
				t.Errorf("%.0f allocations for %d lines, budget %.0f", got, lines, tc.budget)
			}
		})
	}
}
