// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"bytes"
	"net/netip"
)

// isTrusted is false for the zero Addr.
func (o *Options) isTrusted(a netip.Addr) bool {
	for _, p := range o.TrustedProxies {
		if p.Contains(a) || (a.Is4In6() && p.Contains(a.Unmap())) {
			return true
		}
	}
	return false
}

// hopOf reads one element of an X-Forwarded-For: an IPv4 address, alone or with a port, or an IPv6 address,
// alone, in brackets, or in brackets with a port. IIS logs a blank as "+". text is the address alone, without
// port, brackets and zone, so that a client is one whatever its port. The zero Addr means something else.
func hopOf(element []byte) (a netip.Addr, text []byte) {
	element = bytes.Trim(element, " +\t")
	if len(element) > 0 && element[0] == '[' {
		end := bytes.IndexByte(element, ']')
		if end < 0 || !isPortOrNone(element[end+1:]) {
			return netip.Addr{}, nil
		}
		if a, text = addressOf(element[1:end]); a.Is4() {
			return netip.Addr{}, nil
		}
		return a, text
	}
	if colon := bytes.IndexByte(element, ':'); colon > 0 && bytes.IndexByte(element[:colon], '.') > 0 {
		if !isPortOrNone(element[colon:]) {
			return netip.Addr{}, nil
		}
		element = element[:colon]
	}
	return addressOf(element)
}

// isPortOrNone takes "" and ":" with a port.
func isPortOrNone(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	port := number(b[1:])
	return b[0] == ':' && port >= 0 && port <= 65535
}

// addressOf reads an address as netip.ParseAddr does, without allocating. An IPv6 zone is left out, of text too.
func addressOf(b []byte) (a netip.Addr, text []byte) {
	ok := false
	if bytes.IndexByte(b, ':') < 0 {
		var v4 [4]byte
		if v4, ok = parseV4(b); ok {
			return netip.AddrFrom4(v4), b
		}
		return netip.Addr{}, nil
	}
	if zone := bytes.IndexByte(b, '%'); zone >= 0 {
		if zone == len(b)-1 {
			return netip.Addr{}, nil
		}
		b = b[:zone]
	}
	var v6 [16]byte
	if v6, ok = parseV6(b); ok {
		return netip.AddrFrom16(v6), b
	}
	return netip.Addr{}, nil
}

// plainText is the text of an address that a header names: an IPv4 address mapped into IPv6 is the IPv4 address, so
// that a client is one in both forms.
func plainText(a netip.Addr, text []byte) []byte {
	if !a.Is4In6() {
		return text
	}
	if dotted := text[bytes.LastIndexByte(text, ':')+1:]; bytes.IndexByte(dotted, '.') > 0 {
		return dotted
	}
	return a.Unmap().AppendTo(nil) // hexadecimal digits are nobody's usual form
}

// parseV4 reads four decimal numbers of 0 to 255 without leading zeros.
func parseV4(b []byte) (v4 [4]byte, ok bool) {
	for i := range v4 {
		part := b
		if i < 3 {
			dot := bytes.IndexByte(b, '.')
			if dot < 0 {
				return v4, false
			}
			part, b = b[:dot], b[dot+1:]
		}
		n := number(part)
		if n < 0 || n > 255 || len(part) > 3 || (len(part) > 1 && part[0] == '0') {
			return v4, false
		}
		v4[i] = byte(n)
	}
	return v4, true
}

// parseV6 reads groups of one to four hex digits, one "::" for at least one group of zeros, and an IPv4 address in
// place of the last two groups.
func parseV6(b []byte) (v6 [16]byte, ok bool) {
	n, gap := 0, -1 // bytes filled; where "::" stands
	if len(b) >= 2 && b[0] == ':' && b[1] == ':' {
		gap, b = 0, b[2:]
	}
	for len(b) > 0 {
		if n == len(v6) {
			return v6, false
		}
		group, digits := hexGroup(b)
		if digits < len(b) && b[digits] == '.' {
			v4, is4 := parseV4(b)
			if !is4 || n > len(v6)-len(v4) {
				return v6, false
			}
			n += copy(v6[n:], v4[:])
			break
		}
		if digits == 0 || digits > 4 {
			return v6, false
		}
		v6[n], v6[n+1] = byte(group>>8), byte(group)
		n += 2
		if b = b[digits:]; len(b) == 0 {
			break
		}
		if len(b) == 1 || b[0] != ':' {
			return v6, false
		}
		if b = b[1:]; b[0] == ':' {
			if gap >= 0 {
				return v6, false
			}
			gap, b = n, b[1:]
		}
	}
	return spread(v6, n, gap)
}

// spread moves what stands behind the gap to the end. Without a gap all must be filled, with one not all.
func spread(v6 [16]byte, n, gap int) ([16]byte, bool) {
	if gap < 0 || n == len(v6) {
		return v6, gap < 0 && n == len(v6)
	}
	tail := copy(v6[len(v6)-(n-gap):], v6[gap:n])
	clear(v6[gap : len(v6)-tail])
	return v6, true
}

// hexGroup reads the hex digits that b begins with, up to five of them.
func hexGroup(b []byte) (group uint32, digits int) {
	for ; digits < len(b) && digits < 5; digits++ {
		d := b[digits]
		switch {
		case isDigit(d):
			d -= '0'
		case lower(d) >= 'a' && lower(d) <= 'f':
			d = lower(d) - 'a' + 10
		default:
			return group, digits
		}
		group = group<<4 | uint32(d)
	}
	return group, digits
}
