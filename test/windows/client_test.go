// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"webshell/correlate"
	"webshell/correlate/alert"
	"webshell/correlate/w3c"
	"webshell/plugin/source"
)

const (
	proxyFields = "#Fields: date time s-computername s-sitename cs-method cs-uri-stem c-ip sc-status X-Forwarded-For"
	proxy       = "10.0.0.1"
	innerProxy  = "10.0.0.2"
)

// behind is an engine whose sources take the client from X-Forwarded-For.
func behind(t testing.TB, change func(*correlate.Options), trusted ...string) *sourced {
	t.Helper()
	s := &sourced{t: t, c: newEngine(t, change)}
	o := w3c.Options{ClientIPField: "X-Forwarded-For"}
	for _, network := range trusted {
		o.TrustedProxies = append(o.TrustedProxies, netip.MustParsePrefix(network))
	}
	s.set = source.NewSet(source.Options{
		AlertTag: "alert.*", LogKey: "log", PathKey: "path", ComputerName: server, W3C: o, Alerts: alert.Options{LogKey: "log"},
	}, s.c)
	s.flush(0, "iis", "path", "u_ex.log", "log", proxyFields)
	return s
}

// line is a raw line of a request to the shell.
func (s *sourced) line(seconds int, peer, header string) {
	s.t.Helper()
	when := at(seconds).Time()
	s.flush(seconds, "iis", "path", "u_ex.log", "log", strings.Join([]string{when.Format("2006-01-02 15:04:05"), server, site,
		"GET", "/up/shell.aspx", peer, "200", header}, " "))
}

// clients gives the proxy of each client, as the detections have them.
func clients(f finals) map[string]string {
	all := map[string]string{}
	for _, d := range f {
		all[d.AttackerIP] = d.ProxyIP
	}
	return all
}

func TestClientIP(t *testing.T) {
	for name, row := range map[string]struct{ peer, header, client, proxy string }{
		"behind a proxy":         {proxy, "203.0.113.7", "203.0.113.7", proxy},
		"behind two":             {proxy, "203.0.113.7,+10.0.0.2", "203.0.113.7", proxy},
		"forged in front":        {proxy, "198.51.100.1,+127.0.0.1,+203.0.113.7", "203.0.113.7", proxy},
		"a proxy's address sent": {proxy, "10.0.0.9,+203.0.113.7", "203.0.113.7", proxy},
		"with a port":            {proxy, "203.0.113.7:50001", "203.0.113.7", proxy},
		"in brackets":            {proxy, "[2001:db8::7]:50001", "2001:db8::7", proxy},
		"with a zone":            {proxy, "fe80::7%18", "fe80::7", proxy},
		"called directly":        {"203.0.113.7", "198.51.100.1", "203.0.113.7", ""},
		"without a header":       {proxy, "-", proxy, ""},
		"no address":             {proxy, "unknown", proxy, ""},
		"proxies alone":          {proxy, "10.0.0.3,+10.0.0.4", proxy, ""},
		"a word behind":          {proxy, "203.0.113.7,+unknown", proxy, ""},
	} {
		for _, isFirst := range []bool{true, false} {
			s := behind(t, nil, "10.0.0.0/8")
			if isFirst {
				s.line(1, row.peer, row.header)
			}
			s.record(10, plain(nil))
			if !isFirst {
				s.line(20, row.peer, row.header)
			}
			got := clients(settle(t, s.c, 200))
			if p, ok := got[row.client]; !ok || len(got) != 1 || p != row.proxy {
				t.Errorf("%s: got %v, want %s by %q", name, got, row.client, row.proxy)
			}
		}
	}
}

// The client of parsed records and of raw lines is the same.
func TestClientIP_record(t *testing.T) {
	s := behind(t, nil, "10.0.0.0/8")
	when := at(1).Time()
	for _, key := range []string{"X-Forwarded-For", "x_forwarded_for", "XForwardedFor"} {
		s.flush(1, "iis", "date", when.Format("2006-01-02"), "time", when.Format("15:04:05"), "cs-uri-stem", "/up/shell.aspx", "c-ip", proxy,
			"s-computername", server, key, "203.0.113.7, "+innerProxy)
	}
	s.record(10, plain(nil))
	if got := clients(settle(t, s.c, 200)); len(got) != 1 || got["203.0.113.7"] != proxy {
		t.Errorf("got %v", got)
	}
}

// forgeries is how many different headers one attacker sends.
const forgeries = 20_000

// Whatever an attacker writes into the header, it is one client: before the proxy and past it.
func TestClientIP_forged(t *testing.T) {
	for name, header := range map[string]func(i int) (peer, header string){
		"through the proxy": func(i int) (string, string) { return proxy, forged(i) + ",+203.0.113.7" },
		"other ports":       func(i int) (string, string) { return proxy, fmt.Sprint("203.0.113.7:", i+1024) },
		"past the proxy":    func(i int) (string, string) { return "203.0.113.7", forged(i) },
		"very long":         func(i int) (string, string) { return proxy, strings.Repeat(forged(i)+",", 100) + "+203.0.113.7" },
	} {
		s := behind(t, nil, "10.0.0.0/8")
		s.record(1, plain(nil))
		for i := range forgeries / 4 {
			peer, h := header(i)
			s.line(2, peer, h)
		}
		got := clients(settle(t, s.c, 600))
		if _, ok := got["203.0.113.7"]; !ok || len(got) != 1 {
			t.Errorf("%s: %d clients", name, len(got))
		}
		if n := s.c.Stats().Clients; n != 1 {
			t.Errorf("%s: %d clients remembered, want 1", name, n)
		}
	}
}

func forged(i int) string { return fmt.Sprintf("198.51.%d.%d", i>>8&255, i&255) }

// Without trusted_proxies everybody's header is believed: then the bounds of memory and of an alert hold.
func TestClientIP_believed(t *testing.T) {
	const limit = 2 << 20
	s := behind(t, func(o *correlate.Options) { o.MemoryLimit = limit })
	s.line(1, "203.0.113.7", "203.0.113.7")
	for i := range forgeries {
		s.line(2, "203.0.113.7", forged(i))
	}
	s.record(10, plain(nil))
	for i := range forgeries {
		s.line(20, "203.0.113.7", "2001:db8::"+fmt.Sprintf("%x", i+1))
	}
	got := settle(t, s.c, 600)
	if n := len(got); n == 0 || n > 1000 {
		t.Errorf("%d detections, want at most 1000", n)
	}
	if _, ok := clients(got)["203.0.113.7"]; !ok {
		t.Error("the first client was washed out")
	}
	if n := s.c.Stats().Bytes; n > limit+limit/20 {
		t.Errorf("%d bytes, want at most %d and a few per cent", n, limit)
	}
}
