// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
)

// hostRow is a host as an alert gives it, and the computers in the logs that it is and is not.
type hostRow struct {
	host, dns, nt string
	is            map[string]string // computer as logged: MatchedBy
	not           []string
}

var hostTable = []hostRow{
	// Case never counts.
	{"WEB01.contoso.com", "", "", map[string]string{"web01.CONTOSO.com": "exact", "WEB01": "exact,host_short"}, []string{"WEB01.fabrikam.com", "WEB1.contoso.com", "WEB011.contoso.com"}},
	{"web01", "", "", map[string]string{"WEB01": "exact", "WEB01.contoso.com": "exact,host_short", "Web01.fabrikam.com": "exact,host_short"}, []string{"WEB02", "WEB01X"}},
	// Domains must agree where both sides give one.
	{"web01", "contoso.com", "", map[string]string{"WEB01.contoso.com": "exact", "WEB01": "exact,host_short"}, []string{"WEB01.fabrikam.com", "WEB01.eu.contoso.com", "WEB01.com"}},
	{"WEB01.contoso.com", "fabrikam.com", "", map[string]string{"WEB01.contoso.com": "exact"}, []string{"WEB01.fabrikam.com"}},
	{"WEB01.contoso.com.", "", "", map[string]string{"WEB01.contoso.com": "exact"}, nil},
	// An NT domain is never compared with a DNS domain.
	{"web01", "", "CORP", map[string]string{"WEB01.contoso.com": "exact,host_short", "WEB01": "exact"}, []string{"WEB02.corp"}},
	{"web01", "contoso.com", "FABRIKAM", map[string]string{"WEB01.contoso.com": "exact"}, []string{"WEB01.fabrikam"}},
	// As an NT domain, a share or an account of the machine has it.
	{`CONTOSO\WEB01`, "", "", map[string]string{"WEB01.contoso.com": "exact,host_short", "web01": "exact"}, []string{"CONTOSO", "WEB02"}},
	{`\\WEB01`, "", "", map[string]string{"WEB01": "exact"}, []string{"WEB011"}},
	{`\\WEB01\C$\inetpub`, "", "", map[string]string{"WEB01": "exact", "WEB01.contoso.com": "exact,host_short"}, []string{"C", "C$", "inetpub"}},
	{`CONTOSO\WEB01$`, "contoso.com", "", map[string]string{"WEB01.contoso.com": "exact"}, []string{"WEB01.fabrikam.com"}},
	// A NetBIOS name is cut at fifteen characters, by either side.
	{"FRONTEND-SERVER", "", "CORP", map[string]string{"FRONTEND-SERVER-01.contoso.com": "exact,host_netbios", "FRONTEND-SERVER-01": "exact,host_netbios", "frontend-server": "exact"}, []string{"FRONTEND-SERVE", "FRONTEND-SERVES-01"}},
	{"frontend-server-01.contoso.com", "", "", map[string]string{"FRONTEND-SERVER": "exact,host_netbios"}, []string{"FRONTEND-SERVER-02.contoso.com", "FRONTEND-SERVER-0.contoso.com", "FRONTEND-SERVE", "FRONTEND-SERVER.fabrikam.com"}},
	{"FRONTEND-SERVER", "contoso.com", "", map[string]string{"FRONTEND-SERVER-01.contoso.com": "exact,host_netbios"}, []string{"FRONTEND-SERVER-01.fabrikam.com"}},
	// An address is itself, and no name.
	{"10.0.0.5", "", "", map[string]string{"10.0.0.5": "exact,host_address", "::ffff:10.0.0.5": "exact,host_address"}, []string{"10.0.0.50", "10.contoso.com", "10"}},
	{"2001:db8::5", "", "", map[string]string{"2001:DB8:0:0::5": "exact,host_address", "[2001:db8::5]": "exact,host_address"}, []string{"2001:db8::6", "2001"}},
	{"10.contoso.com", "", "", map[string]string{"10": "exact,host_short"}, []string{"10.0.0.5"}},
	// Letters by NTFS, not by Unicode.
	{"kiel.contoso.com", "", "", map[string]string{"KIEL.contoso.com": "exact"}, []string{"\u212Aiel.contoso.com"}},
}

func TestHosts(t *testing.T) {
	for _, row := range hostTable {
		var want []string
		for computer, by := range row.is {
			want = append(want, strings.Join([]string{computer, "/up/shell.aspx", by, partial, "medium"}, " | "))
		}
		slices.Sort(want)
		alert := finding{file: "shell.aspx", dir: upFolder, host: row.host, dns: row.dns, nt: row.nt}
		callAll := func(f feed, seconds int) {
			for computer := range row.is {
				f.call(seconds, call{url: "/up/shell.aspx", host: computer})
			}
			for _, computer := range row.not {
				f.call(seconds, call{url: "/up/shell.aspx", host: computer})
			}
		}
		check := func(t *testing.T, f feed, order string) {
			if got := settle(t, f.engine(), 600).facts(); !slices.Equal(got, want) {
				t.Errorf("%q %q %q, %s (%T):\ngot  %q\nwant %q", row.host, row.dns, row.nt, order, f, got, want)
			}
		}
		each(t, nil, func(t *testing.T, f feed) {
			callAll(f, 0)
			f.alert(60, alert)
			check(t, f, "request first")
		})
		each(t, nil, func(t *testing.T, f feed) {
			f.alert(0, alert)
			callAll(f, 60)
			check(t, f, "alert first")
		})
	}
}

// A file that names its own device belongs to that device alone, whatever else the alert names.
func TestHosts_ownDevice(t *testing.T) {
	callBoth := func(f feed, seconds int) {
		f.call(seconds, call{url: "/up/shell.aspx"})
		f.call(seconds, call{url: "/up/shell.aspx", host: "WEB02.contoso.com"})
	}
	alert := finding{file: "shell.aspx", dir: upFolder, device: "web02"}
	want := []string{strings.Join([]string{"WEB02.contoso.com", "/up/shell.aspx", "exact,host_short", partial, "medium"}, " | ")}
	for _, isFirst := range []bool{true, false} {
		each(t, nil, func(t *testing.T, f feed) {
			if isFirst {
				callBoth(f, 0)
			}
			f.alert(60, alert)
			if !isFirst {
				callBoth(f, 120)
			}
			if got := settle(t, f.engine(), 600).facts(); !slices.Equal(got, want) {
				t.Errorf("%T: got %q, want %q", f, got, want)
			}
		})
	}
	both := []string{"WEB01.contoso.com", "WEB02.contoso.com"}
	each(t, kql, func(t *testing.T, f feed) { // the rule pairs all files and hosts
		f.alert(60, finding{id: "a1", file: "shell.aspx", dir: upFolder, device: "WEB09"})
		f.alert(60, finding{id: "a1", noFile: true, host: "WEB02.contoso.com"})
		callBoth(f, 120)
		var got []string
		for _, d := range settle(t, f.engine(), 600) {
			got = append(got, d.Computer)
		}
		if slices.Sort(got); !slices.Equal(got, both) {
			t.Errorf("kql (%T): got %q, want %q", f, got, both)
		}
	})
}

// A cloud alert without a host waits for another record of its id, and the reverse; it is counted when that ends.
func TestHosts_laterRecord(t *testing.T) {
	for _, first := range []finding{{file: "shell.aspx", dir: upFolder, noHost: true}, {noFile: true}} {
		second := finding{noFile: true}
		if first.noFile {
			second = finding{file: "shell.aspx", dir: upFolder, noHost: true}
		}
		each(t, nil, func(t *testing.T, f feed) {
			f.call(0, call{url: "/up/shell.aspx"})
			f.alert(60, first)
			if got := settle(t, f.engine(), 90); len(got) != 0 {
				t.Errorf("%T: half an alert gave %q", f, got.facts())
			}
			f.alert(120, second)
			if got := settle(t, f.engine(), 180).urls(); !slices.Equal(got, []string{"/up/shell.aspx"}) {
				t.Errorf("%T: got %q", f, got)
			}
			if n := f.engine().Stats().NoHost; n != 0 {
				t.Errorf("%T: %d without a host, want 0", f, n)
			}
		})
	}
	hour := func(o *correlate.Options) { o.AlertWindow = time.Hour }
	each(t, hour, func(t *testing.T, f feed) {
		f.alert(60, finding{file: "shell.aspx", dir: upFolder, noHost: true})
		f.call(3600+120, call{url: "/up/shell.aspx"})
		if n := f.engine().Stats().NoHost; n != 1 {
			t.Errorf("%T: %d without a host, want 1", f, n)
		}
		if got := settle(t, f.engine(), 3600+180); len(got) != 0 {
			t.Errorf("%T: no host: %q", f, got.facts())
		}
	})
}

// An alert for a host that was never seen here is counted, and found when the host shows up.
func TestHosts_otherHost(t *testing.T) {
	each(t, nil, func(t *testing.T, f feed) {
		f.call(0, call{url: "/home.aspx"})
		f.alert(60, finding{file: "shell.aspx", dir: upFolder, host: "WEB07.contoso.com"})
		if n := f.engine().Stats().Alerts[correlate.OtherHost]; n != 1 {
			t.Errorf("%T: %d other hosts, want 1", f, n)
		}
		f.call(90, call{url: "/up/shell.aspx", host: "WEB06.contoso.com"})
		f.call(120, call{url: "/up/shell.aspx", host: "web07"})
		want := []string{strings.Join([]string{"web07", "/up/shell.aspx", "exact,host_short", partial, "medium"}, " | ")}
		if got := settle(t, f.engine(), 180).facts(); !slices.Equal(got, want) {
			t.Errorf("%T: got %q, want %q", f, got, want)
		}
	})
}
