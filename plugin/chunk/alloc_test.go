// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"testing"

	"webshell/plugin/chunk"
)

func TestReader_allocatesNothing(t *testing.T) {
	const events = 100
	for name, data := range map[string][]byte{
		"tail": tailChunk(events), "parsed": recordChunk(events), "nested": nestedChunk(events), "mixed": sampleChunk(),
	} {
		var r chunk.Reader
		fields := 0
		allocs := testing.AllocsPerRun(20, func() {
			r.Reset(data, chunk.Limits{})
			for {
				ev, ok := r.Next()
				if !ok {
					break
				}
				fields += visit(ev.Body) + visit(ev.Metadata)
			}
			_ = r.Skipped()
		})
		if allocs != 0 || fields == 0 || r.Err() != nil {
			t.Errorf("%s: %v allocations, want 0; %d fields, error %v", name, allocs, fields, r.Err())
		}
	}
}

// visit counts the fields of a map and of the maps and arrays in it.
func visit(m chunk.Map) (n int) {
	var key []byte
	var val chunk.Value
	for it := m.Iter(); it.Next(&key, &val); {
		n++
		if inner, ok := val.Map(); ok {
			n += visit(inner)
		}
		if list, ok := val.Array(); ok {
			n += list.Len()
		}
	}
	return n
}
