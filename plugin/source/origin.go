// SPDX-License-Identifier: Apache-2.0

package source

import (
	"webshell/correlate"
	"webshell/correlate/w3c"
)

// origin is one source: a tag and a path.
type origin struct {
	id       uint64 // never used again
	path     string
	site     []byte // W3SVC<n> of the path, empty without
	keyBytes int    // of tag and path
	bytes    int    // charged for all of it

	columns  []*columnsAt // by offset
	previous []*columnsAt // of the file that had this path before (rotation by rename)
	fallback *columnsAt   // of lines that no #Fields: speaks for
	dates    []*dateAt    // by offset
	parts    spans        // what was seen of the file
	isGappy  bool         // what is missing does not come: a filter keeps it away

	current *columnsAt // of the line at next, nil where they have to be looked up
	date    *dateAt    // of it, nil without
	since   int64      // the line that current was found for
	next    int64      // where the last line ends
	flush   uint64     // the flush that the last line came in

	waiting      []waitingLine
	waitingSince correlate.Instant
	isDue        bool   // some of the waiting lines may be used by now
	lookedIn     uint64 // the flush in which the file was last looked at

	file *file // of the last line, for its host
}

const (
	// maxOrigins bounds the sources that are known at a time: a server has some files a site and day.
	maxOrigins = 4096
	// maxOriginBytes bounds what sources are known by, their columns and paths; the least recent ones go.
	maxOriginBytes = 8 << 20
	// What a source, columns that no other has, and a place of columns or a date take, beside paths and names.
	originBytes, columnsBytes, nodeBytes = 512 + maxSpans*16, 192, 64
	// maxPath bounds a path; a longer one names no file (Windows stops at 32 767).
	maxPath = 32 << 10
)

// origin gives the source of the tag being flushed and path, made when it is new.
func (s *Set) origin(path []byte) *origin {
	if len(path) > maxPath {
		path = nil
	}
	if o := s.last; o != nil && o.path == string(path) {
		return o
	}
	s.lookUp = append(append(append(s.lookUp[:0], s.lastTag...), 0), path...)
	o, ok := s.origins.Get(string(s.lookUp))
	if !ok {
		s.nextID++
		o = &origin{id: s.nextID, path: string(path), keyBytes: len(s.lookUp) + len(path)}
		o.site = w3c.SiteFromPath([]byte(o.path))
		s.origins.Add(string(s.lookUp), o)
		s.charge(o)
	}
	s.last = o
	return o
}

// charge counts anew what is kept for o, the source in use, and makes room for it.
func (s *Set) charge(o *origin) {
	bytes := originBytes + o.keyBytes + nodeBytes*len(o.dates)
	for _, sets := range [][]*columnsAt{o.columns, o.previous} {
		for _, at := range sets {
			bytes += at.bytes
		}
	}
	s.originBytes += bytes - o.bytes
	o.bytes = bytes
	for s.originBytes > maxOriginBytes && s.origins.Len() > 1 {
		s.origins.RemoveOldest()
	}
}

// forget counts the lines of a source that is given up while they wait.
func (s *Set) forget(_ string, o *origin) {
	s.originBytes -= o.bytes
	for i := range o.waiting {
		s.waitingBytes -= o.waiting[i].size()
		s.refuse("columns_unknown")
	}
	o.waiting = nil
}
