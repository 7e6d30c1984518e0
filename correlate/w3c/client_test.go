// SPDX-License-Identifier: Apache-2.0

package w3c

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

func prefixes(text ...string) []netip.Prefix {
	var ps []netip.Prefix
	for _, s := range text {
		ps = append(ps, netip.MustParsePrefix(s))
	}
	return ps
}

// What follows stands for: c-ip is the client and there is no proxy.
const peerItself = ""

func TestClient(t *testing.T) {
	trusted := prefixes("10.0.0.0/8", "192.168.1.1/32", "2001:db8:1::/48", "fe80::/10")
	const peer = "10.0.0.1"
	tests := []struct {
		name, header, peer string
		trusted            []netip.Prefix
		want               string
	}{
		{"one address", "203.0.113.9", peer, trusted, "203.0.113.9"},
		{"with a port", "203.0.113.9:50123", peer, trusted, "203.0.113.9"},
		{"a list as IIS logs it", "203.0.113.9,+10.0.0.2", peer, trusted, "203.0.113.9"},
		{"a list with blanks and tabs", " 203.0.113.9 ,\t10.0.0.2 ", peer, trusted, "203.0.113.9"},
		{"left of the first untrusted one is forged", "6.6.6.6,+203.0.113.9,+10.0.0.2", peer, trusted, "203.0.113.9"},
		{"a trusted address may be claimed by anyone", "10.0.0.7,+203.0.113.9", peer, trusted, "203.0.113.9"},
		{"IPv6", "2001:db8::7", peer, trusted, "2001:db8::7"},
		{"IPv6 in brackets", "[2001:db8::7]", peer, trusted, "2001:db8::7"},
		{"IPv6 with a port", "[2001:db8::7]:443,+[2001:db8:1::2]:9", peer, trusted, "2001:db8::7"},
		{"IPv6 with a zone", "2001:db8::7%eth0", peer, trusted, "2001:db8::7"},
		{"a trusted one with a zone", "203.0.113.9,+fe80::1%18", peer, trusted, "203.0.113.9"},
		{"IPv4 mapped, as logged", "::ffff:203.0.113.9,+::ffff:10.0.0.2", peer, trusted, "203.0.113.9"},
		{"IPv4 mapped in hexadecimal digits", "::ffff:cb00:7109", peer, trusted, "203.0.113.9"},
		{"a trusted peer, mapped", "203.0.113.9", "::ffff:10.0.0.1", trusted, "203.0.113.9"},
		{"a trusted peer with a zone", "203.0.113.9", "fe80::2%18", trusted, "203.0.113.9"},

		{"empty", "", peer, trusted, peerItself},
		{"dash", "-", peer, trusted, peerItself},
		{"all are proxies", "10.0.0.2,+192.168.1.1", peer, trusted, peerItself},
		{"an untrusted peer forges", "203.0.113.9", "198.51.100.1", trusted, peerItself},
		{"a peer that is no address", "203.0.113.9", "-", trusted, peerItself},
		{"garbage ends the walk", "203.0.113.9,+unknown,+10.0.0.2", peer, trusted, peerItself},
		{"garbage on the right", "203.0.113.9,+<script>", peer, trusted, peerItself},
		{"an empty element", "203.0.113.9,,10.0.0.2", peer, trusted, peerItself},
		{"an empty last element", "203.0.113.9,", peer, trusted, peerItself},
		{"cut by IIS", "203.0.113.9,+10.0.0...", peer, trusted, peerItself},
		{"a bad port", "203.0.113.9:65536", peer, trusted, peerItself},
		{"no port", "203.0.113.9:", peer, trusted, peerItself},
		{"IPv4 in brackets", "[203.0.113.9]:1", peer, trusted, peerItself},
		{"an open bracket", "[2001:db8::7", peer, trusted, peerItself},
		{"leading zeros", "203.0.113.09", peer, trusted, peerItself},

		{"none trusted: the right-most", "6.6.6.6,+203.0.113.9", "198.51.100.1", nil, "203.0.113.9"},
		{"none trusted: a private one", "6.6.6.6,+10.0.0.2", "198.51.100.1", nil, "10.0.0.2"},
		{"none trusted: garbage", "6.6.6.6,+unknown", "198.51.100.1", nil, peerItself},
		{"none trusted: no peer", "203.0.113.9", "", nil, "203.0.113.9"},

		{"a chain of 32", strings.Repeat("10.0.0.2,", 31) + "10.0.0.2", peer, trusted, peerItself},
		{"the 32nd counts", "203.0.113.9" + strings.Repeat(",10.0.0.2", 31), peer, trusted, "203.0.113.9"},
		{"the 33rd is not looked at", "203.0.113.9" + strings.Repeat(",10.0.0.2", 32), peer, trusted, peerItself},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &Options{TrustedProxies: tt.trusted}
			client, proxy := o.client([]byte(tt.header), []byte(tt.peer))
			wantClient, wantProxy := tt.want, tt.peer
			if tt.want == peerItself {
				wantClient, wantProxy = tt.peer, ""
			}
			if string(client) != wantClient || string(proxy) != wantProxy {
				t.Errorf("client(%q, %q) = %q, proxy %q; want %q, proxy %q", tt.header, tt.peer, client, proxy, wantClient, wantProxy)
			}
		})
	}
}

// refHop reads an element with net/netip.
func refHop(element string) (netip.Addr, string) {
	element = strings.Trim(element, " +\t")
	text := withoutZone(element)
	if inner, ok := strings.CutPrefix(element, "["); ok {
		inner, behind, isClosed := strings.Cut(inner, "]")
		if !isClosed || !strings.Contains(inner, ":") || behind != "" && !refIsPort(behind) {
			return netip.Addr{}, ""
		}
		text = withoutZone(inner)
	} else if v4, port, ok := strings.Cut(element, ":"); ok && strings.Contains(v4, ".") {
		if !refIsPort(":" + port) {
			return netip.Addr{}, ""
		}
		text = v4
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}, ""
	}
	return a, text
}

func refIsPort(s string) bool {
	_, err := strconv.ParseUint(strings.TrimPrefix(s, ":"), 10, 16)
	return err == nil && s[0] == ':' && len(s) <= 20
}

// withoutZone takes a zone that is not empty off an IPv6 address.
func withoutZone(s string) string {
	address, zone, ok := strings.Cut(s, "%")
	if !ok || zone == "" || !strings.Contains(address, ":") {
		return s
	}
	return address
}

// refClient applies the rule with net/netip and strings.
func refClient(o *Options, header, peer string) (client, proxy string) {
	if header == "" || header == "-" {
		return peer, ""
	}
	trusted := func(a netip.Addr) bool {
		for _, p := range o.TrustedProxies {
			if p.Contains(a) || p.Contains(a.Unmap()) {
				return true
			}
		}
		return false
	}
	if len(o.TrustedProxies) > 0 {
		if a, err := netip.ParseAddr(withoutZone(peer)); err != nil || !trusted(a) {
			return peer, ""
		}
	}
	elements := strings.Split(header, ",")
	for n := 0; n < maxHops && n < len(elements); n++ {
		a, text := refHop(elements[len(elements)-1-n])
		if !a.IsValid() {
			return peer, ""
		}
		if a.Is4In6() {
			text = a.Unmap().String()
		}
		if !trusted(a) && peer == "-" {
			return text, ""
		}
		if !trusted(a) {
			return text, peer
		}
	}
	return peer, ""
}

func FuzzClient(f *testing.F) {
	f.Add("6.6.6.6,+203.0.113.9:1,+10.0.0.2", "10.0.0.1", true)
	f.Add("[2001:db8::7%1]:443,+[fe80::1%25e]", "fe80::2%18", true)
	f.Add("::ffff:1.2.3.4,unknown", "-", false)
	f.Add("[1.2.3.4]", "1", false)
	f.Add("[::1]x, [::1], ::1%", "::ffff:10.0.0.1", true)
	f.Fuzz(func(t *testing.T, header, peer string, hasTrusted bool) {
		o := &Options{}
		if hasTrusted {
			o.TrustedProxies = prefixes("10.0.0.0/8", "fe80::/10", "::ffff:0:0/96")
		}
		client, proxy := o.client([]byte(header), []byte(peer))
		wantClient, wantProxy := refClient(o, header, peer)
		if string(client) != wantClient || string(proxy) != wantProxy {
			t.Errorf("client(%q, %q) = %q, proxy %q; want %q, proxy %q", header, peer, client, proxy, wantClient, wantProxy)
		}
	})
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "01.2.3.4", "1.2.3", "256.1.1.1", "::", ":::", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
		"1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "12345::", "1:", ":1", "::g", "::1.2.3.4:5", "1.2.3.4::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "%") {
			return // zones are FuzzClient's
		}
		want, err := netip.ParseAddr(s)
		if err != nil {
			want = netip.Addr{}
		}
		if got, _ := addressOf([]byte(s)); got != want {
			t.Errorf("addressOf(%q) = %v, want %v", s, got, want)
		}
	})
}
