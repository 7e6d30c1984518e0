// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"testing"
)

// A client's distinct values are counted beyond what the set holds, whether its requests are still remembered one by
// one, summed up, or both; from some hundred values on by an estimate (3 per cent of error).
func TestDistinct(t *testing.T) {
	for _, limit := range []int{3, 64} {
		for _, n := range []int{1, 3, 4, 64, 65, 66, 70, 100, 128, 300, 1000, 5000} {
			t.Run(fmt.Sprintf("limit %d, %d values", limit, n), func(t *testing.T) {
				d := detectionOfValues(t, limit, n)
				off := int64(1) // linear counting rounds
				if n <= limit {
					off = 0
				} else if n > 300 {
					off = int64(n) / 5 // six times the estimate's error
				}
				for name, got := range map[string]int64{"DistinctQueryStrings": d.DistinctQueryStrings, "DistinctUserAgents": d.DistinctUserAgents} {
					if got < int64(n)-off || got > int64(n)+off {
						t.Errorf("%s %d, want %d, %d more or less", name, got, n, off)
					}
				}
				if want := min(n, limit); len(d.RequestQueryStrings) != want {
					t.Errorf("%d query strings, want %d", len(d.RequestQueryStrings), want)
				}
			})
		}
	}
}

// detectionOfValues is what an alert gives on a client that sent n query strings and user agents, no two alike.
func detectionOfValues(t *testing.T, limit, n int) *Detection {
	t.Helper()
	c := newCorrelator(t, Windows, func(o *Options) { o.SetLimit = limit })
	for i := range n {
		r := get(at(i), "web01", "203.0.113.7", "/shell.aspx", "200")
		r.URIQuery, r.UserAgent = fmt.Appendf(nil, "q=%d", i), fmt.Appendf(nil, "agent/%d", i)
		c.AddRequest(r, r.Time)
	}
	c.AddAlert(alertOn(at(n), "a1", "web01", "shell.aspx"), at(n))
	for c.Step(at(n)) {
	}
	mustHold(t, c)
	out := c.Take()
	if len(out) != 1 {
		t.Fatalf("%d detections, want 1", len(out))
	}
	return out[0]
}
