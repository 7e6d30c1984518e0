// SPDX-License-Identifier: Apache-2.0

package source

import (
	"slices"

	"webshell/correlate"
	"webshell/correlate/w3c"
)

// columnsAt says that the lines from an offset on have these columns.
type columnsAt struct {
	offset int64             // of the #Fields: line
	date   correlate.Instant // of the #Date: right before it, 0 without
	cols   *w3c.Columns
	bytes  int // what it takes
}

// dateAt says that the lines from an offset on follow this #Date: line.
type dateAt struct {
	offset int64
	date   correlate.Instant
	days   w3c.Days // for lines with a time alone
}

const (
	// noOffset stands for a line that came without one; it uses the latest columns.
	noOffset = -1
	// maxDirectives bounds the #Fields: and the #Date: of one source: IIS writes them at each start and after idle
	// times, the columns nearly always the same, which are kept once.
	maxDirectives = 256
	// headerBytes is how far before a #Fields: its #Date: may stand; IIS writes one right before the other.
	headerBytes = 1 << 10
)

// columnsOf gives the columns of a line at offset, those of the last #Fields: at or before it; nil where none is
// known. isSure is false while another #Fields: may stand between that and the line.
func (o *origin) columnsOf(offset int64) (at *columnsAt, isSure bool) {
	if offset == noOffset {
		if n := len(o.columns); n > 0 {
			return o.columns[n-1], true
		}
		return o.fallback, o.fallback != nil
	}
	part := o.parts.at(offset)
	if at = lastBefore(o.columns, offset); at != nil {
		return at, o.isGappy || part.from <= at.offset
	}
	return o.fallback, o.fallback != nil || part.from == 0
}

func lastBefore(sets []*columnsAt, offset int64) *columnsAt {
	for i := len(sets) - 1; i >= 0; i-- {
		if sets[i].offset <= offset {
			return sets[i]
		}
	}
	return nil
}

// setColumns notes a #Fields: line. Where other columns stood at its place, or another #Date: before it, the path has
// a new file.
func (s *Set) setColumns(o *origin, offset int64, cols *w3c.Columns) {
	next := s.columnsAt(offset, cols)
	if offset == noOffset {
		o.columns = append(o.columns[:0], next)
		return
	}
	if d := o.dateOf(offset); d != nil && offset-d.offset <= headerBytes {
		next.date = d.date
	}
	i := len(o.columns)
	for i > 0 && o.columns[i-1].offset >= offset {
		i--
	}
	if i < len(o.columns) && o.columns[i].offset == offset {
		at := o.columns[i]
		if (at.date == next.date || at.date == 0 || next.date == 0) && at.cols.Equal(cols) {
			return // the same line again
		}
		o.begin()
		i = 0
	}
	o.columns = slices.Insert(o.columns, i, next)
	if len(o.columns) > maxDirectives {
		o.columns = slices.Delete(o.columns, 0, 1)
	}
	s.charge(o)
}

// columnsAt makes a node of columns; most files have the same ones, which are kept once.
func (s *Set) columnsAt(offset int64, cols *w3c.Columns) *columnsAt {
	at := &columnsAt{offset: offset, cols: cols, bytes: nodeBytes}
	if s.columns.Equal(cols) {
		at.cols = s.columns
		return at
	}
	s.columns = cols
	at.bytes += columnsBytes + len(cols.String())
	return at
}

// setDate notes a #Date: line. Where another date stood at its place, the path has a new file.
func (s *Set) setDate(o *origin, offset int64, date correlate.Instant) {
	next := &dateAt{offset: offset, date: date, days: w3c.Days{Date: date}}
	if offset == noOffset {
		o.dates = append(o.dates[:0], next)
		return
	}
	i := len(o.dates)
	for i > 0 && o.dates[i-1].offset >= offset {
		i--
	}
	if i < len(o.dates) && o.dates[i].offset == offset {
		if o.dates[i].date == date {
			return // the same line again
		}
		o.begin()
		o.dates, i = nil, 0
	}
	o.dates = slices.Insert(o.dates, i, next)
	if len(o.dates) > maxDirectives {
		o.dates = slices.Delete(o.dates, 0, 1)
	}
	s.charge(o)
}

// dateOf gives the last #Date: at or before offset, nil where none is known.
func (o *origin) dateOf(offset int64) *dateAt {
	for i := len(o.dates) - 1; i >= 0; i-- {
		if offset == noOffset || o.dates[i].offset <= offset {
			return o.dates[i]
		}
	}
	return nil
}

// begin forgets what was known of the file that had this path before, but for its columns: some of its lines may be
// late.
func (o *origin) begin() {
	o.previous, o.columns, o.parts, o.isGappy = o.columns, nil, nil, false
}
