// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"testing"
)

// A feed of other hosts' alerts, or of rows without a host, can't end the watch of what happened here.
func TestDropAlerts_elsewhere(t *testing.T) {
	for name, alert := range map[string]func(i int) *Alert{
		"other hosts":    func(i int) *Alert { return alertOn(at(1), fmt.Sprint("b", i), fmt.Sprint("OTHER", i), "shell.aspx") },
		"one other host": func(i int) *Alert { return alertOn(at(1), fmt.Sprint("b", i), "OTHER", fmt.Sprintf("x%d.txt", i)) },
		"no host": func(i int) *Alert {
			a := alertOn(at(1), fmt.Sprint("b", i), "", fmt.Sprintf("shell%d.aspx", i))
			a.Hosts = nil
			return a
		},
		"no file": func(i int) *Alert {
			a := alertOn(at(1), fmt.Sprint("b", i), "WEB01", "")
			a.Files = nil
			return a
		},
		"dismissed": func(i int) *Alert {
			a := alertOn(at(1), fmt.Sprint("b", i), fmt.Sprint("OTHER", i), "shell.aspx")
			a.Status = StatusDismissed
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCorrelator(t, Windows, func(o *Options) { o.ComputerName = "WEB01" })
			c.AddAlert(alertOn(at(0), "mine", "WEB01", "shell.aspx"), at(0))
			dismissed := alertOn(at(0), "not mine", "WEB01", "upload.aspx")
			c.AddAlert(dismissed, at(0))
			dismissal := *dismissed
			dismissal.Status, dismissal.Time = StatusDismissed, at(1)
			c.AddAlert(&dismissal, at(1))
			for i := range 2 * maxAlerts {
				c.AddAlert(alert(i), at(1))
			}
			c.AddAlert(dismissed, at(1))
			mustHold(t, c)
			c.AddRequest(get(at(2), "WEB01", "203.0.113.7", "/shell.aspx", "200"), at(2))
			c.AddRequest(get(at(2), "WEB01", "203.0.113.7", "/upload.aspx", "200"), at(2))
			c.Drain(at(100))
			if got := c.Take(); len(got) != 1 || got[0].FileName != "shell.aspx" {
				t.Errorf("%d detections, want one of shell.aspx", len(got))
			}
			s := c.Stats()
			if n := s.Alerts[TooManyElsewhere]; n < maxAlerts || s.Alerts[TooManyAlerts] != 0 {
				t.Errorf("%d of other hosts went and %d of this one", n, s.Alerts[TooManyAlerts])
			}
			if s.ActiveAlerts < maxAlerts*9/10 {
				t.Errorf("%d alerts are left, want nearly %d", s.ActiveAlerts, maxAlerts)
			}
		})
	}
}

// Within the default memory limit as many files can be watched as SPEC section 2 says.
func TestDropAlerts_unlisted(t *testing.T) {
	c := newCorrelator(t, Windows, func(o *Options) { o.ComputerName = "WEB01" })
	for i := range maxUnlisted {
		a := alertOn(at(0), fmt.Sprintf("5a0e8c1f-0000-4b5c-9d1e-%012d", i), "WEB01", fmt.Sprintf("x%d.txt", i))
		a.Title, a.Severity, a.Files[0].Directory = "A web shell was found", "High", `C:\inetpub\wwwroot\up`
		c.AddAlert(a, at(0))
	}
	for _, i := range []int{0, maxUnlisted / 2, maxUnlisted - 1} {
		c.AddRequest(get(at(1), "WEB01", "203.0.113.7", fmt.Sprintf("/up/x%d.txt", i), "200"), at(1))
	}
	c.Drain(at(2))
	if got := len(c.Take()); got != 3 {
		t.Errorf("%d detections, want 3", got)
	}
}

// What an alert names beyond what is read of it is counted, wherever it was left out.
func TestAddAlert_entities(t *testing.T) {
	c := newCorrelator(t, Windows, nil)
	a := alertOn(at(0), "a1", "WEB01", "shell.aspx")
	for i := range maxAlertEntities {
		a.Hosts = append(a.Hosts, HostEntity{HostName: fmt.Sprint("H", i)})
	}
	a.TruncatedRows = 3
	c.AddAlert(a, at(0))
	left := len(a.Hosts) - len(c.alerts["a1"].hosts)
	if got := c.Stats().Truncated; left == 0 || got != int64(3+left) {
		t.Errorf("%d counted, want 3 that were not read and %d hosts that were left out", got, left)
	}
}
