// SPDX-License-Identifier: Apache-2.0

package source

import (
	"math/rand/v2"
	"testing"
)

// The cache tells of a key what the look-up without it does, whatever stood in its place before.
func TestKeyCache(t *testing.T) {
	o := tailOptions()
	o.HostKey = "cs-host"
	names := []string{"", "log", "path", "offset", "Computer", "computer", "LOG", "cs-uri-stem", "csUriStem", "cs(User-Agent)", "cs-host", "payload",
		"DetectionId", "EventUid", "LogEntry", "x", "a key that is longer than what is kept of one", "a key that is longer than what is kept of two"}
	c := keyCache{opt: &o}
	dice := rand.New(rand.NewPCG(1, 4))
	for range 20000 {
		i, name := dice.IntN(cachedKeys+4), []byte(names[dice.IntN(len(names))])
		if got, want := c.at(i, name), o.keyOf(name); got != want {
			t.Fatalf("%q at %d: %+v, want %+v", name, i, got, want)
		}
	}
}
