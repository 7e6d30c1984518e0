// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"testing"

	"webshell/correlate"
)

// BenchmarkPut is what a flush pays for 100 revisions of 1000 detections: with an output that takes all at once, with
// one that hangs for good, and with a full queue.
func BenchmarkPut(b *testing.B) {
	hang := func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }
	for _, c := range []struct {
		name  string
		err   func(ctx context.Context, call int) error
		limit int64
		ids   int
	}{
		{"output=quick", nil, DefaultQueueLimit, 1000},
		{"output=hangs", hang, DefaultQueueLimit, 1000},
		{"output=hangs queue=full", hang, testQueueLimit, 1 << 30},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, err := Open(Options{QueueLimit: c.limit, Stdout: discard{}}, nil)
			if err != nil {
				b.Fatal(err)
			}
			d.Close(0)
			d.queue, d.workers, d.closing = NewQueue(1, c.limit), nil, make(chan struct{})
			d.start([]string{"fake"}, []output{&fake{err: c.err}})
			ds := make([]*correlate.Detection, 100)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				for i := range ds {
					n++
					ds[i] = detection(n%c.ids, n)
				}
				d.Put(ds)
			}
			d.cancel()
		})
	}
}

// discard takes everything.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
