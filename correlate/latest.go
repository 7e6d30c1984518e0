// SPDX-License-Identifier: Apache-2.0

package correlate

import "time"

// touch makes a client that calls at t the most recent one, unless it is among those already: it called within the
// last promoteAfter.
func (s *scriptHistory) touch(c *clientHistory, t Instant) {
	if c.at >= 0 && !c.has(isKept) && t.Sub(c.newest) >= promoteAfter {
		s.recent.Get(c.key())
	}
}

// promoteAfter spares moving a client in the list with each of its requests.
const promoteAfter = time.Second

// latestClients remembers some of the clients that called last, by address and URL: most requests are of one of them,
// and find it without a search.
type latestClients [1024]*clientHistory

func (l *latestClients) place(ipHash uint64, st *stem) **clientHistory {
	return &l[(ipHash^uint64(st.id)*0x9E3779B97F4A7C15>>32)%uint64(len(l))]
}

// is tells whether c, which may be nil or gone, is at home at a URL of a site.
func (c *clientHistory) is(st *stem, site textID) bool {
	return c != nil && c.stem == st && c.site == site && !c.has(isGone)
}
