// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"errors"
	"log/slog"
	"sync"
	"time"
)

// reportInterval is how often one reason is logged at most; what came between is counted in the next line.
const reportInterval = 10 * time.Second

// reporter writes what went wrong, once a reason and interval. Reasons are our own words, so there are few.
type reporter struct {
	log  *slog.Logger
	mu   sync.Mutex
	seen map[string]*reason
}

// reason is what is known of one reason.
type reason struct {
	last  time.Time
	count int64 // since then
}

// newReporter writes to log.
func newReporter(log *slog.Logger) *reporter { return &reporter{log: log, seen: map[string]*reason{}} }

// due counts n for a reason and returns the sum to log now, 0 if it is too early.
func (r *reporter) due(key string, n int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.seen[key]
	if s == nil {
		s = &reason{}
		r.seen[key] = s
	}
	s.count += n
	now := time.Now()
	if !s.last.IsZero() && now.Sub(s.last) < reportInterval {
		return 0
	}
	n, s.count, s.last = s.count, 0, now
	return n
}

// dropped logs what was given up. It is an error: these detections are lost to that output.
func (r *reporter) dropped(d Dropped) {
	for _, c := range [...]struct {
		reason string
		n      int64
	}{
		{"queue_full_acknowledged", d.Acknowledged},
		{"queue_full_first", d.First},
		{"too_large", d.TooLarge},
		{"output_closed", d.Closed},
	} {
		if c.n == 0 {
			continue
		}
		if n := r.due("dropped "+c.reason, c.n); n > 0 {
			r.log.Error("detections dropped", "reason", c.reason, "count", n)
		}
	}
}

// failed logs an attempt that did not deliver. The detections wait on.
func (r *reporter) failed(output string, err error) {
	kind := kindOf(err)
	if n := r.due("failed "+output+" "+kind, 1); n > 0 {
		r.log.Warn("detections not delivered", "output", output, "reason", kind, "count", n, "err", clip(err.Error()))
	}
}

// maxErrorText bounds the text of an error in the log; a receiver may have chosen some of it.
const maxErrorText = 512

// clip cuts s to what the log takes.
func clip(s string) string {
	if len(s) > maxErrorText {
		return s[:maxErrorText] + "..."
	}
	return s
}

// close logs what was not delivered when the outputs ended.
func (r *reporter) close(left int64) {
	if left > 0 {
		r.log.Error("detections dropped", "reason", "exit", "count", left)
	}
}

// kindOf is the kind of a failure, which is logged on its own: what the error says itself, else "io".
func kindOf(err error) string {
	var k interface{ Kind() string }
	if errors.As(err, &k) {
		return k.Kind()
	}
	return "io"
}
