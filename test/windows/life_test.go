// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"webshell/correlate"
)

// graph is an alert of Microsoft Graph's alerts_v2 for shell.aspx in /up/ on the server.
func graph(more record) record {
	r := record{
		"@odata.type": "#microsoft.graph.security.alert", "id": "da1", "createdDateTime": at(0).Time().Format(time.RFC3339),
		"title": "Suspicious web shell", "severity": "high", "serviceSource": "microsoftDefenderForEndpoint", "status": "new",
		"evidence": []any{
			record{"@odata.type": "#microsoft.graph.security.deviceEvidence", "deviceDnsName": "web01.contoso.com", "mdeDeviceId": "d1"},
			record{"@odata.type": "#microsoft.graph.security.fileEvidence", "mdeDeviceId": "d1", "fileDetails": record{"fileName": "shell.aspx", "filePath": upFolder}},
		},
	}
	for k, v := range more {
		r[k] = v
	}
	return r
}

// plain is the same as anything of one's own would write it.
func plain(more record) record {
	r := record{"file": "shell.aspx", "directory": upFolder, "host": server, "id": "p1", "time": at(0).Time().Format(time.RFC3339), "title": "Suspicious web shell"}
	for k, v := range more {
		r[k] = v
	}
	return r
}

// stage has a shell called before its alert came, and everything sent.
func stage(t *testing.T, alert record) *sourced {
	t.Helper()
	s := newSourced(t, nil)
	s.call(0, call{url: "/up/shell.aspx"})
	s.record(10, alert)
	if got := settle(t, s.c, 200); len(got) != 1 || got.of("/up/shell.aspx").Revision != 1 {
		t.Fatalf("%v: got %q, want one detection", alert, got.facts())
	}
	return s
}

// An alert seen again adds what is new in it, and a thousand times changes nothing.
func TestLife_updates(t *testing.T) {
	for name, alert := range map[string]func(record) record{"graph": graph, "plain": plain, "undated": undated} {
		s := stage(t, alert(nil))
		bytes, stats := s.c.Stats().Bytes, s.c.Stats()
		for i := range 1000 {
			s.record(300, alert(nil))
			if i%100 == 0 {
				s.c.Tick(at(400 + i))
			}
		}
		if got := settle(t, s.c, 2000); len(got) != 0 {
			t.Errorf("%s: repeated: %q", name, got.facts())
		}
		after := s.c.Stats()
		if after.Bytes != bytes || after.ActiveAlerts != 1 || after.Pending != 0 || after.Revisions != stats.Revisions {
			t.Errorf("%s: repeated: %d bytes, were %d; %+v", name, after.Bytes, bytes, after)
		}
		s.record(2100, alert(record{"title": "Web shell, confirmed", "severity": "critical"}))
		d := settle(t, s.c, 2200).of("/up/shell.aspx")
		if d == nil || d.Revision != 2 || !slices.Equal(d.AlertTitles, []string{"Suspicious web shell", "Web shell, confirmed"}) || !slices.Contains(d.AlertSeverities, "critical") {
			t.Errorf("%s: updated: %+v", name, d)
		}
	}
}

// Another file in a later record is one more thing to look for, back and ahead.
func TestLife_newFile(t *testing.T) {
	s := stage(t, plain(nil))
	s.call(300, call{url: "/up/second.ashx"})
	s.record(310, plain(record{"file": "second.ashx"}))
	s.call(320, call{url: "/up/second.ashx", ip: "203.0.113.8"})
	s.call(320, call{url: "/up/shell.aspx", ip: "203.0.113.8"})
	if got := settle(t, s.c, 400).urls(); !slices.Equal(got, []string{"/up/second.ashx", "/up/second.ashx", "/up/shell.aspx"}) {
		t.Errorf("got %q", got)
	}
}

// Resolved does not end a watch, it is only said.
func TestLife_resolved(t *testing.T) {
	for name, resolved := range map[string]record{
		"whole":            graph(record{"status": "resolved", "classification": "truePositive"}),
		"without evidence": graph(record{"status": "resolved", "evidence": nil}),
	} {
		s := stage(t, graph(nil))
		s.record(300, resolved)
		if d := settle(t, s.c, 400).of("/up/shell.aspx"); d == nil || d.AlertStatus != correlate.StatusResolved || d.Revision != 2 {
			t.Errorf("%s: %+v, want a second revision that says so", name, d)
		}
		s.call(500, call{url: "/up/shell.aspx", ip: "203.0.113.8"})
		if d := settle(t, s.c, 600).of("/up/shell.aspx"); d == nil || d.AttackerIP != "203.0.113.8" {
			t.Errorf("%s: the watch has ended", name)
		}
	}
}

// Dismissed ends the watch with a last revision; records from before do not bring it back, newer ones do.
func TestLife_dismissed(t *testing.T) {
	for name, row := range map[string]struct {
		first, dismissed, again, newer record
	}{
		"graph":       {graph(nil), graph(record{"status": "resolved", "classification": "falsePositive"}), graph(nil), nil},
		"no evidence": {graph(nil), graph(record{"status": "resolved", "classification": "falsePositive", "evidence": nil}), graph(nil), nil},
		"plain": {plain(nil), plain(record{"status": "dismissed", "time": at(250).Time().Format(time.RFC3339)}), plain(nil),
			plain(record{"time": at(260).Time().Format(time.RFC3339)})},
		"undated": {plain(record{"time": nil}), plain(record{"status": "dismissed", "time": nil}), plain(record{"time": nil}), nil},
	} {
		s := stage(t, row.first)
		s.record(300, row.dismissed)
		d := settle(t, s.c, 310).of("/up/shell.aspx")
		if d == nil || d.AlertStatus != correlate.StatusDismissed || d.Revision != 2 {
			t.Errorf("%s: %+v, want a last revision that says so", name, d)
		}
		for range 3 {
			s.record(320, row.again)
		}
		s.call(400, call{url: "/up/shell.aspx"})
		s.call(400, call{url: "/up/shell.aspx", ip: "203.0.113.8"})
		if got := settle(t, s.c, 600); len(got) != 0 {
			t.Errorf("%s: dismissed, and yet %q of %v", name, got.facts(), got.of("/up/shell.aspx").AlertStatus)
		}
		if row.newer == nil {
			continue
		}
		s.record(700, row.newer)
		if got := settle(t, s.c, 800); len(got) != 2 {
			t.Errorf("%s: raised anew: %q, want both clients", name, got.facts())
		}
	}
}

// A feed that goes on to repeat a dismissed alert does not outwait it.
func TestLife_dismissedRepeats(t *testing.T) {
	s := stage(t, graph(nil))
	s.record(300, graph(record{"status": "resolved", "classification": "falsePositive"}))
	settle(t, s.c, 310)
	const day = 24 * 3600
	for n := range 20 {
		s.call(n*day+400, call{url: "/up/shell.aspx"})
		s.record(n*day+500, graph(nil))
	}
	if got := settle(t, s.c, 21*day); len(got) != 0 {
		t.Errorf("got %q", got.facts())
	}
}

// A dismissal that comes before the alert's own record holds for it too.
func TestLife_dismissedFirst(t *testing.T) {
	s := newSourced(t, nil)
	s.call(0, call{url: "/up/shell.aspx"})
	s.record(10, graph(record{"status": "resolved", "classification": "falsePositive"}))
	s.record(11, graph(nil))
	if got := settle(t, s.c, 200); len(got) != 0 {
		t.Errorf("got %q", got.facts())
	}
}

// Every client of a dismissed alert gets its last revision, those that call again before it is sent too.
func TestLife_dismissedMany(t *testing.T) {
	const clients = 700
	s := newSourced(t, nil)
	callAll := func(seconds int) {
		for i := range clients {
			s.call(seconds, call{url: "/up/shell.aspx", ip: fmt.Sprintf("198.51.%d.%d", i>>8, i&255)})
		}
	}
	callAll(0)
	s.record(10, graph(nil))
	if got := settle(t, s.c, 200); len(got) != clients {
		t.Fatalf("%d detections, want %d", len(got), clients)
	}
	s.record(300, graph(record{"status": "resolved", "classification": "falsePositive"}))
	callAll(301)
	last := 0
	for _, d := range settle(t, s.c, 302) {
		if d.AlertStatus == correlate.StatusDismissed {
			last++
		}
	}
	if last != clients {
		t.Errorf("%d last revisions, want %d", last, clients)
	}
}

// Under kql a row counts whatever its status says, as the rule reads none; records add nothing to one another.
func TestLife_kql(t *testing.T) {
	for _, status := range []string{"New", "Resolved", "Dismissed"} {
		s := newSourced(t, kql)
		s.call(0, call{url: "/up/shell.aspx"})
		s.record(10, record{
			"SystemAlertId": "a1", "ProviderName": "MDATP", "TimeGenerated": at(10).Time().Format(time.RFC3339), "Status": status,
			"Entities": []any{record{"Type": "file", "Name": "shell.aspx"}, record{"Type": "host", "HostName": server}},
		})
		s.call(20, call{url: "/up/shell.aspx"})
		d := settle(t, s.c, 200).of("/up/shell.aspx")
		if d == nil || d.RequestCount != 2 {
			t.Errorf("%s: %+v, want the rule's row", status, d)
		}
	}
}

// The order of an alert's records makes no difference to what is known in the end.
func TestLife_anyOrder(t *testing.T) {
	records := []record{graph(nil), graph(record{"title": "Web shell, confirmed"}), graph(record{"status": "inProgress", "severity": "medium"})}
	var want *correlate.Detection
	for _, order := range orders {
		s := newSourced(t, nil)
		s.call(0, call{url: "/up/shell.aspx"})
		for i, at := range order {
			s.record(10+i, records[at])
		}
		d := settle(t, s.c, 400).of("/up/shell.aspx")
		d.Revision, d.TimeGenerated, d.First = 0, 0, false
		if want == nil {
			want = d
		}
		if !reflect.DeepEqual(d, want) {
			t.Errorf("order %v:\ngot  %+v\nwant %+v", order, d, want)
		}
	}
}

// undated is plain without a time: the event's timestamp, another one each time, stands in for it.
func undated(more record) record {
	r := plain(more)
	delete(r, "time")
	return r
}
