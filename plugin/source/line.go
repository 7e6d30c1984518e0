// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"

	"webshell/correlate"
	"webshell/correlate/w3c"
)

// rawLine is a line with what came beside it.
type rawLine struct {
	text   []byte
	host   []byte // Computer or the value of host_key, nil without
	offset int64  // noOffset without
	event  correlate.Instant
}

// addLine uses a raw line of o.
func (s *Set) addLine(o *origin, in *rawLine) {
	s.counters.Lines++
	if isDirective(in.text) {
		s.addDirective(o, in)
		return
	}
	if len(bytes.TrimRight(in.text, "\r \t")) == 0 {
		return // an empty CRLF line comes as "\r"
	}
	cols := o.columnsFor(in.offset)
	if cols == nil {
		if cols = s.columnsFromFile(o, in); cols == nil {
			s.wait(o, in)
			return
		}
	}
	s.useLine(o, in, cols)
}

// isDirective reports whether a line begins with "#", a byte order mark before it or not.
func isDirective(line []byte) bool {
	if len(line) > 0 && line[0] == 0xEF {
		line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
	}
	return len(line) > 0 && line[0] == '#'
}

// addDirective notes what a "#" line says of the lines behind it.
func (s *Set) addDirective(o *origin, in *rawLine) {
	s.counters.Directives++
	switch w3c.Directive(in.text) {
	case w3c.KindDate:
		date, err := w3c.ParseDate(in.text)
		if err != nil {
			s.refuse(w3c.Reason(err))
			return
		}
		o.days = w3c.Days{Date: date}
		o.date, o.dateAt = append(o.date[:0], in.text...), in.offset
	case w3c.KindFields:
		cols, err := w3c.ParseFields(in.text, &s.opt.W3C)
		if err != nil {
			s.refuse(w3c.Reason(err))
			return
		}
		o.setColumns(in.offset, cols)
		s.release(o)
	}
}

// useLine hands a line to the engine, by the columns that are its own.
func (s *Set) useLine(o *origin, in *rawLine, cols *w3c.Columns) {
	if err := s.useAs(o, in, cols); err == nil {
		return
	} else if other := lastBefore(o.previous, in.offset); other == nil || s.useAs(o, in, other) != nil {
		// Only a late line of the file that had this path before may have other columns.
		s.refuse(w3c.Reason(err))
	}
}

func (s *Set) useAs(o *origin, in *rawLine, cols *w3c.Columns) error {
	l := &s.line
	l.Event, l.Days = in.event, o.days
	if err := l.Peek(cols, in.text); err != nil {
		return err
	}
	o.days = l.Days
	if !s.engine.Wants(l.Stem) {
		s.engine.Observe(l.Time, s.wall)
		return nil
	}
	if err := l.Split(cols, &s.req); err != nil {
		return err
	}
	if in.offset != noOffset && s.seen.has(o, in) {
		s.counters.Duplicates++
		return nil
	}
	s.complete(o, in.host)
	if out := s.engine.AddRequest(&s.req, s.wall); out == correlate.Accepted && in.offset != noOffset {
		s.seen.add(o, in)
	}
	return nil
}

// complete fills in host and site where the line names none.
func (s *Set) complete(o *origin, host []byte) {
	if isNone(s.req.HostName) {
		if s.req.HostName = host; isNone(host) {
			s.req.HostName = s.computer
		}
	}
	if isNone(s.req.SiteName) {
		s.req.SiteName = o.site
	}
}

func isNone(b []byte) bool { return len(b) == 0 || len(b) == 1 && b[0] == '-' }

// wait keeps a copy of a line until its columns are known, or there is no more room or time.
func (s *Set) wait(o *origin, in *rawLine) {
	if len(o.waiting) == 0 {
		o.waitingSince = s.wall
	}
	o.waiting = append(o.waiting, waitingLine{bytes.Clone(in.text), string(in.host), in.offset, in.event})
	s.waitingBytes += len(in.text) + waitOverhead
	if s.waitingBytes > waitBytes {
		s.settle(o)
	}
}

// release uses the waiting lines whose columns are known by now.
func (s *Set) release(o *origin) {
	waiting := o.waiting
	o.waiting = nil
	for i := range waiting {
		w := &waiting[i]
		if cols := o.columnsFor(w.offset); cols != nil {
			s.waitingBytes -= len(w.line) + waitOverhead
			s.useLine(o, w.raw(), cols)
		} else {
			o.waiting = append(o.waiting, *w)
		}
	}
}

// settle uses the waiting lines by the columns that the configuration gives, else by IIS's own choice where that
// makes sense of them. Later lines of the source do not wait again.
func (s *Set) settle(o *origin) {
	if len(o.waiting) == 0 {
		return
	}
	o.fallback = s.opt.Fields
	if o.fallback == nil && s.fitsDefaults(o) {
		o.fallback = s.defaults
	}
	waiting := o.waiting
	o.waiting = nil
	for i := range waiting {
		w := &waiting[i]
		s.waitingBytes -= len(w.line) + waitOverhead
		if o.fallback == nil {
			s.refuse("columns_unknown")
			continue
		}
		s.useLine(o, w.raw(), o.fallback)
	}
}

// fitsDefaults reports whether a waiting line reads as one of IIS's default columns: its date, time, addresses and
// status parse.
func (s *Set) fitsDefaults(o *origin) bool {
	for i := range o.waiting {
		l := &s.line
		l.Event, l.Days = o.waiting[i].event, o.days
		if l.Peek(s.defaults, o.waiting[i].line) == nil && l.Split(s.defaults, &s.req) == nil && w3c.Plausible(&s.req) {
			return true
		}
	}
	return false
}

func (w *waitingLine) raw() *rawLine {
	in := &rawLine{text: w.line, offset: w.offset, event: w.event}
	if w.host != "" {
		in.host = []byte(w.host)
	}
	return in
}
