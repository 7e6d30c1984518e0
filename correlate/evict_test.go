// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"testing"
	"time"
)

// Of a script with more clients than the memory holds those stay that keep calling, and of the others the latest.
func TestEvict_keepsWhoCalls(t *testing.T) {
	c := newCorrelator(t, Windows, func(o *Options) { o.MemoryLimit = MinMemory })
	const clients, every = 20000, 500
	now := at(0)
	call := func(i int) {
		now = now.Add(100 * time.Millisecond)
		r := get(now, "WEB01", fmt.Sprintf("10.0.%d.%d", i>>8, i&255), "/default.aspx", "200")
		if o := c.AddRequest(r, now); o != Accepted {
			t.Fatal(o)
		}
	}
	const loyal = 100 // beyond the first ones, which stay anyway
	for i := range clients {
		call(i)
		if i > loyal && i%every == 0 {
			call(loyal)
		}
	}
	s := c.hosts["WEB01"].scripts["DEFAULT.ASPX"]
	known := map[string]int64{} // requests by client
	for i := range s.size() {
		known[c.texts.get(s.nth(i).ip)] = s.nth(i).requests()
	}
	if len(known) < 500 || len(known) > clients/2 {
		t.Fatalf("%d of %d clients are known: too few or too many to tell anything", len(known), clients)
	}
	if got, want := known["10.0.0.100"], int64(1+(clients-1)/every); got != want {
		t.Errorf("who kept calling is known for %d requests, want %d", got, want)
	}
	for i := clients - len(known)*9/10; i < clients; i++ {
		if ip := fmt.Sprintf("10.0.%d.%d", i>>8, i&255); known[ip] == 0 {
			t.Fatalf("%s is forgotten, one of the latest %d of %d", ip, clients-i, clients)
		}
	}
}
