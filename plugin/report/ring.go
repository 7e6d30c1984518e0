// SPDX-License-Identifier: Apache-2.0

package report

import (
	"log/slog"
	"sync"
)

// ringEntries bounds what goroutines may leave between two callbacks: with maxTextBytes it is 7 MiB at the very
// worst, a few KiB in practice.
const ringEntries = 256

type entry struct {
	level slog.Level
	text  string
}

// ring holds the newest entries; older ones make room and are counted.
type ring struct {
	mu      sync.Mutex
	entries []entry // in a circle once it is ringEntries long
	next    int     // where the oldest entry stands then
	lost    int64
}

func (r *ring) put(e entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) < ringEntries {
		r.entries = append(r.entries, e)
		return
	}
	r.entries[r.next] = e
	r.next = (r.next + 1) % ringEntries
	r.lost++
}

// take empties the ring, oldest entry first.
func (r *ring) take() (entries []entry, lost int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) == 0 {
		return nil, 0
	}
	entries = append(append(entries, r.entries[r.next:]...), r.entries[:r.next]...)
	lost = r.lost
	r.entries, r.next, r.lost = nil, 0, 0
	return entries, lost
}
