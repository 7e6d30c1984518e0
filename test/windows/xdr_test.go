// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
)

// record is one message of a feed.
type record map[string]any

func (s *sourced) record(seconds int, r record) {
	s.t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.flush(seconds, "alert.feed", "log", string(text))
}

func xdr(category string, properties record) record {
	properties["AlertId"], properties["Timestamp"] = "da1", at(60).Time().Format(time.RFC3339Nano)
	return record{"category": "AdvancedHunting-" + category, "time": at(60).Time().Format(time.RFC3339Nano), "properties": properties}
}

// xdrAlert is one alert of Defender XDR's streaming API: file and device in separate records, its own facts in a third.
func xdrAlert(file, machine record) []record {
	return []record{
		xdr("AlertEvidence", file),
		xdr("AlertEvidence", machine),
		xdr("AlertInfo", record{"Title": "Suspicious web shell", "Severity": "High", "ServiceSource": "Microsoft Defender for Endpoint"}),
	}
}

var orders = [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}

// In whichever order the records come, before or after the requests, the detection is the same, and has the facts of
// all of them.
func TestXDR_anyOrder(t *testing.T) {
	file := func(more record) record {
		r := record{"EntityType": "File", "FileName": "shell.aspx", "FolderPath": upFolder, "SHA256": strings.Repeat("ab", 32)}
		for k, v := range more {
			r[k] = v
		}
		return r
	}
	for name, evidence := range map[string][2]record{
		"no device in the file's record": {file(nil), {"EntityType": "Machine", "DeviceName": "web01.contoso.com", "DeviceId": "d1"}},
		"its id in the file's record":    {file(record{"DeviceId": "d1"}), {"EntityType": "Machine", "DeviceName": "web01.contoso.com", "DeviceId": "d1"}},
		"its name in both":               {file(record{"DeviceId": "d1", "DeviceName": "web01.contoso.com"}), {"EntityType": "Machine", "DeviceName": "web01.contoso.com", "DeviceId": "d1"}},
	} {
		for _, isFirst := range []bool{true, false} {
			var want *correlate.Detection
			for _, order := range orders {
				s := newSourced(t, nil)
				if isFirst {
					s.call(0, call{url: "/up/shell.aspx"})
					s.call(0, call{url: "/up/shell.aspx", host: "WEB02.contoso.com"})
				} else {
					s.call(0, call{url: "/home.aspx", ip: "198.51.100.1"})
				}
				for i, at := range order {
					s.record(60+i, xdrAlert(evidence[0], evidence[1])[at])
				}
				if !isFirst {
					s.call(120, call{url: "/up/shell.aspx"})
					s.call(120, call{url: "/up/shell.aspx", host: "WEB02.contoso.com"})
				}
				got := settle(t, s.c, 600)
				d := got.of("/up/shell.aspx")
				if len(got) != 1 || d.Computer != server || !slices.Equal(d.AlertTitles, []string{"Suspicious web shell"}) ||
					!slices.Equal(d.AlertSeverities, []string{"High"}) || !slices.Equal(d.DeviceIDs, []string{"d1"}) || len(d.FileHashes) != 1 {
					t.Errorf("%s, order %v, request first %v: got %q %+v; counters %+v", name, order, isFirst, got.facts(), d, s.set.Counters())
					continue
				}
				d.Revision, d.TimeGenerated, d.First = 0, 0, false
				if want == nil {
					want = d
				}
				if !reflect.DeepEqual(d, want) {
					t.Errorf("%s, order %v:\ngot  %+v\nwant %+v", name, order, d, want)
				}
			}
		}
	}
}

// A device known by its id alone is not any other device of the alert.
func TestXDR_otherDevice(t *testing.T) {
	for _, order := range orders {
		s := newSourced(t, nil)
		s.call(0, call{url: "/up/shell.aspx"})
		for i, at := range order {
			s.record(60+i, xdrAlert(record{"EntityType": "File", "FileName": "shell.aspx", "DeviceId": "d2"},
				record{"EntityType": "Machine", "DeviceName": "web01.contoso.com", "DeviceId": "d1"})[at])
		}
		if got := settle(t, s.c, 600); len(got) != 0 {
			t.Errorf("order %v: got %q", order, got.facts())
		}
	}
}

// What never gets a file or a host is counted as such when it ends.
func TestXDR_halves(t *testing.T) {
	for name, row := range map[string]struct {
		record         record
		noHost, noFile int64
	}{
		"facts alone":    {xdrAlert(record{}, record{})[2], 0, 1},
		"a machine":      {xdr("AlertEvidence", record{"EntityType": "Machine", "DeviceName": "web01.contoso.com", "DeviceId": "d1"}), 0, 1},
		"a file":         {xdr("AlertEvidence", record{"EntityType": "File", "FileName": "shell.aspx"}), 1, 0},
		"a nameless one": {xdr("AlertEvidence", record{"EntityType": "File", "FileName": "shell.aspx", "DeviceId": "d1"}), 1, 0},
	} {
		s := newSourced(t, func(o *correlate.Options) { o.AlertWindow = time.Hour })
		s.record(60, row.record)
		s.call(3600+300, call{url: "/up/shell.aspx"})
		settle(t, s.c, 3600+400)
		st := s.c.Stats()
		if st.NoHost != row.noHost || st.Alerts[correlate.NoFile] != row.noFile {
			t.Errorf("%s: %d without a host and %d without a file, want %d and %d", name, st.NoHost, st.Alerts[correlate.NoFile], row.noHost, row.noFile)
		}
		if st.ActiveAlerts != 0 {
			t.Errorf("%s: %d alerts still active", name, st.ActiveAlerts)
		}
	}
}
