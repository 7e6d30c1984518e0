// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"webshell/correlate/script"
)

// documentMap is a map of sites where every folder has the same default documents and lies in one folder of the disk.
type documentMap struct {
	root      string
	documents []string
}

func (m documentMap) Match(_, urlFolder string, t script.Target) (script.PathMatch, bool) {
	if m.root+strings.ReplaceAll(strings.TrimSuffix(urlFolder, "/"), "/", `\`) == t.Folder {
		return script.PathFull, true
	}
	return script.PathNone, true
}

func (m documentMap) DefaultDocuments(_, _ string) []string { return m.documents }

func onSites(m documentMap) func(*Options) {
	return func(o *Options) { o.ComputerName, o.Sites = "WEB01.contoso.com", m }
}

// Whatever the order of maps, requests and alerts, the tree agrees with itself, and what is reported in the end is
// what the last map says.
func TestSetSites_invariants(t *testing.T) {
	maps := []documentMap{
		{`C:\a`, []string{"default.aspx"}},
		{`C:\b`, []string{"default.aspx", "x.aspx", "index.php", "index.html"}},
		{`C:\a`, []string{"x.aspx", "index.php"}},
		{`C:\b`, nil},
	}
	for seed := range 24 {
		c := newCorrelator(t, Windows, onSites(maps[seed%4]))
		for i := range 300 {
			n := seed*7 + i
			url := []string{"/", "/up/", "/up/x.aspx", "/up//", "/default.aspx", "/b/index.php/", "/up/%2e/"}[n%7]
			r := get(at(i), []string{"WEB01", "web01.contoso.com", "WEB02"}[n%3], fmt.Sprint("198.51.100.", n%40), url, "200")
			c.AddRequest(r, at(i))
			if i%60 == 30 {
				a := alertOn(at(i), fmt.Sprint("a", i), "web01", []string{"x.aspx", "default.aspx", "index.php"}[n%3])
				a.Files[0].Directory = `C:\a\up`
				c.AddAlert(a, at(i))
			}
			if i%50 == 49 {
				c.SetSites(maps[(seed+i/50)%4])
			}
			if i%70 == 69 {
				c.Tick(at(i))
			}
			if i%10 == 9 {
				mustHold(t, c)
			}
		}
		c.opt.LogWindow = time.Minute
		for range 4 {
			c.Tick(at(86400))
			c.expireSome()
			mustHold(t, c)
		}
	}
}

// A new map finds what the old one did not lead to, takes back what it led to, and says again what has changed.
func TestSetSites_matches(t *testing.T) {
	old, new := documentMap{`C:\a`, []string{"default.aspx"}}, documentMap{`C:\b`, []string{"x.aspx"}}
	for name, row := range map[string]struct {
		least     script.PathMatch
		directory string
		before    string // path of /up/x.aspx
		after     []string
	}{
		"found":      {script.PathFull, `C:\b\up`, "", []string{"/up/ full", "/up/x.aspx full"}},
		"taken back": {script.PathFull, `C:\a\up`, "full", nil},
		"told again": {script.PathUnknown, `C:\b\up`, "none", []string{"/up/ full", "/up/x.aspx full"}},
	} {
		c := newCorrelator(t, Windows, func(o *Options) { onSites(old)(o); o.PathMatch = row.least })
		a := alertOn(at(0), "a1", "web01.contoso.com", "x.aspx")
		a.Files[0].Directory = row.directory
		c.AddAlert(a, at(0))
		c.AddRequest(get(at(1), "WEB01.contoso.com", "203.0.113.7", "/up/x.aspx", "200"), at(1))
		c.AddRequest(get(at(1), "WEB01.contoso.com", "203.0.113.7", "/up/", "200"), at(1))
		got := ""
		for _, d := range c.Take() {
			got += d.PathMatch
		}
		if got != row.before {
			t.Errorf("%s: before %q, want %q", name, got, row.before)
		}
		c.SetSites(new)
		for c.Tick(at(100)) {
		}
		after := map[string]bool{}
		for _, d := range c.Take() {
			after[d.ShellLocation+" "+d.PathMatch] = true
		}
		for _, want := range row.after {
			if !after[want] {
				t.Errorf("%s: %v, want %s", name, after, want)
			}
		}
		if len(after) != len(row.after) {
			t.Errorf("%s: %v, want %v", name, after, row.after)
		}
		c.AddRequest(get(at(200), "WEB01.contoso.com", "203.0.113.7", "/up/x.aspx", "200"), at(200))
		c.Drain(at(300))
		if n := len(c.Take()); (n > 0) != (row.after != nil) {
			t.Errorf("%s: %d revisions after the map changed", name, n)
		}
		mustHold(t, c)
	}
}

// The same map again tells nothing again.
func TestSetSites_same(t *testing.T) {
	m := documentMap{`C:\a`, []string{"default.aspx", "x.aspx"}}
	c := newCorrelator(t, Windows, onSites(m))
	a := alertOn(at(0), "a1", "web01.contoso.com", "x.aspx")
	a.Files[0].Directory = `C:\a\up`
	c.AddAlert(a, at(0))
	for i := range 40 {
		c.AddRequest(get(at(1), "WEB01.contoso.com", fmt.Sprint("203.0.113.", i), "/up/", "200"), at(1))
	}
	for c.Tick(at(200)) {
	}
	c.Take()
	for i := range 10 {
		c.SetSites(m)
		for c.Tick(at(300 + 100*i)) {
		}
	}
	if got := c.Take(); len(got) != 0 {
		t.Errorf("%d revisions by the same map", len(got))
	}
	mustHold(t, c)
}

// BenchmarkSetSites files as many directory URLs anew as the memory holds.
func BenchmarkSetSites(b *testing.B) {
	m := documentMap{`C:\a`, []string{"default.aspx", "index.php"}}
	c := newCorrelator(b, Windows, onSites(m))
	for i := range 100_000 {
		c.AddRequest(get(at(i/100), "WEB01.contoso.com", fmt.Sprint("198.51.", i>>8&255, ".", i&255), fmt.Sprint("/d", i, "/"), "200"), at(i/100))
	}
	i, steps := 0, 0
	for b.Loop() {
		i++
		m.documents = append(m.documents[:2:2], fmt.Sprint("x", i%8, ".aspx"))
		c.SetSites(m)
		for more := true; more; {
			more = c.Step(at(2000))
			steps++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(steps), "us/step")
	b.ReportMetric(float64(c.Stats().Clients), "clients")
}
