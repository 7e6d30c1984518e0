// SPDX-License-Identifier: Apache-2.0

package script

import "bytes"

// segment is a part of a path between separators: b[start:end] of its path.
type segment struct {
	start, end int32
	skip       int32 // length of the cookieless part that it begins with; 0 for none
	by         By    // what was undone up to its end
}

// path is one source cut into segments, "." and ".." resolved, empty and purely
// cookieless segments left out.
type path struct {
	b        []byte
	n        int  // number of segments
	tail     bool // something stands behind the last segment: a slash at least
	joinable bool // a segment begins with a cookieless part
	rare     bool // a segment may have parameters or a stream
	joined   bool // b was made by join: its folders are as b has them
	segments [maxSegments]segment
}

func isSeparator(c byte) bool { return c == '/' || c == '\\' }

// cut sets p to s. It returns false where s has more than maxSegments segments.
func (p *path) cut(s *source) bool {
	p.b, p.n = s.b, 0
	p.tail, p.joinable, p.joined = false, false, false
	p.rare = bytes.IndexByte(s.b, ':') >= 0 || bytes.IndexByte(s.b, ';') >= 0
	var undone By
	for start, count := 0, 0; start <= len(p.b); count++ {
		if count > maxSegments { // the empty one before the first slash is none
			return false
		}
		end := start
		for end < len(p.b) && !isSeparator(p.b[end]) {
			end++
		}
		if end > start || start > 0 {
			undone |= p.push(segment{start: int32(start), end: int32(end), by: undone}, s)
		}
		if end < len(p.b) && p.b[end] == '\\' {
			undone |= Normalized
		}
		start = end + 1
	}
	return true
}

// push takes the next segment, which may be empty, and returns what it leaves
// undone for those behind it.
func (p *path) push(g segment, s *source) By {
	name := p.b[g.start:g.end]
	last := int(g.end) == len(p.b)
	switch string(name) {
	case "", ".":
		p.tail = last
		return Normalized
	case "..":
		p.tail = last
		p.n = max(p.n-1, 0)
		return Normalized
	}
	if name[0] == '(' {
		g.skip = int32(cookieless(name))
	}
	if int(g.skip) == len(name) {
		p.tail = last
		return Cookieless
	}
	p.joinable = p.joinable || g.skip > 0
	g.by |= p.ownBy(g, s)
	if p.n < maxSegments {
		p.segments[p.n] = g
		p.n++
	}
	return 0
}

// ownBy returns what had to be undone for g itself.
func (p *path) ownBy(g segment, s *source) (by By) {
	if int(g.end) < len(p.b) && p.b[g.end] == '\\' {
		by |= Normalized
	}
	if s.decoded <= int(g.end) {
		by |= Encoded
	}
	if s.ansi && !isASCII(p.b[g.start:g.end]) {
		by |= Case
	}
	return by
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// endsLiterally reports whether the last segment is the literal last segment of
// b: nothing stands behind it, and a slash, or nothing, before it.
func (p *path) endsLiterally() bool {
	if p.n == 0 || p.tail {
		return false
	}
	g := p.segments[p.n-1]
	return int(g.end) == len(p.b) && (g.start == 0 || p.b[g.start-1] == '/')
}

// join takes the cookieless parts out of p and joins what stood before them to
// what stood behind them, as ASP.NET does.
func (p *path) join() {
	b := make([]byte, 0, len(p.b)+1)
	n := 0
	var undone By
	for _, g := range p.segments[:p.n] {
		name := p.b[g.start+g.skip : g.end]
		if g.skip > 0 {
			undone = Cookieless
		}
		if g.skip == 0 || n == 0 {
			b = append(b, '/')
			p.segments[n] = segment{start: int32(len(b))}
			n++
		}
		b = append(b, name...)
		p.segments[n-1].end = int32(len(b))
		p.segments[n-1].by |= g.by | undone
	}
	p.b, p.n, p.joinable, p.joined = b, n, false, true
}

// name returns the i-th segment.
func (p *path) name(i int) []byte { return p.b[p.segments[i].start:p.segments[i].end] }

// folder returns the folder of the i-th segment, a view of p where it stands
// there as it is.
func (p *path) folder(i int) []byte {
	g := p.segments[i]
	if p.joined || g.by&(Normalized|Cookieless) == 0 {
		return folderView(p.b, int(g.start))
	}
	if i == 0 {
		return root
	}
	folder := make([]byte, 0, g.start)
	for j := range i {
		folder = append(append(folder, '/'), p.name(j)...)
	}
	return folder
}
