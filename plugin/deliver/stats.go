// SPDX-License-Identifier: Apache-2.0

package deliver

// Stats is the state of all outputs, for counters and /status.
type Stats struct {
	QueueBytes int64 // of all that waits or is on its way, all outputs together
	Outputs    []OutputStats
}

// OutputStats is the state of one output.
type OutputStats struct {
	Name string // as in Options.Outputs
	LaneStats
	Failures  int64  // attempts that did not deliver all
	LastError string // of the last attempt, "" if it delivered
}

// Stats returns the counters since Open.
func (d *Deliverer) Stats() Stats {
	q := d.queue.Stats()
	s := Stats{QueueBytes: q.Bytes}
	for i, w := range d.workers {
		o := OutputStats{Name: w.name, LaneStats: q.Outputs[i], Failures: w.failures.Load()}
		if text := w.lastErr.Load(); text != nil {
			o.LastError = *text
		}
		s.Outputs = append(s.Outputs, o)
	}
	return s
}
