// SPDX-License-Identifier: Apache-2.0

package w3c

import "bytes"

// maxHops bounds the addresses of a header that are looked at. No chain of proxies is that long; a header that
// is was forged, to cost time.
const maxHops = 32

// client gives the client of a request whose peer is c-ip, and the peer as its proxy when header named the client.
//
// Each proxy appends the address that it was called from, so a header is true from its right end up to the first
// address that is not a trusted proxy's: that one is the client, whatever stands to the left of it was sent by
// the client and is never looked at. The peer itself stays the client when it is not trusted (it can send any
// header), and when the walk comes to anything but an address, to the header's end, or to maxHops.
func (o *Options) client(header, peer []byte) (client, proxy []byte) {
	if !isThere(header) {
		return peer, nil
	}
	if len(o.TrustedProxies) > 0 {
		if a, _ := addressOf(peer); !o.isTrusted(a) {
			return peer, nil
		}
	}
	for range maxHops {
		comma := bytes.LastIndexByte(header, ',')
		a, text := hopOf(header[comma+1:])
		switch {
		case !a.IsValid():
			return peer, nil
		case !o.isTrusted(a):
			return plainText(a, text), orNil(peer)
		case comma < 0:
			return peer, nil
		}
		header = header[:comma]
	}
	return peer, nil
}
