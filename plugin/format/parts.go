// SPDX-License-Identifier: Apache-2.0

package format

import (
	"net/netip"
	"strconv"
	"strings"

	"webshell/correlate"
)

// latest is the request that stands for all where a schema has room for one; the zero value without any.
func latest(d *correlate.Detection) correlate.RequestEvidence {
	if n := len(d.Requests); n > 0 {
		return d.Requests[n-1]
	}
	r := correlate.RequestEvidence{URIStem: d.ShellLocation}
	r.Method, r.Status = first(d.RequestMethods), first(d.RequestStatusCodes)
	r.UserAgent, r.Referer = first(d.RequestUserAgents), first(d.RequestReferers)
	r.URIQuery, r.Host, r.UserName = first(d.RequestQueryStrings), first(d.RequestHosts), first(d.RequestUserNames)
	r.Port = first(d.ServerPorts)
	return r
}

// first is the first of a set, "" of an empty one.
func first(vs []string) string {
	if len(vs) > 0 {
		return vs[0]
	}
	return ""
}

// given is v, or "" where it stands for nothing in an IIS log.
func given(v string) string {
	if v == "-" {
		return ""
	}
	return v
}

// ip is v if it is an address without a zone, which is all that the other schemas take, else "".
func ip(v string) string {
	a, err := netip.ParseAddr(v)
	if err != nil || a.Zone() != "" {
		return ""
	}
	return v
}

// ips returns those of vs that are addresses, each once.
func ips(vs ...string) []string {
	var out []string
	for _, v := range vs {
		if v = ip(v); v != "" && !has(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// has reports whether v is in vs, which is short.
func has(vs []string, v string) bool {
	for _, w := range vs {
		if w == v {
			return true
		}
	}
	return false
}

// number reads a whole number of few digits, such as a status or a port.
func number(v string) (int64, bool) {
	if len(v) > 5 {
		return 0, false
	}
	n, err := strconv.ParseUint(v, 10, 32)
	return int64(n), err == nil
}

// hostOnly cuts the port off a Host header.
func hostOnly(v string) string {
	i := strings.LastIndexByte(v, ':')
	if i < 0 || strings.HasSuffix(v, "]") || ip(v) != "" {
		return strings.Trim(v, "[]")
	}
	if _, ok := number(v[i+1:]); !ok {
		return v
	}
	return strings.Trim(v[:i], "[]")
}

// hash cuts "SHA256:..." and returns the digits only if their number is right for the algorithm.
func hash(v string) (algorithm, digits string) {
	algorithm, digits, _ = strings.Cut(v, ":")
	if len(digits) != hashDigits[algorithm] || strings.Trim(strings.ToLower(digits), hexDigits) != "" {
		return "", ""
	}
	return algorithm, digits
}

// hashDigits is how many hex digits a hash has.
var hashDigits = map[string]int{"MD5": 32, "SHA1": 40, "SHA256": 64, "SHA512": 128}

// firstHash is the first hash of that algorithm, "" without one.
func firstHash(d *correlate.Detection, algorithm string) string {
	for _, v := range d.FileHashes {
		if a, digits := hash(v); a == algorithm {
			return digits
		}
	}
	return ""
}

// filePath joins folder and name, "" without a folder.
func filePath(d *correlate.Detection) string {
	if d.FileDirectory == "" || d.FileName == "" {
		return ""
	}
	return strings.TrimRight(d.FileDirectory, `\/`) + `\` + d.FileName
}

// sentence says in one sentence what was detected.
func sentence(d *correlate.Detection) string {
	var b strings.Builder
	if d.RequestCount == 0 {
		b.WriteString("Nobody was seen to request ")
		b.WriteString(d.FileName)
	} else {
		b.WriteString(d.AttackerIP)
		b.WriteString(" made ")
		b.WriteString(strconv.FormatInt(d.RequestCount, 10))
		b.WriteString(" requests to ")
		b.WriteString(d.ShellLocation)
	}
	b.WriteString(" on ")
	b.WriteString(d.Computer)
	if title := first(d.AlertTitles); title != "" {
		b.WriteString(", which is named by the alert ")
		b.WriteString(title)
	} else {
		b.WriteString(", which is named by an alert")
	}
	return b.String()
}

// start and end are the detection's, or the moment it was made where there were no requests.
func start(d *correlate.Detection) correlate.Instant { return either(d.StartTime, d.TimeGenerated) }
func end(d *correlate.Detection) correlate.Instant   { return either(d.EndTime, d.TimeGenerated) }

// either is a, or b where a is not given.
func either(a, b correlate.Instant) correlate.Instant {
	if a != 0 {
		return a
	}
	return b
}
