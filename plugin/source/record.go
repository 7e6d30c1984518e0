// SPDX-License-Identifier: Apache-2.0

package source

import (
	"webshell/correlate"
	"webshell/correlate/w3c"
	"webshell/plugin/chunk"
	"webshell/plugin/format"
)

// beside is what a record holds next to the request itself.
type beside struct {
	log, path, host, computer []byte
	offset                    int64
	isOurs                    bool
}

// addRequest reads an event as an IIS request, in whichever shape it comes.
func (s *Set) addRequest(ev *chunk.Event) {
	b := s.lookBeside(ev)
	if b.isOurs {
		s.counters.Own++
		return
	}
	o := s.origin(b.path)
	in := rawLine{text: b.log, host: b.hostName(), offset: b.offset, event: eventTime(ev, s.wall)}
	switch {
	case b.log == nil:
		in.text = ev.Raw
		s.addRecord(o, ev, &in)
	case len(b.log) > 0 && b.log[0] == '{':
		s.addText(o, &in)
	default:
		s.addLine(o, &in)
	}
}

// hostName is the record's Computer, else the value of host_key.
func (b *beside) hostName() []byte {
	if isNone(b.computer) {
		return b.host
	}
	return b.computer
}

// lookBeside finds the keys that the properties name. The keys of a raw line are few, so one look at each is cheap.
func (s *Set) lookBeside(ev *chunk.Event) beside {
	b := beside{offset: noOffset}
	var key []byte
	var val chunk.Value
	for it := ev.Body.Iter(); it.Next(&key, &val); {
		switch string(key) {
		case s.opt.LogKey:
			b.log = val.Bytes()
		case s.opt.PathKey:
			b.path = val.Bytes()
		case s.opt.OffsetKey:
			if n, ok := val.Int(); ok && n >= 0 {
				b.offset = n
			}
		case "Computer":
			b.computer = val.Bytes()
		case "DetectionId", "webshell", "unmapped", "finding_info", "AlertOriginalId", "AdditionalFields":
			b.isOurs = b.isOurs || isOurs(ev.Body)
		}
		if s.opt.HostKey != "" && string(key) == s.opt.HostKey {
			b.host = val.Bytes()
		}
	}
	return b
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

// addRecord reads a keyed record: the columns stand in it, or in the map of IIS's event stream that it holds.
func (s *Set) addRecord(o *origin, ev *chunk.Event, in *rawLine) {
	s.record.Reset()
	s.event.reset()
	s.fill(ev.Body, true)
	if !s.record.Has(w3c.URIStem) && s.event.isThere() {
		if !s.event.isRequest() {
			s.skip("other_event", 1)
			return
		}
		s.fillEvent()
	}
	s.useRecord(o, in)
}

// fill notes the columns of a map, and where it is the record itself, what tells an event.
func (s *Set) fill(m chunk.Map, isTop bool) {
	var key []byte
	var val chunk.Value
	for it := m.Iter(); it.Next(&key, &val); {
		if isTop && s.event.note(key, val) {
			continue
		}
		s.set(s.record.Field(&s.opt.W3C, key), val)
	}
}

func (s *Set) set(f w3c.Field, val chunk.Value) {
	switch val.Kind {
	case chunk.String, chunk.Binary:
		s.record.Set(f, val.Bytes())
	case chunk.Int, chunk.Uint:
		if n, ok := val.Int(); ok {
			s.record.SetInt(f, n)
		}
	}
}

// useRecord hands what was noted to the engine.
func (s *Set) useRecord(o *origin, in *rawLine) {
	if err := s.record.Request(&s.opt.W3C, in.event, &s.req); err != nil {
		s.refuse(w3c.Reason(err))
		return
	}
	if !s.engine.Wants(s.req.URIStem) {
		s.engine.Observe(s.req.Time, s.wall)
		return
	}
	if in.offset != noOffset && s.seen.has(o, in) {
		s.counters.Duplicates++
		return
	}
	s.complete(o, in.host)
	if out := s.engine.AddRequest(&s.req, s.wall); out == correlate.Accepted && in.offset != noOffset {
		s.seen.add(o, in)
	}
}
