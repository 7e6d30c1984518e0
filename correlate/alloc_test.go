// SPDX-License-Identifier: Apache-2.0

package correlate

import "testing"

// TestAddRequest_allocations holds that a request of a known client with known values allocates nothing: what is kept
// of it fits the room that earlier ones left, but for a rare growth.
func TestAddRequest_allocations(t *testing.T) {
	for _, m := range []Matching{Windows, KQL} {
		c := newCorrelator(t, m, nil)
		r := get(at(0), "WEB01", "203.0.113.7", "/up/default.aspx", "200")
		r.UserAgent, r.URIQuery, r.Cookie = []byte("Mozilla/5.0"), []byte("id=1"), []byte("session=1")
		step := 0
		add := func() {
			step++
			r.Time = at(step)
			if o := c.AddRequest(r, r.Time); o != Accepted {
				t.Fatal(o)
			}
		}
		for range 1000 {
			add()
		}
		if n := testing.AllocsPerRun(2000, add); n > 0 {
			t.Errorf("matching %d: %.1f allocations a request", m, n)
		}
		static := get(at(step), "WEB01", "203.0.113.7", "/img/logo.png", "200")
		if n := testing.AllocsPerRun(100, func() { c.AddRequest(static, static.Time) }); n > 0 {
			t.Errorf("matching %d: %.1f allocations for what is no script", m, n)
		}
	}
}
