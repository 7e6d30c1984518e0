// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"cmp"
	"hash/maphash"
	"slices"
	"time"

	"github.com/axiomhq/hyperloglog"
)

// bulk is what is left of a client's many requests beyond its first and latest ones (Windows only): counts by the
// hour, the values of each set with the hour they were last seen, and its first requests as they were.
type bulk struct {
	first  []byte // visits of the first requests, by time
	firstN int
	hours  []hour // by time
	sets   [len(setColumns)]valueSet
}

// hour sums up the requests of a clock hour. Its first and last times are exact, so that a window's edge inside an
// hour is off by that hour's requests at most, and never too low.
type hour struct {
	first, last    Instant
	firstSuccess   Instant
	firstPost      Instant
	requests       int64
	classes        StatusClasses
	sent, received int64
	isAfterAlert   bool
}

// valueSet is the distinct values of a column.
type valueSet struct {
	members []member
	sketch  *hyperloglog.Sketch // of all values, once members is full and more came
}

type member struct {
	value uint64 // as in a visit
	last  Instant
}

// setColumns are the columns of which a detection gives the set.
var setColumns = [...]column{colUserAgent, colMethod, colStatus, colCookie, colReferer, colQuery, colUserName, colHost, colServerIP, colPort, colProxyIP}

const (
	bulkBytes   = 480
	hourBytes   = 120
	memberBytes = 16
	// bulkSlack is how many visits more than the evidence a client has before they are summed up, so that this is rare.
	bulkSlack = 48
)

// bulkAt is the number of visits beyond which they are summed up.
func (c *Correlator) bulkAt() uint32 {
	if c.opt.Matching == KQL {
		return 1<<32 - 1 // the rule has no caps: every request counts to the second
	}
	return uint32(c.opt.EvidenceRequests + bulkSlack)
}

// sumUp moves all visits of cl but its first and latest ones into its bulk.
func (c *Correlator) sumUp(cl *clientHistory) {
	visits := c.decode(cl)
	b := cl.bulk
	if b == nil {
		b = &bulk{}
		cl.bulk = b
		c.chargeClient(cl, bulkBytes)
	}
	if !slices.IsSortedFunc(visits, byTime) {
		slices.SortStableFunc(visits, byTime)
	}
	tail := max(len(visits)-max(c.opt.EvidenceRequests-firstRequests, 0), firstRequests)
	before := b.size() + int64(cap(cl.visits))
	for i := firstRequests; i < tail; i++ {
		c.addToBulk(cl, b, &visits[i])
	}
	c.rewrite(cl, visits, visits[:firstRequests], visits[tail:])
	c.chargeClient(cl, b.size()+int64(cap(cl.visits))-before)
}

func byTime(a, b visit) int { return cmp.Compare(a.time, b.time) }

// rewrite gives a client other visits in place of those that it had, which were decoded; first ones only where it has
// a bulk. The users of their texts are counted anew.
func (c *Correlator) rewrite(cl *clientHistory, had, first, visits []visit) {
	if b := cl.bulk; b != nil {
		b.first, _ = encodeVisits(b.first[:0], first, c.texts.retain)
		b.firstN = len(first)
	}
	cl.visits, cl.last = encodeVisits(cl.visits[:0], visits, c.texts.retain)
	cl.count, cl.usual = uint32(len(visits)), 0
	for i := range had { // last, so that no text is without a user in between
		eachText(had[i].written, &had[i].vals, c.texts.release)
	}
}

// decode gives the client's single visits, those of its bulk first; valid until the next call.
func (c *Correlator) decode(cl *clientHistory) []visit {
	visits := c.scratch.visits[:0]
	if cl.bulk != nil {
		visits = decodeVisits(visits, cl.bulk.first)
	}
	visits = decodeVisits(visits, cl.visits)
	c.scratch.visits = visits
	return visits
}

// addToBulk counts v in b; what it holds of texts is the caller's.
func (c *Correlator) addToBulk(cl *clientHistory, b *bulk, v *visit) {
	h := b.hourOf(v.time, cl.report != nil && v.time > cl.report.firstAlert())
	class := v.class(&c.texts)
	h.requests++
	h.classes.add(class)
	h.sent += max(v.number(colBytesSent), 0)
	h.received += max(v.number(colBytesReceived), 0)
	h.first, h.last = earliest(h.first, v.time), max(h.last, v.time)
	if class == 2 {
		h.firstSuccess = earliest(h.firstSuccess, v.time)
	}
	if c.isPost(v) {
		h.firstPost = earliest(h.firstPost, v.time)
	}
	for i, col := range setColumns {
		if v.vals[col] != 0 {
			c.addMember(cl, &b.sets[i], col, v)
		}
	}
}

// earliest is the earlier of two times, 0 being none.
func earliest(a, b Instant) Instant {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// hourOf gives the hour of t, made in its place when it is new. Requests before and after the first alert are
// counted apart.
func (b *bulk) hourOf(t Instant, isAfterAlert bool) *hour {
	at := t / Instant(time.Hour)
	i := len(b.hours)
	for ; i > 0; i-- {
		h := &b.hours[i-1]
		if o := h.first / Instant(time.Hour); o == at && h.isAfterAlert == isAfterAlert {
			return h
		} else if o < at || o == at && isAfterAlert {
			break
		}
	}
	b.hours = slices.Insert(b.hours, i, hour{isAfterAlert: isAfterAlert, first: t})
	return &b.hours[i]
}

// addMember keeps v's value of col in the set, or counts it when the set is full.
func (c *Correlator) addMember(cl *clientHistory, s *valueSet, col column, v *visit) {
	val := v.vals[col]
	for i := range s.members {
		if s.members[i].value == val {
			s.members[i].last = max(s.members[i].last, v.time)
			return
		}
	}
	if len(s.members) < c.opt.SetLimit {
		s.members = append(s.members, member{val, v.time})
		c.retainValue(col, val)
		c.sketchValue(s.sketch, col, val)
		return
	}
	cl.marks |= cutOf(col)
	if s.sketch == nil {
		s.sketch, _ = hyperloglog.NewSketch(10, true) // exact for some hundred values, then 1 KiB
		for _, m := range s.members {
			c.sketchValue(s.sketch, col, m.value)
		}
	}
	c.sketchValue(s.sketch, col, val)
}

func (b *bulk) size() int64 {
	n := int64(cap(b.hours)) * hourBytes
	for i := range b.sets {
		n += int64(cap(b.sets[i].members)) * memberBytes
		if b.sets[i].sketch != nil {
			n += sketchBytes
		}
	}
	return n + int64(cap(b.first))
}

// sketchValue counts a value among the distinct ones, if sk is there.
func (c *Correlator) sketchValue(sk *hyperloglog.Sketch, col column, val uint64) {
	if sk == nil {
		return
	}
	if id := textOf(col, val); id != 0 {
		sk.InsertHash(c.texts.at(id).hash)
		return
	}
	sk.InsertHash(maphash.Comparable(c.seed, val))
}

// retainValue counts one more user of the text that a value stands for, if it does.
func (c *Correlator) retainValue(col column, val uint64) {
	if id := textOf(col, val); id != 0 {
		c.texts.retain(id)
	}
}

func (c *Correlator) releaseBulk(b *bulk) {
	eachHeld(b.first, c.texts.release)
	for i := range b.sets {
		for _, m := range b.sets[i].members {
			if id := textOf(setColumns[i], m.value); id != 0 {
				c.texts.release(id)
			}
		}
	}
}
