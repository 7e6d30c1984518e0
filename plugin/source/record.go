// SPDX-License-Identifier: Apache-2.0

package source

import (
	"math"

	"webshell/correlate/w3c"
	"webshell/plugin/chunk"
	"webshell/plugin/format"
)

// beside is what a record holds next to the request itself.
type beside struct {
	log, path, host, computer []byte
	structure                 chunk.Map // of log_key, where it is no text
	offset                    int64
	mayBeOurs                 bool
}

// addRequest reads an event as an IIS request, in whichever shape it comes.
func (s *Set) addRequest(ev *chunk.Event) {
	in := rawLine{event: eventTime(ev, s.wall)}
	if o := s.before.match(ev, &in); o != nil {
		s.addLine(o, &in)
		return
	}
	s.addAny(ev, &in)
}

// addAny is addRequest for a record that is not like the one before.
func (s *Set) addAny(ev *chunk.Event, in *rawLine) {
	var b beside
	s.read(ev.Body, &b)
	if b.mayBeOurs && (isOurs(ev.Body) || isOurs(b.structure)) {
		s.counters.Own++
		return
	}
	o := s.origin(b.path)
	in.text, in.host, in.offset = b.log, b.hostName(), b.offset
	switch {
	case b.log == nil:
		in.text = ev.Raw
		s.addRecord(o, in)
	case isJSON(b.log):
		s.addText(o, in)
	default:
		s.before.learn(&s.opt, ev.Body, o, in)
		s.addLine(o, in)
	}
}

// isJSON reports whether a line is JSON text, which no line of a log begins as.
func isJSON(line []byte) bool {
	for len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
		line = line[1:]
	}
	return len(line) > 0 && line[0] == '{'
}

// hostName is the record's Computer, else the value of host_key.
func (b *beside) hostName() []byte {
	if isNone(b.computer) {
		return b.host
	}
	return b.computer
}

// read notes all of a record, the columns in s.record and what tells an event in s.event.
func (s *Set) read(body chunk.Map, b *beside) {
	b.offset = noOffset
	s.record.Reset()
	s.event.reset()
	s.readMap(body, &s.bodyKeys, b)
	if b.structure.Len() > 0 && b.log == nil {
		inner := beside{}
		s.readMap(b.structure, &s.structureKeys, &inner)
		b.mayBeOurs = b.mayBeOurs || inner.mayBeOurs
	}
}

func (s *Set) readMap(m chunk.Map, keys *keyCache, b *beside) {
	var val chunk.Value
	it := m.Iter()
	for i := 0; ; i++ {
		k, ok := keys.next(&s.opt, &it, i, &val)
		if !ok {
			return
		}
		switch k.role {
		case roleNone:
		case roleLog:
			b.log, b.structure = logged(val)
		case rolePath:
			b.path = val.Bytes()
		case roleOffset:
			if n, ok := val.Int(); ok && n >= 0 && n <= maxOffset {
				b.offset = n
			}
		case roleComputer:
			b.computer = val.Bytes()
		case roleOwn:
			b.mayBeOurs = true
		case roleEntry:
			s.noteEntry(val)
		default:
			s.event.note(k.role, val)
		}
		if k.isHost {
			b.host = val.Bytes()
		}
		if k.field != w3c.Other {
			s.set(k.field, val)
		}
	}
}

// logged is what stands under log_key: a line, or a structure that was made of one.
func logged(val chunk.Value) (line []byte, structure chunk.Map) {
	if line = val.Bytes(); line == nil {
		structure, _ = val.Map()
	}
	return line, structure
}

func (s *Set) set(f w3c.Field, val chunk.Value) {
	switch val.Kind {
	case chunk.String, chunk.Binary:
		s.record.Set(f, val.Bytes())
	case chunk.Int, chunk.Uint:
		if n, ok := val.Int(); ok {
			s.record.SetInt(f, n)
		}
	case chunk.Float: // JSON and Lua make one of every number
		if x, ok := val.Float(); ok && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			s.record.SetInt(f, int64(x))
		}
	}
}

// isOurs reports whether a record is a detection of this product that came back.
func isOurs(body chunk.Map) bool {
	return format.IsOwn(func(path ...string) (string, bool) {
		m := body
		for i, key := range path {
			v, ok := m.Get(key)
			if !ok {
				return "", false
			}
			if i == len(path)-1 {
				return string(v.Bytes()), v.Kind == chunk.String
			}
			if m, ok = v.Map(); !ok {
				return "", false
			}
		}
		return "", false
	})
}

// addRecord uses a keyed record: the columns stood in it, or stand in the event that it wraps.
func (s *Set) addRecord(o *origin, in *rawLine) {
	if !s.record.Has(w3c.URIStem) && s.event.isThere() {
		if !s.event.isRequest() {
			s.skip("other_event", 1)
			return
		}
		s.fillEvent()
	}
	s.useRecord(o, in)
}

// useRecord hands what was noted to the engine.
func (s *Set) useRecord(o *origin, in *rawLine) {
	if err := s.record.Peek(in.event); err != nil {
		s.refuse(w3c.Reason(err))
		return
	}
	if !s.engine.Wants(s.record.Stem) {
		s.engine.Observe(s.record.Time, s.wall)
		return
	}
	s.record.Request(&s.opt.W3C, &s.req)
	s.addOnce(o, in)
}
