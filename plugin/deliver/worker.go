// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// worker is the goroutine of one output.
type worker struct {
	name    string
	number  int
	out     output
	queue   Queue
	report  *reporter
	closing <-chan struct{}

	failures atomic.Int64 // sends that did not deliver all
	lastErr  atomic.Pointer[string]
}

// run sends until closing and nothing is left, or ctx ends.
func (w *worker) run(ctx context.Context) {
	defer func() {
		if err := w.out.close(); err != nil {
			w.report.failed(w.name, err)
		}
	}()
	backoff, batch := time.Duration(0), maxBatch
	for ctx.Err() == nil {
		ds := w.queue.Take(w.number, batch)
		if len(ds) == 0 {
			if !w.wait(ctx) {
				return
			}
			continue
		}
		if w.send(ctx, ds) {
			backoff, batch = 0, batch.double()
			continue
		}
		backoff, batch = w.pause(ctx, backoff), batch.half()
	}
}

// half is half of the limit, one item at least.
func (b BatchLimit) half() BatchLimit { return BatchLimit{max(b.Items/2, 1), max(b.Bytes/2, 1)} }

// double is twice the limit, up to maxBatch.
func (b BatchLimit) double() BatchLimit {
	return BatchLimit{min(2*b.Items, maxBatch.Items), min(2*b.Bytes, maxBatch.Bytes)}
}

// wait waits for something to take, and reports whether more may come.
func (w *worker) wait(ctx context.Context) bool {
	select {
	case <-w.queue.Ready(w.number):
		return true
	default:
	}
	select {
	case <-w.queue.Ready(w.number):
		return true
	case <-w.closing:
	case <-ctx.Done():
		return false
	}
	select { // what was put just before the closing still goes
	case <-w.queue.Ready(w.number):
		return true
	default:
		return false
	}
}

// send delivers ds and reports whether all arrived.
func (w *worker) send(ctx context.Context, ds []Delivery) bool {
	n, err := w.out.send(ctx, ds)
	w.report.dropped(w.queue.Done(w.number, ds, n))
	if err == nil && n == len(ds) {
		w.lastErr.Store(nil)
		return true
	}
	if err == nil {
		err = errors.New("BUG: fewer lines than given")
	}
	w.fail(err)
	return false
}

// fail counts and logs a failure. An output that is gone takes nothing any more.
func (w *worker) fail(err error) {
	w.failures.Add(1)
	text := err.Error()
	w.lastErr.Store(&text)
	w.report.failed(w.name, err)
	if errors.Is(err, errGone) {
		w.report.dropped(w.queue.Discard(w.number))
	}
}

// pause waits after a failure, twice as long each time, and returns how long. Half of it is chance, so that many
// servers do not come back to one receiver at once. While closing it waits less.
func (w *worker) pause(ctx context.Context, last time.Duration) time.Duration {
	next := min(max(2*last, minBackoff), maxBackoff)
	timer := time.NewTimer(jitter(next))
	defer timer.Stop()
	select {
	case <-timer.C:
		return next
	case <-ctx.Done():
		return next
	case <-w.closing:
	}
	timer.Reset(jitter(min(next, closeBackoff)))
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return min(next, closeBackoff)
}

// jitter is between half of d and d.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
