// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"net/netip"
	"strings"

	"webshell/correlate/script"
)

// netBIOSLength is where Windows cuts a computer's NetBIOS name.
const netBIOSLength = 15

// hostName is a host's name taken apart, letters folded.
type hostName struct {
	full    string // as it was, folded
	short   string // before the first dot
	domain  string // DNS domain, "" where none is known
	address netip.Addr
}

// parseHost takes a name apart; domain counts where the name has none of its own. An NT domain in front of a name
// (CONTOSO\WEB01), what makes it a server's (\\WEB01, \\WEB01\C$) and what makes it an account's (WEB01$) are no part of it.
func parseHost(name, domain string) hostName {
	name = strings.TrimSuffix(strings.TrimSuffix(unprefixed(strings.TrimSpace(name)), "$"), ".")
	n := hostName{full: script.FoldString(name)}
	if a, err := netip.ParseAddr(strings.Trim(n.full, "[]")); err == nil {
		n.address = a.Unmap().WithZone("")
		return n
	}
	short, rest, _ := strings.Cut(n.full, ".")
	n.short, n.domain = short, rest
	if n.domain == "" {
		n.domain = script.FoldString(strings.Trim(strings.TrimSpace(domain), "."))
	}
	return n
}

// unprefixed is a name without what stands before it, or the name of a UNC path's server. A name with nothing behind its
// last backslash stays as it is.
func unprefixed(name string) string {
	if unc, ok := strings.CutPrefix(name, `\\`); ok {
		server, _, _ := strings.Cut(unc, `\`)
		return server
	}
	if i := strings.LastIndexByte(name, '\\'); i+1 < len(name) {
		return name[i+1:]
	}
	return name
}

// matches compares an alert's host with a Computer as logged: case never counts, a domain only where both have one.
// by says what the two differ in.
func (n hostName) matches(computer hostName) (by script.By, ok bool) {
	if n.address.IsValid() || computer.address.IsValid() {
		return script.HostAddress, n.address == computer.address
	}
	if n.short == "" || computer.short == "" {
		return 0, false
	}
	if n.domain != "" && computer.domain != "" {
		if n.domain != computer.domain {
			return 0, false
		}
	} else if n.domain != computer.domain {
		by = script.HostShort
	}
	if n.short == computer.short {
		return by, true
	}
	if isCut(n.short, computer.short) || isCut(computer.short, n.short) {
		return by&^script.HostShort | script.HostNetBIOS, true
	}
	return 0, false
}

// IsFor tells whether the alert is about computer: it names it, or is a local one that names no host.
func (a *Alert) IsFor(computer string) bool {
	if len(a.Hosts) == 0 {
		return !a.IsCloud
	}
	name := parseHost(computer, "")
	for _, h := range a.Hosts {
		if _, ok := parseHost(h.HostName, h.DNSDomain).matches(name); ok {
			return true
		}
	}
	return false
}

// isCut tells that short is long cut to a NetBIOS name.
func isCut(short, long string) bool {
	return len(short) == netBIOSLength && len(long) > netBIOSLength && strings.HasPrefix(long, short)
}

// key is what two names that can be one host have in common.
func (n hostName) key() string {
	if n.address.IsValid() {
		return n.address.String()
	}
	return n.short[:min(len(n.short), netBIOSLength)]
}
