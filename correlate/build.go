// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"slices"

	"github.com/axiomhq/hyperloglog"
)

// summary adds up what is remembered of one client within a window.
type summary struct {
	after      Instant // window start, outside
	firstAlert Instant

	count          int64
	start, end     Instant
	classes        StatusClasses
	firstSuccess   Instant
	firstPost      Instant
	afterAlert     int64
	sent, received int64
	sets           [len(setColumns)][]uint64
	sketches       [len(setColumns)]*hyperloglog.Sketch // of the bulk's values where there are more than its set holds
	single         []visit                              // the requests that are remembered one by one, by time
}

// columnFields are the detection's fields that a column fills, for Truncated.
var columnFields = map[column]string{
	colStem: "ShellLocation", colUserAgent: "RequestUserAgents", colMethod: "RequestMethods", colStatus: "RequestStatusCodes",
	colCookie: "RequestCookies", colReferer: "RequestReferers", colQuery: "RequestQueryStrings",
	colUserName: "RequestUserNames", colHost: "RequestHosts", colServerIP: "ServerIPs", colPort: "ServerPorts", colProxyIP: "ProxyIP",
}

// build makes the detection of cl as of now, without its revision; nil when no request is in the window.
func (c *Correlator) build(cl *clientHistory, matches []match, after Instant) *Detection {
	if len(matches) == 0 {
		return nil
	}
	sum := c.sum(cl, after, firstAlert(matches))
	if sum.count == 0 {
		return nil
	}
	s := cl.stem.home
	d := &Detection{
		AttackerIP: c.texts.get(cl.ip), Computer: s.host.name,
		SiteName: c.texts.get(cl.site), ShellLocation: cl.stem.text,
		StartTime: sum.start, EndTime: sum.end, RequestCount: sum.count,
		StatusClasses: sum.classes, FirstSuccessTime: sum.firstSuccess, FirstPostTime: sum.firstPost,
		RequestsAfterAlert: sum.afterAlert, BytesSent: sum.sent, BytesReceived: sum.received,
		ID: cl.report.idOr(c, cl),
	}
	c.setTexts(d, cl, &sum)
	d.describeAlerts(matches)
	c.describeMatch(d, matches)
	d.Requests = c.evidence(cl, &sum)
	c.addOtherScripts(d, cl, after)
	d.ClientsTotal = c.countClients(cl.stem, matches)
	c.describeCoverage(d, cl, matches, after)
	slices.Sort(d.Truncated)
	return d
}

// idOr is the report's id, worked out where there is no report yet.
func (r *report) idOr(c *Correlator, cl *clientHistory) string {
	if r != nil {
		return r.id
	}
	return c.detectionID(cl)
}

func firstAlert(matches []match) Instant {
	r := report{matches: matches}
	return r.firstAlert()
}

// sum adds up the client's requests later than after. What it gives is good until the next call of decode.
func (c *Correlator) sum(cl *clientHistory, after, firstAlert Instant) summary {
	sum := summary{after: after, firstAlert: firstAlert, sets: c.scratch.sets}
	for i := range sum.sets {
		sum.sets[i] = sum.sets[i][:0]
	}
	visits := c.decode(cl)
	if !slices.IsSortedFunc(visits, byTime) {
		slices.SortStableFunc(visits, byTime)
	}
	for len(visits) > 0 && visits[0].time <= after {
		visits = visits[1:]
	}
	for i := range visits {
		c.sumVisit(&sum, &visits[i])
	}
	sum.single = visits
	if cl.bulk != nil {
		c.sumBulk(&sum, cl.bulk)
	}
	for i := range sum.sets {
		slices.Sort(sum.sets[i])
		sum.sets[i] = slices.Compact(sum.sets[i])
		if c.scratch.sets[i] = sum.sets[i]; cap(sum.sets[i]) > maxSetLimit {
			c.scratch.sets[i] = nil
		}
	}
	return sum
}

func (c *Correlator) sumVisit(sum *summary, v *visit) {
	class := v.class(&c.texts)
	sum.count++
	sum.start, sum.end = earliest(sum.start, v.time), max(sum.end, v.time)
	sum.classes.add(class)
	if class == 2 {
		sum.firstSuccess = earliest(sum.firstSuccess, v.time)
	}
	if c.isPost(v) {
		sum.firstPost = earliest(sum.firstPost, v.time)
	}
	if v.time > sum.firstAlert {
		sum.afterAlert++
	}
	sum.sent += max(v.number(colBytesSent), 0)
	sum.received += max(v.number(colBytesReceived), 0)
	for i, col := range setColumns {
		set := sum.sets[i]
		if val := v.vals[col]; val != 0 && (len(set) == 0 || set[len(set)-1] != val) {
			sum.sets[i] = append(set, val)
		}
	}
}

// sumBulk adds the hours of which any request is in the window.
func (c *Correlator) sumBulk(sum *summary, b *bulk) {
	for i := range b.hours {
		h := &b.hours[i]
		if h.last <= sum.after {
			continue
		}
		sum.count += h.requests
		sum.start, sum.end = earliest(sum.start, h.first), max(sum.end, h.last)
		sum.classes.plus(h.classes)
		sum.firstSuccess = earliest(sum.firstSuccess, h.firstSuccess)
		sum.firstPost = earliest(sum.firstPost, h.firstPost)
		sum.sent += h.sent
		sum.received += h.received
		if h.first > sum.firstAlert {
			sum.afterAlert += h.requests
		}
	}
	for i := range b.sets {
		for _, m := range b.sets[i].members {
			if m.last > sum.after {
				sum.sets[i] = append(sum.sets[i], m.value)
			}
		}
		sum.sketches[i] = b.sets[i].sketch
	}
}

// setTexts gives d its sets, and says which were cut.
func (c *Correlator) setTexts(d *Detection, cl *clientHistory, sum *summary) {
	d.DistinctUserAgents, d.DistinctCookies = c.distinct(sum, 0), c.distinct(sum, 3)
	d.DistinctReferers, d.DistinctQueryStrings = c.distinct(sum, 4), c.distinct(sum, 5)
	proxies := []string(nil)
	for i, to := range [len(setColumns)]*[]string{&d.RequestUserAgents, &d.RequestMethods, &d.RequestStatusCodes, &d.RequestCookies,
		&d.RequestReferers, &d.RequestQueryStrings, &d.RequestUserNames, &d.RequestHosts, &d.ServerIPs, &d.ServerPorts, &proxies} {
		col := setColumns[i]
		if c.opt.Matching == Windows && len(sum.sets[i]) > c.opt.SetLimit {
			sum.sets[i] = sum.sets[i][:c.opt.SetLimit]
			cl.marks |= cutOf(col)
		}
		*to = c.strings(col, sum.sets[i])
	}
	if len(proxies) > 0 {
		d.ProxyIP = proxies[0]
	}
	for col, field := range columnFields {
		if cl.has(cutOf(col)) {
			d.Truncated = append(d.Truncated, field)
		}
	}
}

// distinct gives the number of values of setColumns[i], before any is cut: exact where all are known one by one, else
// an estimate of those in bulk and of those in single requests together.
func (c *Correlator) distinct(sum *summary, i int) int64 {
	known := int64(len(sum.sets[i]))
	if sum.sketches[i] == nil {
		return known
	}
	all := sum.sketches[i].Clone()
	for _, val := range sum.sets[i] {
		c.sketchValue(all, setColumns[i], val)
	}
	return max(known, int64(all.Estimate()), int64(c.opt.SetLimit)+1) // a sketch is there for one more than the set holds
}

// strings gives a set's values, sorted by bytes.
func (c *Correlator) strings(col column, values []uint64) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, c.value(col, v))
	}
	slices.Sort(out)
	return out
}

func (c *Correlator) value(col column, v uint64) string {
	if col < firstToken {
		return c.texts.get(textID(v))
	}
	return c.texts.token(v)
}

// evidence gives the first requests and the latest, by time.
func (c *Correlator) evidence(cl *clientHistory, sum *summary) []RequestEvidence {
	visits := sum.single
	if n := c.opt.EvidenceRequests; len(visits) > n {
		first := min(firstRequests, n)
		visits = append(slices.Clip(visits[:first]), visits[len(visits)-(n-first):]...)
	}
	out := make([]RequestEvidence, 0, len(visits))
	for i := range visits {
		v := &visits[i]
		text := func(col column) string { return c.value(col, v.vals[col]) }
		e := RequestEvidence{
			Time: v.time, Method: text(colMethod), URIStem: text(colStem), URIQuery: text(colQuery), Status: text(colStatus),
			SubStatus: text(colSubStatus), Win32Status: text(colWin32), Host: text(colHost), Port: text(colPort),
			UserName: text(colUserName), UserAgent: text(colUserAgent), Referer: text(colReferer),
			BytesSent: max(v.number(colBytesSent), 0), BytesReceived: max(v.number(colBytesReceived), 0), TimeTaken: max(v.number(colTimeTaken), 0),
		}
		if e.URIStem == "" {
			e.URIStem = cl.stem.text
		}
		out = append(out, e)
	}
	return out
}

// exactClients is the number of a script's clients up to which distinct addresses are counted one by one.
const exactClients = 512

// countClients gives the distinct clients of the scripts that the matches are about, counted anew when one changed.
func (c *Correlator) countClients(st *stem, matches []match) int64 {
	total := int64(0)
	count := func(s *scriptHistory) {
		if slices.ContainsFunc(matches, func(m match) bool { return slices.Contains(s.targets, m.target) }) {
			total = max(total, c.distinctClients(s))
		}
	}
	count(st.home)
	for _, o := range st.others {
		count(o.script)
	}
	if total == 0 { // other alerts took the place of these on the script
		return c.distinctClients(st.home)
	}
	return total
}

func (c *Correlator) distinctClients(s *scriptHistory) int64 {
	if s.distinctAt == s.version && s.distinct > 0 {
		return s.distinct
	}
	s.distinctAt = s.version
	if s.users() > exactClients {
		s.distinct = int64(s.sketch.Estimate())
		return s.distinct
	}
	ips := make([]textID, 0, s.users())
	c.eachUser(s, func(cl *clientHistory) { ips = append(ips, cl.ip) })
	slices.Sort(ips)
	s.distinct = int64(len(slices.Compact(ips)))
	if s.lost != 0 && s.sketch != nil {
		s.distinct = max(s.distinct, int64(s.sketch.Estimate()))
	}
	return s.distinct
}
