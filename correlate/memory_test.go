// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// mix makes the i-th request of some kind of traffic. It may use r again: the engine copies what it keeps.
type mix func(rnd *rand.Rand, i int, r *Request)

// ordinary is the mix that the figure for a remembered client is about: IIS's default columns, 1 to 3 requests a
// client and script, 200 user agents, 30 per cent of the queries unique and of 20 bytes. A client calls scriptsEach of
// them: five, as where 30 000 clients send 300 000 requests.
func ordinary(scripts, scriptsEach int) mix {
	agents := make([][]byte, 200)
	for i := range agents {
		agents[i] = fmt.Appendf(nil, "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/%d.0.0.0+Safari/537.36", i)
	}
	var left, pairs, client int
	return func(rnd *rand.Rand, i int, r *Request) {
		if left == 0 {
			left = 1 + rnd.IntN(3)
			if pairs++; pairs%scriptsEach == 1 || scriptsEach == 1 {
				client = rnd.IntN(1 << 24)
			}
			r.ClientIP = fmt.Appendf(nil, "10.%d.%d.%d", client>>16, client>>8&255, client&255)
			r.URIStem = fmt.Appendf(nil, "/app/area%d/page%d.aspx", rnd.IntN(scripts)%20, rnd.IntN(scripts))
			r.UserAgent = agents[rnd.IntN(len(agents))]
		}
		left--
		r.URIQuery = nil
		if rnd.IntN(10) < 3 {
			r.URIQuery = fmt.Appendf(nil, "id=%017d", rnd.Int64N(1e17))
		}
		defaults(rnd, i, r)
	}
}

// defaults fills the rest of IIS's default columns.
func defaults(rnd *rand.Rand, i int, r *Request) {
	r.Time = day.Add(0) + Instant(i)*1e6*50
	r.HostName, r.SiteName, r.Method, r.ServerIP, r.Port = []byte("WEB01"), []byte("W3SVC1"), []byte("GET"), []byte("10.0.0.5"), []byte("443")
	r.Status, r.SubStatus, r.Win32 = []byte("200"), []byte("0"), []byte("0")
	r.BytesSent, r.BytesReceived, r.TimeTaken = -1, -1, int64(rnd.IntN(300))
}

// names makes up a script for each request.
func names(rnd *rand.Rand, i int, r *Request) {
	defaults(rnd, i, r)
	r.ClientIP = fmt.Appendf(nil, "198.51.%d.%d", rnd.IntN(64), rnd.IntN(256))
	r.URIStem = fmt.Appendf(nil, "/made/up-%d.aspx", i)
	r.UserAgent = []byte("curl/8.4.0")
}

// values gives each request a user agent, a cookie, a referer and a query of its own, of up to 2 KiB.
func values(rnd *rand.Rand, i int, r *Request) {
	defaults(rnd, i, r)
	r.ClientIP = fmt.Appendf(nil, "198.51.100.%d", rnd.IntN(256))
	r.URIStem = fmt.Appendf(nil, "/page%d.aspx", rnd.IntN(50))
	long := func() []byte { return fmt.Appendf(nil, "%d%s", i, strings.Repeat("v", rnd.IntN(maxValueBytes-10))) }
	r.UserAgent, r.Cookie, r.Referer, r.URIQuery = long(), long(), long(), long()
}

// hosts makes up a host for each request.
func hosts(rnd *rand.Rand, i int, r *Request) {
	defaults(rnd, i, r)
	r.HostName = fmt.Appendf(nil, "host-%d.contoso.com", i)
	r.ClientIP, r.URIStem = fmt.Appendf(nil, "198.51.100.%d", rnd.IntN(256)), []byte("/index.aspx")
}

// oneScript has very many clients on a script.
func oneScript(rnd *rand.Rand, i int, r *Request) {
	defaults(rnd, i, r)
	r.ClientIP = fmt.Appendf(nil, "10.%d.%d.%d", i>>16&255, i>>8&255, i&255)
	r.URIStem = []byte("/default.aspx")
	r.UserAgent = []byte("curl/8.4.0")
}

// pathInfo makes up what stands behind a script, each URL a guest of it.
func pathInfo(rnd *rand.Rand, i int, r *Request) {
	oneScript(rnd, i, r)
	r.URIStem = fmt.Appendf(nil, "/shell.aspx/%d.php", i)
}

// regulars are few clients with very many requests each.
func regulars() mix {
	next := ordinary(10, 1)
	return func(rnd *rand.Rand, i int, r *Request) {
		next(rnd, i, r)
		r.ClientIP = fmt.Appendf(nil, "10.0.0.%d", rnd.IntN(200))
		r.Cookie = fmt.Appendf(nil, "session=%d", rnd.IntN(1000))
	}
}

// heapAlloc is what the heap holds that is in use.
func heapAlloc() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestBytes_heap holds the bytes that are accounted for against the heap, within the limit and far beyond it.
func TestBytes_heap(t *testing.T) {
	for _, c := range []struct {
		name     string
		matching Matching
		next     mix
		requests int
	}{
		{"ordinary", Windows, ordinary(400, 5), 200_000},
		{"ordinary, one script a client", Windows, ordinary(400, 1), 120_000},
		{"ordinary kql", KQL, ordinary(400, 5), 120_000},
		{"names", Windows, names, 60_000},
		{"names kql", KQL, names, 60_000},
		{"values", Windows, values, 20_000},
		{"values kql", KQL, values, 20_000},
		{"hosts", Windows, hosts, 30_000},
		{"one script", Windows, oneScript, 120_000},
		{"path info", Windows, pathInfo, 60_000},
		{"regulars", Windows, regulars(), 100_000},
	} {
		for _, limit := range []int64{16 << 20, 512 << 20} {
			t.Run(fmt.Sprintf("%s/%dM", c.name, limit>>20), func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(1, 2))
				before := heapAlloc()
				engine := newCorrelator(t, c.matching, func(o *Options) { o.MemoryLimit = limit })
				r := &Request{}
				for i := range c.requests / worlds {
					c.next(rnd, i, r)
					engine.AddRequest(r, r.Time)
				}
				heap := heapAlloc() - before
				s := engine.Stats()
				t.Logf("accounted %d, heap %d (%+.1f%%), %d hosts, %d scripts, %d clients, %.0f bytes a client", s.Bytes, heap,
					100*float64(s.Bytes-heap)/float64(heap), s.Hosts, s.Scripts, s.Clients, float64(heap)/float64(max(s.Clients, 1)))
				if s.Bytes < heap-heap/20 || s.Bytes > heap+heap/4 {
					t.Errorf("%d bytes are accounted for, the heap has %d", s.Bytes, heap)
				}
				if s.Bytes > limit+limit/20 {
					t.Errorf("%d bytes, limit %d", s.Bytes, limit)
				}
				if c.name == "ordinary" && worlds == 1 && s.Bytes < limit/2 && heap > 400*int64(s.Clients) {
					t.Errorf("%d bytes for %d clients, want at most 400 each", heap, s.Clients)
				}
				runtime.KeepAlive(engine)
			})
		}
	}
}

// TestBytes_alerts holds what alerts are accounted for against the heap, whichever they are.
func TestBytes_alerts(t *testing.T) {
	entity := func(host string) HostEntity {
		return HostEntity{HostName: host, DNSDomain: "contoso.com", DeviceID: "5d0e7c1b2a" + host}
	}
	for _, c := range []struct {
		name   string
		alerts int
		make   func(i int, a *Alert)
	}{
		{"of this server", 7000, func(i int, a *Alert) {
			a.Files = []FileEntity{{Name: fmt.Sprintf("shell%d.aspx", i), Directory: `C:\inetpub\wwwroot\up`, Host: NoHost}}
			a.Hosts = []HostEntity{entity("WEB01")}
		}},
		{"of other servers", 9000, func(i int, a *Alert) {
			a.Files = []FileEntity{{Name: "shell.aspx", Directory: `C:\inetpub\wwwroot\up`, Host: 0, Hashes: []string{fmt.Sprintf("SHA256:%064d", i)}}}
			a.Hosts = []HostEntity{entity(fmt.Sprint("OTHER", i))}
		}},
		{"without a host", 10000, func(i int, a *Alert) {
			a.Files = []FileEntity{{Name: fmt.Sprintf("shell%d.aspx", i), Directory: `C:\inetpub\wwwroot\up`, Host: NoHost}}
			a.IsCloud = true
		}},
		{"unlisted", 10000, func(i int, a *Alert) {
			a.Files = []FileEntity{{Name: fmt.Sprintf("x%d.txt", i), Directory: `C:\inetpub\wwwroot\up`, Host: NoHost}}
			a.Hosts = []HostEntity{{HostName: "WEB01"}}
		}},
		{"of many files", 20, func(i int, a *Alert) {
			for j := range 200 {
				a.Files = append(a.Files, FileEntity{Name: fmt.Sprintf("x%d-%d.aspx", i, j), Directory: `C:\inetpub\wwwroot\up`, Host: NoHost})
			}
			a.Hosts = []HostEntity{entity("WEB01")}
		}},
		{"of many hosts", 20, func(i int, a *Alert) {
			a.Files = []FileEntity{{Name: "shell.aspx", Directory: `C:\inetpub\wwwroot\up`, Host: NoHost}}
			for j := range 200 {
				a.Hosts = append(a.Hosts, entity(fmt.Sprintf("OTHER%d-%d", i, j)))
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := heapAlloc()
			engine := newCorrelator(t, Windows, func(o *Options) { o.MemoryLimit = 512 << 20; o.ComputerName = "WEB01.contoso.com" })
			empty := engine.Stats().Bytes
			for i := range c.alerts {
				a := &Alert{
					Shape: ShapeSentinel, ID: fmt.Sprintf("5a0e8c1f-0000-4b5c-9d1e-%012d", i), Provider: "MDATP", Time: day.Add(0),
					Title: strings.Clone("A web shell was found on the server"), Severity: strings.Clone("High"), Link: fmt.Sprint("https://security.microsoft.com/alerts/", i),
				}
				c.make(i, a)
				engine.AddAlert(a, a.Time)
			}
			heap := heapAlloc() - before
			s := engine.Stats()
			t.Logf("accounted %d, heap %d (%+.1f%%), %d alerts, %d bytes each", s.Bytes-empty, heap,
				100*float64(s.Bytes-heap)/float64(heap), s.ActiveAlerts, heap/int64(max(s.ActiveAlerts, 1)))
			if s.ActiveAlerts != c.alerts {
				t.Errorf("%d alerts are active, want %d", s.ActiveAlerts, c.alerts)
			}
			if s.Bytes < heap-heap/20 || s.Bytes > heap+heap/3 {
				t.Errorf("%d bytes are accounted for, the heap has %d", s.Bytes, heap)
			}
			runtime.KeepAlive(engine)
		})
	}
}
