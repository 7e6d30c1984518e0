// SPDX-License-Identifier: Apache-2.0

package source

import (
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

func (in *rawLine) end() int64 { return in.offset + int64(len(in.text)) }

// addLine uses a raw line of o. Nearly every line is a request right behind the one before and has its columns.
func (s *Set) addLine(o *origin, in *rawLine) {
	s.counters.Lines++
	if o.current != nil && uint64(in.offset-o.next) <= uint64(closeTo) && isPlainStart(in.text) {
		o.next, o.flush = in.end(), s.flush
		s.useLine(o, in, o.current)
		return
	}
	s.place(o, in)
	switch w3c.Directive(in.text) {
	case w3c.KindRequest:
		s.addRequestLine(o, in)
	case w3c.KindBlank: // an empty CRLF line comes as "\r"
	default:
		s.addDirective(o, in)
	}
}

// isPlainStart reports whether a line begins as requests do: not with "#", a blank, or a byte order mark.
func isPlainStart(line []byte) bool {
	return len(line) > 0 && line[0] > ' ' && line[0] != '#' && line[0] < 0x80
}

// filterGap is how many bytes may be missing within a chunk: a filter took lines out, and they will not come. Where
// chunks of another machine were joined out of order, more is missing.
const filterGap = 512 << 10

// place notes where the line stands in its file.
func (s *Set) place(o *origin, in *rawLine) {
	o.leave()
	if in.offset == noOffset {
		return
	}
	from := in.offset
	if gap := from - o.next; o.flush == s.flush && gap > 0 && gap <= filterGap {
		from = o.next
	}
	if o.parts.add(from, in.end()) {
		s.releaseLater(o)
	}
	o.next, o.flush = in.end(), s.flush
}

// leave notes the lines that were passed over quickly.
func (o *origin) leave() {
	if o.current != nil {
		o.parts.add(o.since, o.next)
		o.current = nil
	}
}

// addRequestLine uses a line whose columns have to be found.
func (s *Set) addRequestLine(o *origin, in *rawLine) {
	at, isSure := o.columnsOf(in.offset)
	if !isSure && s.lookAt(o, in) {
		at, isSure = o.columnsOf(in.offset)
	}
	if !isSure {
		s.wait(o, in)
		return
	}
	if at == nil {
		if at = s.fallBack(o, in); at == nil {
			s.refuse("columns_unknown")
			return
		}
	}
	o.date = o.dateOf(in.offset)
	if in.offset != noOffset && len(o.waiting) == 0 { // else each line may close a gap
		o.current, o.since = at, in.offset
	}
	s.useLine(o, in, at)
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
		s.setDate(o, in.offset, date)
	case w3c.KindFields:
		cols, err := w3c.ParseFields(in.text, &s.opt.W3C)
		if err != nil {
			s.refuse(w3c.Reason(err))
			return
		}
		s.setColumns(o, in.offset, cols)
		if in.offset != noOffset {
			o.parts.add(in.offset, in.end()) // again: the file may be a new one
		}
		s.releaseLater(o)
	}
}

// useLine hands a line to the engine, by the columns that are its own.
func (s *Set) useLine(o *origin, in *rawLine, at *columnsAt) {
	err := s.useAs(o, in, at)
	if err == nil {
		return
	}
	// Only a late line of the file that had this path before may have other columns.
	if other := lastBefore(o.previous, in.offset); other == nil || s.useAs(o, in, other) != nil {
		s.refuse(w3c.Reason(err))
	}
}

func (s *Set) useAs(o *origin, in *rawLine, at *columnsAt) error {
	l := &s.line
	l.Event = in.event
	if err := s.peek(o, at.cols, in.text); err != nil {
		return err
	}
	if !s.engine.Wants(l.Stem) {
		if l.Stem[0] != '/' { // IIS logs a path; what is none may be a value of another column
			if err := l.Split(at.cols, &s.req); err != nil {
				return err
			}
		}
		s.engine.Observe(l.Time, s.wall)
		return nil
	}
	if err := l.Split(at.cols, &s.req); err != nil {
		return err
	}
	s.addOnce(o, in)
	return nil
}

// peek reads a line's URL and time; a time alone is of the day that its #Date: began.
func (s *Set) peek(o *origin, cols *w3c.Columns, line []byte) error {
	l := &s.line
	if o.date == nil {
		l.Days = w3c.Days{}
		return l.Peek(cols, line)
	}
	l.Days = o.date.days
	err := l.Peek(cols, line)
	o.date.days = l.Days
	return err
}

// addOnce hands the request at hand to the engine unless its line was counted before.
func (s *Set) addOnce(o *origin, in *rawLine) {
	s.complete(o, in.host)
	if in.offset == noOffset {
		s.engine.AddRequest(&s.req, s.wall)
		return
	}
	f, m := s.file(o), mark(in)
	if s.seen.has(f, in.offset, m) {
		s.counters.Duplicates++
		return
	}
	if s.engine.AddRequest(&s.req, s.wall) == correlate.Accepted {
		s.seen.add(f, in.offset, m)
	}
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
