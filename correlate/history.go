// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"math"

	"github.com/axiomhq/hyperloglog"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// The history is a tree: host, then script, then client of the script. One flat LRU would forget the rare shell
// under ordinary traffic; here each script has room of its own (SPEC section 7).

// hostHistory is what one Computer, as logged, was asked for.
type hostHistory struct {
	name    string
	parsed  hostName
	short   string                    // key in Correlator.shortNames
	stems   map[string]*stem          // by URL as logged
	scripts map[string]*scriptHistory // by file name, folded under Windows
	callers map[textID]*clientHistory // by client address: head of the chain of all that it called here
	peak    mapPeak                   // of the three maps together

	requests  int64                   // since it last came among the new ones
	since     Instant                 // nothing before it was seen here
	namesLost Instant                 // last request to a script of which nothing is left
	weight    int64                   // bytes of it and its scripts
	loose     int64                   // of them, those of clients that may go
	isNew     bool                    // without history
	watched   int                     // its scripts that an active alert names
	mints     map[uint64]nameMint     // names made up lately, by site
	fat       ranking[*scriptHistory] // by loose
	rank      rankNode[*hostHistory]  // in Correlator.fatHosts
	place     rankNode[*hostHistory]  // in Correlator.newHosts
}

// stem is one URL as logged on one host. Its readings are worked out once, when it is first seen.
type stem struct {
	id     textID
	text   string // the string of id
	home   *scriptHistory
	others []filing             // further readings file it there too, as a guest
	guests list[*clientHistory] // its clients, kept only where there are others, or may be
	count  int                  // clients that called it

	judge     uint32 // the look-back that last asked
	judgeSite textID // for which site
	isCalled  bool   // whether the URL calls its target

	isDirectory bool // what it calls is the site map's to say, which may change
}

// keepsGuests tells whether the URL's clients are listed: those of a directory too while it has one script alone.
func (st *stem) keepsGuests() bool { return len(st.others) > 0 || st.isDirectory }

// filing is a URL that is a guest of a script; at is its place in script.guests.
type filing struct {
	script *scriptHistory
	at     int
}

// guest is a URL at home elsewhere; at is the place of the filing in stem.others.
type guest struct {
	stem *stem
	at   int
}

// scriptHistory is one script of one host: a file name that some URL's reading gives.
type scriptHistory struct {
	// What each request needs, side by side.
	host      *hostHistory
	line      *line         // in which order it goes; nil while no URL is at home here
	targets   []*target     // of active alerts that name it
	total     StatusClasses // of all requests in the window's reach, also those of clients that were evicted
	requests  int64
	firstTime Instant
	lastTime  Instant

	name         string
	first        []*clientHistory
	later        list[*clientHistory]                     // beyond the first ones, in no order
	recent       *simplelru.LRU[*clientHistory, struct{}] // those of later that may go, by recency
	peak         mapPeak                                  // of later and recent
	guests       list[guest]                              // URLs at home elsewhere that can mean this script
	guestClients int32                                    // clients of guests
	stems        int32                                    // URLs at home here
	spellings    map[textID]*spelling                     // by client, once the script has many URLs

	lost       Instant             // last request of an evicted client
	sketch     *hyperloglog.Sketch // distinct clients, once there are more than the first ones
	version    uint64              // changes when a client comes or goes
	distinct   int64               // clients counted at version distinctAt
	distinctAt uint64

	weight   int64                    // bytes it is answerable for
	loose    int64                    // of them, those of clients beyond the first ones
	rank     rankNode[*scriptHistory] // in host.fat
	mass     rankNode[*scriptHistory] // in Correlator.heavy
	place    rankNode[*scriptHistory] // in line
	queuedAt Instant                  // lastTime when it last got a second chance
	creator  uint64                   // source address that brought the name
	isAlone  bool                     // nobody else called it yet
	isMinted bool                     // came up when its site had too many new names
	isGone   bool
	sweepAt  int32 // its place in Correlator.all
}

// clientHistory is one (client, site, URL as logged) of a script. There are very many: its fields fill 128 bytes, a
// size of Go's allocator, those that each request needs the first 64 of them.
type clientHistory struct {
	stem    *stem
	site    textID
	marks   marks
	address uint64 // hash of the client's address, which tells it apart
	usual   uint64 // hash of what its first visit has and most others repeat, 0 where that is not known
	visits  []byte
	last    Instant // of the last visit that visits ends with

	newest  Instant // of all visits
	weight  int64   // bytes it is answerable for
	count   uint32  // visits in visits
	at      int32   // place in script.later, -1 in first
	ip      textID
	guestAt int32 // place in stem.guests
	bulk    *bulk // older visits, summed up
	report  *report
	prev    *clientHistory // in the chain of this client on this host
	next    *clientHistory
}

// marks say what is true of a client, and of which columns something was cut.
type marks uint32

const (
	hasPost marks = 1 << (31 - iota)
	hasSuccess
	hasSharedStems
	calledAgain // since it was last moved in script.recent
	isKept      // not in script.recent, for it was reported
	isGone
)

// cutOf marks a column of which something was cut.
func cutOf(c column) marks { return 1 << c }

func (c *clientHistory) has(m marks) bool { return c.marks&m != 0 }

// spelling counts the URLs by which one client called one script.
type spelling struct {
	count  int
	shared *clientHistory // takes those beyond maxSpellings
}

const (
	// What the nodes take, slots in their maps and places in slices included, and a part of what Go's allocator has
	// free among them while one kind makes room for another. A test holds them against the heap.
	clientBytes  = 128 + 8
	callerBytes  = 28
	stemBytes    = 112 + mapSlot
	scriptBytes  = 416 + mapSlot + 48 // its place in Correlator.all included
	hostBytes    = 1340
	lruBytes     = 64 + 10 + mapSlot // golang-lru's element, the place in later and the slot of a map
	lruFixed     = 400
	firstBytes   = 10
	sketchBytes  = 1500
	guestBytes   = 8
	mintBytes    = 64
	guestSlot    = 72
	spellingSlot = 80
)

// keep takes c, which was reported, out of those that may go; false where it never could.
func (s *scriptHistory) keep(c *clientHistory) bool {
	if c.at < 0 || c.has(isKept) {
		return false
	}
	s.recent.Remove(c)
	c.marks |= isKept
	return true
}

// unkeep lets c go like others again.
func (s *scriptHistory) unkeep(c *clientHistory) {
	s.recent.Add(c, struct{}{})
	c.marks &^= isKept
}

// insert files c; a list of recency must be there once it is needed.
func (s *scriptHistory) insert(c *clientHistory) (bytes int64) {
	s.version++
	if len(s.first) < firstClients {
		c.at = -1
		s.first = append(s.first, c)
		return firstBytes
	}
	c.at = int32(s.later.len())
	s.later.push(c)
	s.recent.Add(c, struct{}{})
	return lruBytes
}

// newRecent makes a list of recency; its bound is the memory limit of all, not a count.
func newRecent() *simplelru.LRU[*clientHistory, struct{}] {
	recent, _ := simplelru.NewLRU[*clientHistory, struct{}](math.MaxInt, nil) // only a size below 1 is an error
	return recent
}

// stalest gives the client that may go first: the one that did not call for longest, or nearly. Moving a client in the
// list with each of its calls would cost more than all else that is done for a call, so a call only leaves a mark, for
// which the client has a second chance when its turn comes.
func (s *scriptHistory) stalest() (c *clientHistory, ok bool) {
	for range secondChances {
		if c, _, ok = s.recent.GetOldest(); !ok || !c.has(calledAgain) {
			return c, ok
		}
		c.marks &^= calledAgain
		s.recent.Get(c)
	}
	c, _, ok = s.recent.GetOldest()
	return c, ok
}

// remove takes c out of the lists it was inserted into.
func (s *scriptHistory) remove(c *clientHistory) (bytes int64) {
	s.version++
	if c.at >= 0 {
		if last, isMoved := s.later.remove(int(c.at)); isMoved {
			last.at = c.at
		}
		if !c.has(isKept) {
			s.recent.Remove(c)
		}
		return lruBytes
	}
	for i := range s.first {
		if s.first[i] == c {
			s.first = append(s.first[:i], s.first[i+1:]...)
			break
		}
	}
	return firstBytes
}

// resizeHost notes the size of a host's maps.
func (c *Correlator) resizeHost(h *hostHistory) { c.resize(&h.peak, h.entries(), mapSlot) }

// entries of the host's maps together.
func (h *hostHistory) entries() int { return len(h.stems) + len(h.scripts) + len(h.callers) }

// size is the number of clients at home here.
func (s *scriptHistory) size() int { return len(s.first) + s.later.len() }

// isEmpty tells that nothing holds the script any more.
func (s *scriptHistory) isEmpty() bool {
	return s.size() == 0 && s.guests.len() == 0 && len(s.targets) == 0 && s.stems == 0
}

// chain puts c at the head of what its client called on this host; isFirst tells that it called nothing before.
func (h *hostHistory) chain(c *clientHistory) (isFirst bool) {
	head := h.callers[c.ip]
	c.next = head
	if head != nil {
		head.prev = c
	}
	h.callers[c.ip] = c
	return head == nil
}

func (h *hostHistory) unchain(c *clientHistory) {
	switch {
	case c.prev != nil:
		c.prev.next = c.next
	case c.next != nil:
		h.callers[c.ip] = c.next
	default:
		delete(h.callers, c.ip)
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
}
