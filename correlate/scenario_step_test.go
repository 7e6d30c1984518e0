// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// request reads: request TIME HOST CLIENT METHOD STEM STATUS, then key=value.
func (p *play) request(words []string) *Request {
	p.t.Helper()
	if len(words) < 7 {
		p.t.Fatalf("%q: want request TIME HOST CLIENT METHOD STEM STATUS", words)
	}
	r := get(p.time(words[1]), words[2], words[3], words[5], words[6])
	r.Method = []byte(words[4])
	for _, w := range words[7:] {
		key, value, _ := strings.Cut(w, "=")
		if key == "size" { // of the query
			r.URIQuery = []byte(strings.Repeat("q", p.number(value)))
			continue
		}
		to := map[string]*[]byte{"site": &r.SiteName, "query": &r.URIQuery, "agent": &r.UserAgent, "cookie": &r.Cookie,
			"referer": &r.Referer, "user": &r.UserName, "vhost": &r.Host, "proxy": &r.ProxyIP, "port": &r.Port}[key]
		if to == nil {
			p.t.Fatalf("no such value of a request: %s", key)
		}
		*to = []byte(value)
	}
	return r
}

// alert reads: alert TIME HOST FILE, then key=value; "-" is no host or file. A file with @HOST names its own device.
func (p *play) alert(words []string) *Alert {
	p.t.Helper()
	if len(words) < 4 {
		p.t.Fatalf("%q: want alert TIME HOST FILE", words)
	}
	a := &Alert{Shape: ShapeSentinel, ID: "a1", Provider: "MDATP", Time: p.time(words[1]), IsCloud: true}
	values := append([]string{"host=" + words[2], "file=" + words[3]}, words[4:]...)
	var own []string
	for _, w := range values {
		key, value, _ := strings.Cut(w, "=")
		if value == "-" && (key == "host" || key == "file") {
			continue
		}
		switch key {
		case "id":
			a.ID = value
		case "host":
			a.Hosts = append(a.Hosts, HostEntity{HostName: value, Listed: true})
		case "domain":
			a.Hosts[len(a.Hosts)-1].DNSDomain = value
		case "file":
			name, device, _ := strings.Cut(value, "@")
			a.Files = append(a.Files, FileEntity{Name: name, Host: NoHost, Listed: true})
			own = append(own, device)
		case "dir":
			a.Files[len(a.Files)-1].Directory = value
		case "title":
			a.Title = value
		case "severity":
			a.Severity = value
		case "local":
			a.IsCloud = value != "on"
		case "status":
			a.Status = map[string]AlertStatus{"active": StatusActive, "resolved": StatusResolved, "dismissed": StatusDismissed}[value]
		default:
			p.t.Fatalf("no such value of an alert: %s", key)
		}
	}
	for i, device := range own {
		if device != "" {
			a.Files[i].Host = slices.IndexFunc(a.Hosts, func(h HostEntity) bool { return h.HostName == device })
		}
	}
	return a
}

// detection writes what matters of a detection: nothing that is as it nearly always is.
func (p *play) detection(word string, d *Detection) {
	w := &p.out
	fmt.Fprintf(w, "%s %s %s %s count=%d %s..%s", word, d.Computer, orDash(d.ShellLocation), orDash(d.AttackerIP), d.RequestCount, short(d.StartTime), short(d.EndTime))
	unusual := func(key, value, usual string) {
		if value != usual {
			fmt.Fprintf(w, " %s=%s", key, value)
		}
	}
	unusual("site", d.SiteName, "W3SVC1")
	if word == "detection" {
		unusual("revision", strconv.FormatInt(d.Revision, 10), "1")
		unusual("alerts", strings.Join(d.AlertIDs, ","), "a1")
		unusual("matched", strings.Join(d.MatchedBy, ","), "exact")
		unusual("path", d.PathMatch, "unknown")
		unusual("confidence", d.Confidence, "medium")
		unusual("coverage", strings.TrimSpace(d.Coverage+" "+short(d.CoverageSince)), "complete")
		unusual("alert_status", d.AlertStatus.String(), "active")
		unusual("clients", clients(d.ClientsTotal), "1")
		unusual("truncated", strings.Join(d.Truncated, ","), "")
	}
	p.extras(d)
	fmt.Fprintln(w)
}

// extras writes what the scenario asked to be shown.
func (p *play) extras(d *Detection) {
	w := &p.out
	if p.show["sets"] {
		fmt.Fprintf(w, "\n  agents %q methods %q statuses %q cookies %q referers %q queries %q", d.RequestUserAgents, d.RequestMethods,
			d.RequestStatusCodes, d.RequestCookies, d.RequestReferers, d.RequestQueryStrings)
	}
	if p.show["classes"] {
		fmt.Fprintf(w, "\n  2xx=%d 3xx=%d 4xx=%d 5xx=%d first_success=%s first_post=%s after_alert=%d", d.StatusClasses.C2xx, d.StatusClasses.C3xx,
			d.StatusClasses.C4xx, d.StatusClasses.C5xx, orDash(short(d.FirstSuccessTime)), orDash(short(d.FirstPostTime)), d.RequestsAfterAlert)
	}
	if p.show["file"] {
		fmt.Fprintf(w, "\n  file %q directory %q titles %q", d.FileName, d.FileDirectory, d.AlertTitles)
	}
	if p.show["generated"] {
		fmt.Fprintf(w, "\n  generated %s", short(d.TimeGenerated))
	}
	for _, o := range d.OtherScripts {
		if p.show["others"] {
			fmt.Fprintf(w, "\n  other %s count=%d %s..%s", o.ShellLocation, o.RequestCount, short(o.StartTime), short(o.EndTime))
		}
	}
	for _, r := range d.Requests {
		if p.show["requests"] {
			fmt.Fprintf(w, "\n  request %s %s %s %s %s", short(r.Time), r.Method, r.URIStem, orDash(r.URIQuery), r.Status)
		}
	}
}

// counters writes what was not used, and why.
func (p *play) counters() {
	if p.c == nil {
		return
	}
	s := p.c.Stats()
	var parts []string
	add := func(name string, n int64) {
		switch {
		case n > 1000: // what a flood makes go depends on the exact sizes
			parts = append(parts, name+"=many")
		case n > 0:
			parts = append(parts, fmt.Sprintf("%s=%d", name, n))
		}
	}
	for o := NotScript; o < outcomeCount; o++ {
		add("requests_"+o.String(), s.Requests[o])
		add("alerts_"+o.String(), s.Alerts[o])
	}
	add("capped", s.Capped)
	add("expired", s.Expired)
	add("no_host", s.NoHost)
	add("unlisted", s.Unlisted)
	add("unmatched", s.Unmatched)
	if p.show["evicted"] {
		for _, why := range evictNames {
			add("evicted_"+why, s.Evicted[why])
		}
	}
	if len(parts) > 0 {
		fmt.Fprintln(&p.out, "counted", strings.Join(parts, " "))
	}
}

// clients is the number of clients; beyond what is counted one by one it is an estimate by a random seed.
func clients(n int64) string {
	if n > exactClients {
		return "many"
	}
	return strconv.FormatInt(n, 10)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// short is the time of day, with the date where it is another one.
func short(t Instant) string {
	if t == 0 {
		return ""
	}
	s := t.Time().Format("2006-01-02T15:04:05.999")
	if rest, ok := strings.CutPrefix(s, day.Time().Format("2006-01-02T")); ok {
		return rest
	}
	return s
}
