// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"testing"
	"time"
)

// manyReported is an engine with an alert that very many clients have in a detection, all told.
func manyReported(t *testing.T, clients int) *Correlator {
	t.Helper()
	c := newCorrelator(t, KQL, nil)
	for i := range clients {
		c.AddRequest(get(at(i/100), "WEB01", fmt.Sprintf("10.0.%d.%d", i>>8, i&255), "/shell.aspx", "200"), at(i/100))
	}
	now := at(clients / 100)
	c.AddAlert(alertOn(now, "a", "WEB01", "shell.aspx"), now)
	for c.Step(now) {
	}
	if n := len(c.Take()); n != clients {
		t.Fatalf("%d detections, want %d", n, clients)
	}
	return c
}

func dismissed(t Instant) *Alert {
	a := alertOn(t, "a", "WEB01", "shell.aspx")
	a.Status = StatusDismissed
	return a
}

// The last revisions of a dismissed alert come in steps, one for each detection whatever happens meanwhile, and nothing
// new is reported.
func TestDismiss_inSteps(t *testing.T) {
	const clients = 3000
	c := manyReported(t, clients)
	now := c.Clock().Add(time.Hour / 2)
	c.AddAlert(dismissed(now), now)
	got := c.Take()
	if len(got) == 0 || len(got) > clients/2 || !c.HasWork() {
		t.Fatalf("%d revisions in the first step, want some", len(got))
	}
	for _, ip := range []string{"10.0.0.1", "10.0.11.1", "192.0.2.1"} { // two that are known, one that is not
		c.AddRequest(get(now, "WEB01", ip, "/shell.aspx", "200"), now)
		mustHold(t, c)
	}
	for c.Step(now) {
		mustHold(t, c)
	}
	got = append(got, c.Take()...)
	last := map[string]int{}
	for _, d := range got {
		if last[d.AttackerIP]++; d.AlertStatus != StatusDismissed {
			t.Fatalf("%s: status %v", d.AttackerIP, d.AlertStatus)
		}
	}
	if len(got) != clients || len(last) != clients || last["192.0.2.1"] != 0 {
		t.Errorf("%d revisions of %d clients, want one of each of %d", len(got), len(last), clients)
	}
	if s := c.Stats(); s.Pending != 0 {
		t.Errorf("%d still wait", s.Pending)
	}
}

// An alert that stands again before its dismissal is done with is watched as if it were new.
func TestDismiss_revived(t *testing.T) {
	const clients = 3000
	c := manyReported(t, clients)
	now := c.Clock().Add(time.Hour / 2)
	c.AddAlert(dismissed(now), now)
	later := now.Add(time.Minute)
	c.AddAlert(alertOn(later, "a", "WEB01", "shell.aspx"), later)
	mustHold(t, c)
	for c.Step(later) {
	}
	c.AddRequest(get(later, "WEB01", "192.0.2.1", "/shell.aspx", "200"), later)
	mustHold(t, c)
	told := map[string]bool{}
	for _, d := range c.Take() {
		told[d.AttackerIP] = true
	}
	if len(told) != clients+1 {
		t.Errorf("%d clients in revisions, want %d", len(told), clients+1)
	}
	if n := c.alerts["a"].reported.len(); n != clients+1 {
		t.Errorf("the alert is in %d detections, want %d", n, clients+1)
	}
}
