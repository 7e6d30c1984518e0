// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"bytes"
	"fmt"
	"time"
)

// A driver turns bytes into operations on a small world, in which everything meets everything soon. The same bytes
// give the same operations, so that fuzzing and seeded randomness share it.
type driver struct {
	data []byte
	time Instant // of the records, jumping about
	wall Instant
	opt  Options

	isWide   bool // more hosts, scripts, clients and values than the memory holds
	isSummed bool // few requests are kept one by one
}

// names of a URL: the scripts that it can mean, by hand. The first one that is a script of the list is its home.
type namedURL struct {
	stem  string
	names []string // folded, each once
	exact string   // what the rule sees
}

var worldURLs = []namedURL{
	{"/a.aspx", []string{"A.ASPX"}, "a.aspx"},
	{"/up/A.ASPX", []string{"A.ASPX"}, "A.ASPX"},
	{"/%61.aspx", []string{"%61.ASPX", "A.ASPX"}, "%61.aspx"},
	{"/a.aspx/x", []string{"X", "A.ASPX"}, "x"},
	{"/a.aspx/b.php", []string{"B.PHP", "A.ASPX"}, "b.php"},
	{"/b.php", []string{"B.PHP"}, "b.php"},
	{"/up/b.php", []string{"B.PHP"}, "b.php"},
	{"/logo.jpg/b.php", []string{"B.PHP", "LOGO.JPG"}, "b.php"},
	{"/c.js", []string{"C.JS"}, "c.js"},
	{"/my+page.aspx", []string{"MY+PAGE.ASPX", "MY PAGE.ASPX"}, "my+page.aspx"},
	{"/style.css", nil, ""},
	{"/logo.jpg", []string{"LOGO.JPG"}, ""}, // remembered only while an alert names it
}

var (
	worldHosts  = []string{"WEB01", "web01.contoso.com", "WEB02.contoso.com", "web01.fabrikam.com"}
	worldSites  = []string{"W3SVC1", "W3SVC2", ""}
	worldIPs    = []string{"203.0.113.1", "203.0.113.2", "203.0.113.3", "2001:db8::1", "2001:db8::2", ""}
	worldFiles  = []string{"a.aspx", "A.aspx", "b.php", "x", "logo.jpg", "my page.aspx", "c.js", "%61.aspx"}
	worldTexts  = []string{"", "-", "one", "two", "three", "a longer text that is the same every time it comes up"}
	worldStatus = []string{"200", "404", "500", "302", "0200", "x"}
	worldAlerts = []string{"a1", "a2", "a3", "a4"}
	worldNames  = []string{"WEB01", "web01.contoso.com", "web02", "WEB03"}
)

func (d *driver) next() byte {
	if len(d.data) == 0 {
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return b
}

func pick[T any](d *driver, list []T) T { return list[int(d.next())%len(list)] }

// options come from the first bytes.
func (d *driver) options() Options {
	b := d.next()
	o := DefaultOptions(Matching(b & 1))
	o.LogWindow, o.AlertWindow, o.UpdateInterval = 2*time.Hour, 3*time.Hour, time.Minute
	if o.Matching == KQL {
		o.AlertWindow = time.Hour
	}
	o.EvidenceRequests, o.SetLimit = 6, 3
	if b&2 != 0 {
		o.AlertDetections = 3
	}
	if d.isWide = b&4 != 0; d.isWide {
		o.LogWindow = 14 * 24 * time.Hour
	}
	d.isSummed = b&8 != 0 && o.Matching == Windows
	d.opt = o
	d.time, d.wall = clock(9, 0, 0), clock(9, 0, 0)
	return o
}

// move lets some time pass; records may be older than those before.
func (d *driver) move() {
	switch b := d.next(); {
	case b < 128:
		d.time = d.time.Add(time.Duration(b) * time.Second / 4)
	case b < 200:
		d.time = d.time.Add(-time.Duration(b) * time.Second)
	case b < 240:
		d.time = d.time.Add(time.Duration(b) * 5 * time.Second)
	default:
		d.time = d.time.Add(time.Duration(b) * 30 * time.Second)
	}
	d.wall = max(d.wall, d.time.Add(-4*time.Minute))
}

func (d *driver) text() []byte {
	s := pick(d, worldTexts)
	if s == "" {
		return nil
	}
	return []byte(s)
}

func (d *driver) request() (*Request, *namedURL) {
	d.move()
	url := &worldURLs[int(d.next())%len(worldURLs)]
	r := get(d.time, pick(d, worldHosts), pick(d, worldIPs), url.stem, pick(d, worldStatus))
	r.SiteName = []byte(pick(d, worldSites))
	if d.isWide {
		d.widen(r)
	}
	switch b := d.next(); {
	case b < 64:
		r.Method = []byte("POST")
	case b < 72:
		r.Method = nil
	}
	if b := d.next(); b < 200 {
		r.UserAgent, r.URIQuery = d.text(), d.text()
		r.Cookie = []byte(fmt.Sprint("c", b%8))
		r.BytesSent, r.BytesReceived = int64(b), int64(b)*3
	}
	return r, url
}

// widen makes one of very many requests out of r.
func (d *driver) widen(r *Request) {
	if d.next() < 240 {
		r.HostName = []byte(worldHosts[0])
	}
	switch b := d.next(); {
	case b < 60:
		r.URIStem = fmt.Appendf(nil, "/n%d.aspx", int(d.next())<<8|int(d.next()))
	case b < 80:
		r.URIStem = fmt.Appendf(nil, "/a.aspx/%d.php", d.next())
	case b < 90:
		r.URIStem = fmt.Appendf(nil, "/a.aspx/%d", d.next())
	case b < 94:
		r.HostName = fmt.Appendf(nil, "web%d", d.next())
	case b < 110:
		r.Referer = bytes.Repeat([]byte{'a' + d.next()&15}, int(d.next())*16)
	}
	switch b := d.next(); {
	case b < 100:
		r.ClientIP = fmt.Appendf(nil, "198.51.%d.%d", d.next()&3, d.next())
	case b < 120:
		r.ClientIP = fmt.Appendf(nil, "2001:db8:0:%x::%x", d.next(), d.next())
	}
}

func (d *driver) alert() *Alert {
	d.move()
	b := d.next()
	a := &Alert{Shape: ShapeSentinel, ID: pick(d, worldAlerts), Provider: "MDATP", Time: d.time, IsCloud: true}
	if b&3 == 0 { // an older one
		a.Time = d.time.Add(-time.Duration(d.next()) * time.Minute)
	}
	if b&4 != 0 {
		a.Title = pick(d, worldTexts)
	}
	if b&24 == 24 {
		a.Status = AlertStatus(d.next() % 3)
	}
	for range d.next() % 3 {
		a.Files = append(a.Files, FileEntity{Name: pick(d, worldFiles), Host: NoHost, Listed: true})
	}
	for range d.next() % 3 {
		a.Hosts = append(a.Hosts, HostEntity{HostName: pick(d, worldNames), Listed: true})
	}
	if b&32 != 0 && len(a.Files) > 0 && len(a.Hosts) > 0 {
		a.Files[0].Host = len(a.Hosts) - 1
	}
	return a
}

// act does the next operation.
func (d *driver) act(c *Correlator) {
	switch b := d.next(); {
	case b < 200:
		r, _ := d.request()
		c.AddRequest(r, d.wall)
	case b < 230:
		c.AddAlert(d.alert(), d.wall)
	case b < 250:
		d.wall = d.wall.Add(time.Duration(d.next()) * time.Second)
		c.Tick(d.wall)
	default:
		c.Drain(d.wall)
	}
}
