// SPDX-License-Identifier: Apache-2.0

package correlate

import (
	"hash/maphash"
	"math/bits"
)

// scratch is working memory that lives from call to call, so that a known client with known values allocates nothing.
type scratch struct {
	encoded [maxVisitBytes]byte
	visits  []visit
	first   visit
	sets    [len(setColumns)][]uint64
	stems   []*stem
}

// addVisit files r under cl.
func (c *Correlator) addVisit(cl *clientHistory, r *Request) {
	var v visit
	first := &c.scratch.first // of the visits among which this one will stand
	*first = visit{}
	var columns uint32
	var newText int64
	if usual := c.usual(r); usual == cl.usual && !cl.has(hasSharedStems|cutOf(colStem)) {
		nextColumns(cl.visits, first, varying)
		newText = c.fillVarying(&v, first, cl, r)
		columns = differing(&v, first, varying)
	} else {
		if len(cl.visits) > 0 {
			nextVisit(cl.visits, first)
		}
		newText = c.fill(&v, first, cl, r)
		columns = differing(&v, first, allColumns)
		if len(cl.visits) == 0 || columns&^varying == 0 {
			cl.usual = usual
		}
	}
	encoded := appendVisit(c.scratch.encoded[:0], &v, columns, cl.last)
	class := v.class(&c.texts)
	c.noteAnswer(cl, &v, class)

	before := cap(cl.visits)
	cl.visits = appendGrow(cl.visits, encoded)
	cl.last = v.time
	cl.newest = max(cl.newest, v.time)
	cl.count++
	c.chargeClient(cl, int64(cap(cl.visits)-before))
	c.bookClient(cl, newText)

	s := cl.stem.home
	s.noteRequest(v.time, class)
	for _, o := range cl.stem.others {
		o.script.noteRequest(v.time, class)
	}
	if s.host.requests++; s.host.isNew {
		c.settleHost(s.host)
	}
	if s.line != nil {
		c.reconsider(s, &v)
	}
	if cl.count > c.bulkAt() {
		c.sumUp(cl)
	}
}

// usual is a hash of what most requests of a client have in common: all columns but the varying ones. It is never 0.
// Where it is that of a client's first visit, nothing needs to be compared with that; see clientIndex for why a hash
// is enough.
func (c *Correlator) usual(r *Request) uint64 {
	h := c.index.salt
	for _, b := range [...][]byte{
		r.UserAgent, r.Referer, r.Cookie, r.UserName, r.Host, r.ServerIP, r.ProxyIP, r.Port, r.SubStatus, r.Win32,
	} {
		x := uint64(0)
		if b != nil {
			x = maphash.Bytes(c.seed, b)
		}
		high, low := bits.Mul64(h^x, usualFactor)
		h = high ^ low
	}
	return h | 1
}

// usualFactor is odd with its bits well mixed: 2^64 divided by the golden ratio.
const usualFactor = 0x9E3779B97F4A7C15

// appendGrow appends with room that fits the allocator's sizes: a million clients with two visits each must not
// carry append's doubling.
func appendGrow(dst, src []byte) []byte {
	need := len(dst) + len(src)
	if need > cap(dst) {
		size := int(sizeClass(need))
		if need > 64 { // a client that comes often
			size = need + need/2
		}
		grown := make([]byte, len(dst), size)
		copy(grown, dst)
		dst = grown
	}
	return append(dst, src...)
}

// fill turns r into v and gives the bytes of texts that were not there before.
func (c *Correlator) fill(v, first *visit, cl *clientHistory, r *Request) (newText int64) {
	if cl.has(hasSharedStems) || cl.has(cutOf(colStem)) {
		if string(r.URIStem) != cl.stem.text {
			cl.marks |= hasSharedStems
			newText += c.text(v, first, cl, colStem, r.URIStem)
		}
	}
	newText += c.fillVarying(v, first, cl, r)
	newText += c.text(v, first, cl, colUserAgent, r.UserAgent)
	newText += c.text(v, first, cl, colReferer, r.Referer)
	newText += c.text(v, first, cl, colCookie, r.Cookie)
	newText += c.text(v, first, cl, colUserName, r.UserName)
	newText += c.text(v, first, cl, colHost, r.Host)
	newText += c.text(v, first, cl, colServerIP, r.ServerIP)
	newText += c.text(v, first, cl, colProxyIP, r.ProxyIP)
	newText += c.token(v, first, cl, colPort, r.Port)
	newText += c.token(v, first, cl, colSubStatus, r.SubStatus)
	newText += c.token(v, first, cl, colWin32, r.Win32)
	return newText
}

// fillVarying is fill for the varying columns and the time.
func (c *Correlator) fillVarying(v, first *visit, cl *clientHistory, r *Request) (newText int64) {
	v.time = r.Time
	newText += c.text(v, first, cl, colMethod, r.Method)
	newText += c.text(v, first, cl, colQuery, r.URIQuery)
	newText += c.token(v, first, cl, colStatus, r.Status)
	v.vals[colTimeTaken] = numberValue(r.TimeTaken)
	v.vals[colBytesSent] = numberValue(r.BytesSent)
	v.vals[colBytesReceived] = numberValue(r.BytesReceived)
	return newText
}

func numberValue(n int64) uint64 { return uint64(max(n, -1) + 1) }

// isAbsent tells what a set leaves out: the rule keeps "-" and "" as the table does, an analyst needs neither.
func (c *Correlator) isAbsent(b []byte) bool {
	if c.opt.Matching == KQL {
		return b == nil
	}
	return len(b) == 0 || len(b) == 1 && b[0] == '-'
}

func (c *Correlator) text(v, first *visit, cl *clientHistory, col column, b []byte) (newText int64) {
	if c.isAbsent(b) {
		return 0
	}
	if len(b) > maxValueBytes && c.opt.Matching != KQL && col != colStem {
		b = b[:maxValueBytes]
		cl.marks |= cutOf(col)
	}
	if id := textOf(col, first.vals[col]); id != 0 && c.texts.at(id).s == string(b) {
		v.vals[col] = uint64(id) // as in the first visit, which is its user
		return 0
	}
	if r := &c.recent[col]; r.id != 0 && r.s == string(b) {
		c.texts.retain(r.id)
		v.vals[col] = uint64(r.id)
		return 0
	}
	id, isNew := c.texts.acquire(b)
	c.remember(col, id)
	v.vals[col] = uint64(id)
	if isNew {
		return sizeClass(len(b)) + textBytes + 2*textSlotBytes
	}
	return 0
}

// remember makes id the column's latest value, of which the column itself is one user.
func (c *Correlator) remember(col column, id textID) {
	r := &c.recent[col]
	if r.id != 0 {
		c.texts.release(r.id)
	}
	c.texts.retain(id)
	*r = recentText{c.texts.get(id), id}
}

func (c *Correlator) token(v, first *visit, cl *clientHistory, col column, b []byte) (newText int64) {
	if token, ok := tokenNumber(b); ok {
		v.vals[col] = token
		return 0
	}
	newText = c.text(v, first, cl, col, b)
	if v.vals[col] != 0 {
		v.vals[col] = tokenText(textID(v.vals[col]))
	}
	return newText
}

// noteAnswer keeps what ranks a client among many: whether it ever posted or was ever served.
func (c *Correlator) noteAnswer(cl *clientHistory, v *visit, class int) {
	if class == 2 {
		cl.marks |= hasSuccess
	}
	if c.isPost(v) {
		cl.marks |= hasPost
	}
}

func (c *Correlator) isPost(v *visit) bool { return c.texts.get(textID(v.vals[colMethod])) == "POST" }

func (s *scriptHistory) noteRequest(t Instant, class int) {
	s.requests++
	s.total.add(class)
	s.lastTime = max(s.lastTime, t)
	if s.firstTime == 0 || t < s.firstTime {
		s.firstTime = t
	}
}

// plus adds what another count has.
func (n *StatusClasses) plus(more StatusClasses) {
	n.C2xx += more.C2xx
	n.C3xx += more.C3xx
	n.C4xx += more.C4xx
	n.C5xx += more.C5xx
}

func (n *StatusClasses) add(class int) {
	switch class {
	case 2:
		n.C2xx++
	case 3:
		n.C3xx++
	case 4:
		n.C4xx++
	case 5:
		n.C5xx++
	}
}
