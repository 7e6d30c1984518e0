// SPDX-License-Identifier: Apache-2.0

package windows

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"webshell/correlate"
	"webshell/correlate/alert"
	"webshell/correlate/sitemap"
	"webshell/plugin/chunk/chunktest"
	"webshell/plugin/source"
)

// noon is when the stories begin.
var noon = correlate.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

func at(seconds int) correlate.Instant { return noon.Add(time.Duration(seconds) * time.Second) }

const (
	server   = "WEB01.contoso.com"
	site     = "W3SVC1"
	wwwroot  = `C:\inetpub\wwwroot`
	upFolder = wwwroot + `\up`
	attacker = "203.0.113.7"
)

// call is one request of a story; what it leaves out is ordinary.
type call struct {
	host, site, ip, url, status string
}

// finding is one file that an alert names, on one host.
type finding struct {
	id         string
	file, dir  string
	host       string
	dns, nt    string
	device     string // the file names its own device: this host, which need not be the alert's
	noHost     bool
	noFile     bool
	hostIsLast bool // the host stands behind the file in the record
}

// feed is what a story is played on.
type feed interface {
	call(seconds int, c call)
	alert(seconds int, f finding)
	engine() *correlate.Correlator
}

// each plays a story on the engine itself and on the sources in front of it.
func each(t *testing.T, change func(*correlate.Options), story func(t *testing.T, f feed)) {
	t.Helper()
	for _, f := range []feed{&direct{newEngine(t, change)}, newSourced(t, change)} {
		story(t, f)
	}
}

func newEngine(t testing.TB, change func(*correlate.Options)) *correlate.Correlator {
	t.Helper()
	o := correlate.DefaultOptions(correlate.Windows)
	o.ComputerName, o.Products = server, sitemap.Builtin()
	if change != nil {
		change(&o)
	}
	c, err := correlate.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kql makes an engine hold the rule to the letter.
func kql(o *correlate.Options) { *o = correlate.DefaultOptions(correlate.KQL) }

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// direct is the engine alone.
type direct struct{ c *correlate.Correlator }

func (d *direct) engine() *correlate.Correlator { return d.c }

func (d *direct) call(seconds int, c call) {
	d.c.AddRequest(&correlate.Request{
		Time: at(seconds), HostName: []byte(or(c.host, server)), SiteName: []byte(or(c.site, site)), ClientIP: []byte(or(c.ip, attacker)),
		Method: []byte("GET"), URIStem: []byte(c.url), Status: []byte(or(c.status, "200")),
		BytesSent: -1, BytesReceived: -1, TimeTaken: -1,
	}, at(seconds))
}

func (d *direct) alert(seconds int, f finding) {
	a := &correlate.Alert{Shape: correlate.ShapeSentinel, ID: or(f.id, "a1"), Provider: "MDATP", Time: at(seconds), IsCloud: true}
	if !f.noHost {
		a.Hosts = []correlate.HostEntity{{HostName: or(f.host, server), DNSDomain: f.dns, NTDomain: f.nt, Listed: true}}
	}
	if !f.noFile {
		a.Files = []correlate.FileEntity{{Name: f.file, Directory: f.dir, Host: correlate.NoHost, Listed: true}}
	}
	if f.device != "" {
		a.Files[0].Host = len(a.Hosts)
		a.Hosts = append(a.Hosts, correlate.HostEntity{HostName: f.device})
	}
	d.c.AddAlert(a, at(seconds))
}

// sourced is the engine behind a Set of sources: requests come as parsed records, alerts as rows of SecurityAlert.
type sourced struct {
	t   testing.TB
	c   *correlate.Correlator
	set *source.Set
}

func newSourced(t testing.TB, change func(*correlate.Options)) *sourced {
	t.Helper()
	c := newEngine(t, change)
	o := correlate.DefaultOptions(correlate.Windows)
	if change != nil {
		change(&o)
	}
	isKQL := o.Matching == correlate.KQL
	return &sourced{t, c, source.NewSet(source.Options{
		AlertTag: "alert.*", LogKey: "log", PathKey: "path", ComputerName: server, Alerts: alert.Options{KQL: isKQL, LogKey: "log"},
	}, c)}
}

func (s *sourced) engine() *correlate.Correlator { return s.c }

func (s *sourced) call(seconds int, c call) {
	s.t.Helper()
	when := at(seconds).Time()
	s.flush(seconds, "iis", "date", when.Format(time.DateOnly), "time", when.Format(time.TimeOnly), "s-sitename", or(c.site, site),
		"s-computername", or(c.host, server), "cs-method", "GET", "cs-uri-stem", c.url, "c-ip", or(c.ip, attacker), "sc-status", or(c.status, "200"))
}

func (s *sourced) flush(seconds int, tag string, body ...any) {
	s.t.Helper()
	event := chunktest.Event(chunktest.New(), int64(at(seconds))/1e9, 0, body...)
	if err := s.set.Flush(event, tag, at(seconds)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sourced) alert(seconds int, f finding) {
	s.t.Helper()
	var entities []any
	host := map[string]any{"$id": "1", "Type": "host", "HostName": or(f.host, server), "DnsDomain": f.dns, "NTDomain": f.nt}
	file := map[string]any{"$id": "2", "Type": "file", "Name": f.file, "Directory": f.dir}
	if f.device != "" {
		file["Host"] = map[string]any{"Type": "host", "HostName": f.device}
	}
	if !f.noHost {
		entities = append(entities, host)
	}
	if !f.noFile {
		entities = append(entities, file)
	}
	if f.hostIsLast {
		slices.Reverse(entities)
	}
	text, err := json.Marshal(entities)
	if err != nil {
		s.t.Fatal(err)
	}
	row, err := json.Marshal(map[string]any{
		"SystemAlertId": or(f.id, "a1"), "ProviderName": "MDATP", "TimeGenerated": at(seconds).Time().Format(time.RFC3339Nano),
		"Entities": string(text),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.flush(seconds, "alert.sentinel", "log", string(row))
}

// finals gives the latest revision of each detection so far, by id, and adds to what was there before.
type finals map[string]*correlate.Detection

func (f finals) take(t testing.TB, c *correlate.Correlator) {
	t.Helper()
	for _, d := range c.Take() {
		if old := f[d.ID]; old != nil && (d.Revision <= old.Revision || d.TimeGenerated < old.TimeGenerated) {
			t.Errorf("%s: revision %d of %v after %d of %v", d.ShellLocation, d.Revision, d.TimeGenerated, old.Revision, old.TimeGenerated)
		}
		f[d.ID] = d
	}
}

// settle lets everything that is due go out and gives the final detections.
func settle(t testing.TB, c *correlate.Correlator, seconds int) finals {
	t.Helper()
	f := finals{}
	f.take(t, c)
	for c.Tick(at(seconds)) {
	}
	c.Drain(at(seconds))
	f.take(t, c)
	return f
}

// of gives the detection of a URL as logged, nil where there is none.
func (f finals) of(url string) *correlate.Detection {
	for _, d := range f {
		if d.ShellLocation == url {
			return d
		}
	}
	return nil
}

// facts is what a test asks of a detection: its URL, and how it was matched.
func facts(d *correlate.Detection) string {
	return strings.Join([]string{d.Computer, d.ShellLocation, strings.Join(d.MatchedBy, ","), d.PathMatch, d.Confidence}, " | ")
}

func (f finals) facts() []string {
	var all []string
	for _, d := range f {
		all = append(all, facts(d))
	}
	slices.Sort(all)
	return all
}

func (f finals) urls() []string {
	var all []string
	for _, d := range slices.SortedFunc(maps.Values(f), func(a, b *correlate.Detection) int { return strings.Compare(a.ShellLocation, b.ShellLocation) }) {
		all = append(all, d.ShellLocation)
	}
	return all
}
