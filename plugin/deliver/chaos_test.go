// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"webshell/correlate"
	"webshell/plugin/deliver/forward"
	"webshell/plugin/deliver/forward/forwardtest"
)

// schedules is how many random courses of events are played. A failure names its seed.
const schedules = 500

// TestForward_schedules plays random outages, cuts, delays, swallowed acknowledgements and restarts between a deliverer
// and two receivers, while detections get new revisions. In the end each detection's last revision has arrived.
func TestForward_schedules(t *testing.T) {
	n := uint64(schedules)
	if testing.Short() {
		n /= 10
	}
	for seed := range n {
		synctest.Test(t, func(t *testing.T) {
			c := newCourse(t, rand.New(rand.NewPCG(seed, 3)))
			for range 4 + c.rng.IntN(30) {
				c.step()
			}
			c.end()
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		})
	}
}

// course is one random course of events.
type course struct {
	t        *testing.T
	rng      *rand.Rand
	net      forwardtest.Network
	receiver [2]*forwardtest.Receiver
	calm     atomic.Bool // no more faults
	d        *Deliverer
	newest   map[string]int
}

var courseHosts = []string{"a.contoso.com:24224", "b.contoso.com:24224"}

// newCourse starts a deliverer over a bad network.
func newCourse(t *testing.T, rng *rand.Rand) *course {
	c := &course{t: t, rng: rng, newest: map[string]int{}}
	faults := rand.New(rand.NewPCG(rng.Uint64(), 0)) // of the output's goroutine alone
	c.net.Next = func(string) forwardtest.Faults {
		if c.calm.Load() {
			return forwardtest.Faults{}
		}
		return forwardtest.Random(faults)
	}
	o := Options{Outputs: []string{"forward", "stdout"}, Stdout: io.Discard, QueueLimit: testQueueLimit}
	o.Forward = forward.Options{Hosts: courseHosts[:1+rng.IntN(2)], Dial: c.net.Dial}
	if rng.IntN(2) == 0 {
		o.Forward.Compress = "gzip"
	}
	key := ""
	if rng.IntN(2) == 0 {
		key = "secret"
	}
	o.Forward.SharedKey = key
	for i, address := range courseHosts {
		c.receiver[i] = &forwardtest.Receiver{SharedKey: key, OneChunk: rng.IntN(4) == 0}
		c.net.Listen(address, c.receiver[i].Serve)
	}
	d, err := Open(o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.d = d
	return c
}

// step makes revisions, or lets time pass.
func (c *course) step() {
	if c.rng.IntN(3) == 0 {
		<-time.After(time.Duration(c.rng.IntN(90_000)) * time.Millisecond)
		return
	}
	var ds []*correlate.Detection
	for range 1 + c.rng.IntN(8) {
		n := c.rng.IntN(20)
		id := fmt.Sprintf("%032x", n)
		c.newest[id]++
		ds = append(ds, detection(n, c.newest[id]))
	}
	c.d.Put(ds)
}

// end lets the network recover and checks what arrived.
func (c *course) end() {
	c.calm.Store(true)
	if err := c.d.Flushed(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.d.Close(CloseTimeout)
	<-time.After(time.Hour) // what the network still delays
	arrived := map[string]int{}
	for _, r := range c.receiver {
		for _, rec := range r.Records() {
			id, _ := rec.Body["DetectionId"].(string)
			arrived[id] = max(arrived[id], revisionOf(rec.Body))
		}
	}
	for id, revision := range c.newest {
		if arrived[id] != revision {
			c.t.Errorf("%s: revision %d arrived, %d is the last", id, arrived[id], revision)
		}
	}
	s := c.d.Stats()
	if s.QueueBytes != 0 || s.Outputs[0].Dropped != (Dropped{}) {
		c.t.Errorf("got %+v", s)
	}
}

// revisionOf is the revision of a record; msgpack gives the narrowest integer.
func revisionOf(body map[string]any) int {
	var n int
	if _, err := fmt.Sscan(fmt.Sprint(body["Revision"]), &n); err != nil {
		return -1
	}
	return n
}
