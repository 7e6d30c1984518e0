// SPDX-License-Identifier: Apache-2.0

package source

import (
	"time"

	"webshell/correlate"
	"webshell/correlate/w3c"
)

// origin is one source: a tag and a path.
type origin struct {
	id   uint64 // never used again
	path string
	site []byte // W3SVC<n> of the path, empty without

	columns  []columnsAt // by offset
	previous []columnsAt // of the file that had this path before (rotation by rename)
	fallback *w3c.Columns
	days     w3c.Days
	date     []byte // the latest #Date: line
	dateAt   int64

	waiting      []waitingLine
	waitingSince correlate.Instant
	headTried    bool

	high     int64 // no line at or behind it was counted yet
	block    *block
	blockKey blockKey
}

// columnsAt says that lines from an offset on have these columns.
type columnsAt struct {
	offset int64
	date   string // the #Date: line before it: another one means another file
	cols   *w3c.Columns
}

// waitingLine is a copy of a line whose columns are not known yet.
type waitingLine struct {
	line   []byte
	host   string
	offset int64
	event  correlate.Instant
}

const (
	// noOffset stands for a line that came without one; it uses the latest columns.
	noOffset = -1
	// maxColumnSets bounds the #Fields: of one source: IIS writes one at each start and after idle times, nearly
	// always the same, and the same columns are kept once.
	maxColumnSets = 256
	// waitBytes and waitTime bound what waits for a #Fields: that comes in a later chunk (SPEC section 3).
	waitBytes = 4 << 20
	waitTime  = 30 * time.Second
	// waitOverhead is what a waiting line costs beside its text.
	waitOverhead = 80
)

// origin gives the source of the tag being flushed and path, made when it is new.
func (s *Set) origin(path []byte) *origin {
	if o := s.last; o != nil && o.path == string(path) {
		return o
	}
	s.key = append(append(append(s.key[:0], s.lastTag...), 0), path...)
	o, ok := s.origins.Get(string(s.key))
	if !ok {
		s.nextID++
		o = &origin{id: s.nextID, path: string(path)}
		o.site = w3c.SiteFromPath([]byte(o.path))
		s.origins.Add(string(s.key), o)
	}
	s.last = o
	return o
}

// forget counts the lines of a source that is given up while they wait.
func (s *Set) forget(_ string, o *origin) {
	for i := range o.waiting {
		s.waitingBytes -= len(o.waiting[i].line) + waitOverhead
		s.refuse("columns_unknown")
	}
	o.waiting = nil
}

// columnsFor gives the columns of a line at offset: the last #Fields: at or before it, nil where none is known.
func (o *origin) columnsFor(offset int64) *w3c.Columns {
	if cols := lastBefore(o.columns, offset); cols != nil {
		return cols
	}
	return o.fallback
}

func lastBefore(sets []columnsAt, offset int64) *w3c.Columns {
	for i := len(sets) - 1; i >= 0; i-- {
		if offset == noOffset || sets[i].offset <= offset {
			return sets[i].cols
		}
	}
	return nil
}

// setColumns notes a #Fields: line. Where another #Date: or other columns stood at its place, the path has a new file.
func (o *origin) setColumns(offset int64, cols *w3c.Columns) {
	next := columnsAt{offset: offset, date: string(o.date), cols: cols}
	if offset == noOffset {
		o.columns = append(o.columns[:0], next)
		return
	}
	for i := range o.columns {
		at := &o.columns[i]
		if at.offset == offset {
			if at.date == next.date && at.cols.Equal(cols) {
				return // the same line again
			}
			o.previous, o.columns = o.columns, nil
			break
		}
	}
	i := len(o.columns)
	for i > 0 && o.columns[i-1].offset > offset {
		i--
	}
	if i > 0 && o.columns[i-1].cols.Equal(cols) {
		next.cols = o.columns[i-1].cols
	}
	o.columns = append(o.columns, columnsAt{})
	copy(o.columns[i+1:], o.columns[i:])
	o.columns[i] = next
	if len(o.columns) > maxColumnSets {
		o.columns = append(o.columns[:0], o.columns[1:]...)
	}
}
