// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"time"

	"webshell/correlate"
	"webshell/correlate/w3c"
)

// waitingLine is a copy of a line whose columns are not known yet.
type waitingLine struct {
	line   []byte
	host   []byte
	offset int64
	event  correlate.Instant
}

const (
	// waitBytes and waitTime bound what waits for a #Fields: that comes in a later chunk (SPEC section 3).
	waitBytes = 4 << 20
	waitTime  = 30 * time.Second
	// waitOverhead is what a waiting line costs beside its texts.
	waitOverhead = 80
)

func (w *waitingLine) size() int { return len(w.line) + len(w.host) + waitOverhead }

func (w *waitingLine) raw() rawLine {
	return rawLine{text: w.line, host: w.host, offset: w.offset, event: w.event}
}

// wait keeps a copy of a line until its columns are known, or there is no more room or time.
func (s *Set) wait(o *origin, in *rawLine) {
	if len(o.waiting) == 0 {
		o.waitingSince = s.wall
	}
	w := waitingLine{bytes.Clone(in.text), bytes.Clone(in.host), in.offset, in.event}
	o.waiting = append(o.waiting, w)
	s.waitingBytes += w.size()
	if s.waitingBytes > waitBytes {
		s.settle(o)
	}
}

// releaseLater has the waiting lines of o looked at when the chunk is done: once a chunk, however often it tells
// something new.
func (s *Set) releaseLater(o *origin) {
	if len(o.waiting) > 0 && !o.isDue {
		o.isDue = true
		s.due = append(s.due, o)
	}
}

// releaseDue uses the waiting lines whose columns are sure by now.
func (s *Set) releaseDue() {
	for i, o := range s.due {
		s.due[i], o.isDue = nil, false
		s.release(o)
	}
	s.due = s.due[:0]
}

func (s *Set) release(o *origin) {
	waiting := o.waiting
	o.waiting = nil
	for i := range waiting {
		w := &waiting[i]
		if at, isSure := o.columnsOf(w.offset); at != nil && isSure {
			s.waitingBytes -= w.size()
			s.useWaiting(o, w, at)
		} else {
			o.waiting = append(o.waiting, *w)
		}
	}
}

func (s *Set) useWaiting(o *origin, w *waitingLine, at *columnsAt) {
	in := w.raw()
	o.date = o.dateOf(in.offset)
	s.useLine(o, &in, at)
}

// settle uses the waiting lines as well as can be: by the columns that are known before them although others may
// stand between, else by those that the configuration gives, else by IIS's own choice where that makes sense of them.
// Later lines of the source do not wait for the same.
func (s *Set) settle(o *origin) {
	waiting := o.waiting
	o.waiting = nil
	s.chooseFallback(o, waiting)
	for i := range waiting {
		w := &waiting[i]
		s.waitingBytes -= w.size()
		at, isSure := o.columnsOf(w.offset)
		if at == nil {
			s.refuse("columns_unknown")
			continue
		}
		o.isGappy = o.isGappy || !isSure
		s.useWaiting(o, w, at)
	}
}

// chooseFallback sets the columns of lines that no #Fields: speaks for, where one of these is such a line.
func (s *Set) chooseFallback(o *origin, lines []waitingLine) {
	for i := range lines {
		if o.fallback != nil {
			return
		}
		if at, _ := o.columnsOf(lines[i].offset); at == nil {
			in := lines[i].raw()
			s.fallBack(o, &in)
		}
	}
}

// fallBack gives the columns of a line that no #Fields: speaks for, nil where nothing makes sense of it: what the
// configuration says, else IIS's own choice if by that the line's date, time, addresses and status parse.
func (s *Set) fallBack(o *origin, in *rawLine) *columnsAt {
	cols := s.opt.Fields
	if cols == nil && s.fitsDefaults(in) {
		cols = s.defaults
	}
	if cols != nil {
		o.fallback = &columnsAt{cols: cols}
	}
	return o.fallback
}

func (s *Set) fitsDefaults(in *rawLine) bool {
	l := &s.line
	l.Event, l.Days = in.event, w3c.Days{}
	return l.Peek(s.defaults, in.text) == nil && l.Split(s.defaults, &s.req) == nil && w3c.Plausible(&s.req)
}
