// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// build gives what the model knows of a detection.
func (m *model) build(cl *modelClient) *Detection {
	after := m.clock.Add(-m.opt.LogWindow)
	first := Instant(0)
	ids := map[string]bool{}
	matches := cl.about()
	for _, x := range matches {
		a := x.target.alert
		ids[a.id] = true
		for _, t := range a.times {
			first = earliest(first, t)
		}
		if m.opt.Matching == Windows {
			after = min(after, a.lookBack)
		}
	}
	d := &Detection{
		ID:       strings.Join([]string{cl.host, cl.site, cl.url.stem, cl.ip}, "|"),
		Computer: cl.host, SiteName: cl.site, ShellLocation: cl.url.stem, AttackerIP: cl.ip,
		AlertIDs: slices.Sorted(maps.Keys(ids)),
	}
	m.count(d, cl, after, first)
	m.others(d, cl, after)
	for _, x := range matches {
		d.ClientsTotal = max(d.ClientsTotal, m.clientsOf(cl, x.target.file.name))
	}
	return d
}

// about gives the matches that a revision names: a dismissed alert's only where there is no other.
func (cl *modelClient) about() []*modelMatch {
	var standing []*modelMatch
	for _, x := range cl.matches {
		if x.target.alert.dismissed == 0 {
			standing = append(standing, x)
		}
	}
	if len(standing) == 0 {
		return cl.matches
	}
	return standing
}

// clientsOf is the number of addresses that called a script of a file's name where cl did.
func (m *model) clientsOf(cl *modelClient, file string) int64 {
	ips := map[string]bool{}
	for _, o := range m.clients {
		if o.host == cl.host && (m.opt.Matching == KQL && o.url.exact == file ||
			m.opt.Matching == Windows && slices.Contains(o.url.names, strings.ToUpper(file))) {
			ips[o.ip] = true
		}
	}
	return int64(len(ips))
}

func (m *model) count(d *Detection, cl *modelClient, after, firstAlert Instant) {
	sets := [4]map[string]bool{{}, {}, {}, {}}
	for i := range cl.requests {
		r := &cl.requests[i]
		if r.Time <= after {
			continue
		}
		class := statusClass(r.Status)
		d.RequestCount++
		d.StartTime, d.EndTime = earliest(d.StartTime, r.Time), max(d.EndTime, r.Time)
		d.StatusClasses.add(class)
		if class == 2 {
			d.FirstSuccessTime = earliest(d.FirstSuccessTime, r.Time)
		}
		if string(r.Method) == "POST" {
			d.FirstPostTime = earliest(d.FirstPostTime, r.Time)
		}
		if r.Time > firstAlert {
			d.RequestsAfterAlert++
		}
		d.BytesSent += max(r.BytesSent, 0)
		d.BytesReceived += max(r.BytesReceived, 0)
		for i, v := range [4][]byte{r.UserAgent, r.Method, r.Status, r.URIQuery} {
			if v != nil && (m.opt.Matching == KQL || len(v) > 0 && string(v) != "-") {
				sets[i][string(v)] = true
			}
		}
	}
	d.RequestUserAgents, d.RequestMethods = sorted(sets[0]), sorted(sets[1])
	d.RequestStatusCodes, d.RequestQueryStrings = sorted(sets[2]), sorted(sets[3])
}

func sorted(set map[string]bool) []string {
	list := slices.AppendSeq(make([]string, 0, len(set)), maps.Keys(set))
	slices.Sort(list)
	return list
}

// statusClass is the first digit of three.
func statusClass(status []byte) int {
	if len(status) != 3 || status[0] < '1' || status[0] > '9' {
		return 0
	}
	return int(status[0] - '0')
}

// others is what else the client called on the host.
func (m *model) others(d *Detection, cl *modelClient, after Instant) {
	byStem := map[string]*OtherScript{}
	for _, o := range m.clients {
		if o.host != cl.host || o.ip != cl.ip || home(o.url) == home(cl.url) && m.opt.Matching == Windows || m.opt.Matching == KQL && o.url.exact == cl.url.exact {
			continue
		}
		var sum Detection
		m.count(&sum, o, after, 0)
		if sum.RequestCount == 0 {
			continue
		}
		s := byStem[o.url.stem]
		if s == nil {
			s = &OtherScript{ShellLocation: o.url.stem}
			byStem[o.url.stem] = s
		}
		s.RequestCount += sum.RequestCount
		s.StartTime, s.EndTime = earliest(s.StartTime, sum.StartTime), max(s.EndTime, sum.EndTime)
		s.StatusClasses.C2xx += sum.StatusClasses.C2xx
		s.StatusClasses.C3xx += sum.StatusClasses.C3xx
		s.StatusClasses.C4xx += sum.StatusClasses.C4xx
		s.StatusClasses.C5xx += sum.StatusClasses.C5xx
	}
	for _, stem := range slices.Sorted(maps.Keys(byStem)) {
		d.OtherScripts = append(d.OtherScripts, *byStem[stem])
	}
	slices.SortStableFunc(d.OtherScripts, func(a, b OtherScript) int { return cmp.Compare(a.StartTime, b.StartTime) })
}

// home is the first script of the list that a URL means.
func home(u *namedURL) string {
	for _, n := range u.names {
		if strings.HasSuffix(n, ".ASPX") || strings.HasSuffix(n, ".PHP") || strings.HasSuffix(n, ".JS") {
			return n
		}
	}
	return fmt.Sprint(u.names)
}
