// SPDX-License-Identifier: Apache-2.0

package source

// Counters says what became of everything that came in.
type Counters struct {
	Events     int64            // log events read
	Lines      int64            // raw lines among them, directives included
	Directives int64            // lines that begin with "#"
	Duplicates int64            // lines that were counted before
	Own        int64            // our own detections coming back
	Skipped    map[string]int64 // values of a chunk that are no log events, by kind
	Refused    map[string]int64 // events that could not be used, by reason
	Alerts     int64            // alerts handed to the engine
	Waiting    int64            // bytes of lines that wait for their #Fields:, at the moment
}

// refuse counts an event that could not be used. Reasons are constants: the map stays small.
func (s *Set) refuse(reason string) { s.counters.Refused[reason]++ }

func (s *Set) skip(kind string, n int) {
	if n > 0 {
		s.counters.Skipped[kind] += int64(n)
	}
}

// Counters gives a copy of the counters of the moment.
func (s *Set) Counters() Counters {
	c := s.counters
	c.Skipped, c.Refused = clone(c.Skipped), clone(c.Refused)
	c.Waiting = int64(s.waitingBytes)
	return c
}

func clone(m map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(m))
	for k, n := range m {
		out[k] = n
	}
	return out
}
