// SPDX-License-Identifier: Apache-2.0

package script

import (
	"math/bits"
	"strings"
)

// By is the set of what had to be undone before a URL and an alert named the
// same file. Its words are the values of MatchedBy in a detection; its bits
// stand in the order in which Names gives them.
type By uint32

// The members of By. Exact means that nothing of the URL was undone; it goes
// with the host bits, and with none of the others.
const (
	Exact           By = 1 << iota // the name, byte for byte
	Case                           // letters of another case, or Windows-1252 bytes
	PathInfo                       // text behind the script's segment
	PHPPathInfo                    // a file in front of a .php segment
	Cookieless                     // (S(...)) segments taken out
	Parameters                     // ";" and what follows it, behind .jsp and its like
	Encoded                        // %XX or %uXXXX decoded once
	Normalized                     // "\", "//", "/./" or "/../"
	Trailing                       // dots or spaces at the end of the name; an attempt
	Stream                         // ":" and what follows it; an attempt
	ShortName                      // an 8.3 alias; an attempt
	DefaultDocument                // a directory URL; set by who knows the site map
	Extensionless                  // the name without its extension
	Compiled                       // the alert names what ASP.NET compiled
	HostShort                      // a host's short name against its full one
	HostNetBIOS                    // a NetBIOS name cut at 15 characters
	HostAddress                    // a host known by its IP address
)

const (
	hostBits = HostShort | HostNetBIOS | HostAddress
	lowBits  = Trailing | Stream | ShortName
)

// byWords has the word of each bit, from the lowest on.
var byWords = [...]string{
	"exact", "case", "path_info", "php_path_info", "cookieless", "parameters",
	"encoded", "normalized", "trailing", "stream", "short_name",
	"default_document", "extensionless", "compiled",
	"host_short", "host_netbios", "host_address",
}

// Names returns the words of b in their fixed order; never nil.
func (b By) Names() []string {
	names := make([]string, 0, bits.OnesCount32(uint32(b)))
	for i, word := range byWords {
		if b&(1<<i) != 0 {
			names = append(names, word)
		}
	}
	return names
}

// String returns the words of b, separated by commas.
func (b By) String() string { return strings.Join(b.Names(), ",") }

// Low reports whether b is an attempt that IIS refuses in most cases, which
// makes a match of low confidence.
func (b By) Low() bool { return b&lowBits != 0 }

// With returns both sets in one. Exact stays only while nothing but a host's
// name was undone.
func (b By) With(more By) By {
	b |= more
	if b&^(Exact|hostBits) != 0 {
		return b &^ Exact
	}
	return b | Exact
}

// less reports whether b is the nearer reading: no attempt before an attempt,
// then the fewest things undone, then the order of the bits.
func (b By) less(other By) bool {
	if b.Low() != other.Low() {
		return other.Low()
	}
	n, m := bits.OnesCount32(uint32(b)), bits.OnesCount32(uint32(other))
	if n != m {
		return n < m
	}
	return b < other
}
