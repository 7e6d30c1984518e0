// SPDX-License-Identifier: Apache-2.0

package source

import (
	"math/rand/v2"
	"testing"

	"webshell/plugin/chunk"
	"webshell/plugin/chunk/chunktest"
)

// The cache tells of a key what the look-up without it does, whatever stood in its place before.
func TestKeyCache(t *testing.T) {
	o := tailOptions()
	o.HostKey = "cs-host"
	names := []string{"", "log", "path", "offset", "Computer", "computer", "LOG", "cs-uri-stem", "csUriStem", "cs(User-Agent)", "cs-host", "payload",
		"DetectionId", "EventUid", "LogEntry", "x", "a key that is longer than what is kept of one", "a key that is longer than what is kept of two"}
	var c keyCache
	dice := rand.New(rand.NewPCG(1, 4))
	for range 20000 {
		i, name := dice.IntN(cachedKeys+4), names[dice.IntN(len(names))]
		raw := chunktest.Append(nil, chunktest.Pairs{name, "value", "another", 1})
		m, _ := chunk.Value{Kind: chunk.MapKind, Raw: raw}.Map()
		it := m.Iter()
		var val chunk.Value
		got, ok := c.next(&o, &it, i, &val)
		if want := o.keyOf([]byte(name)); !ok || got != want || string(val.Bytes()) != "value" {
			t.Fatalf("%q at %d: %+v with %q, want %+v", name, i, got, val.Bytes(), want)
		}
		if got, _ = c.next(&o, &it, i+1, &val); got != o.keyOf([]byte("another")) {
			t.Fatalf("the key behind %q at %d: %+v", name, i, got)
		}
		if _, ok = c.next(&o, &it, i+2, &val); ok {
			t.Fatalf("a third key in a map of two")
		}
	}
}
