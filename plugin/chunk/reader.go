// SPDX-License-Identifier: Apache-2.0

package chunk

import "encoding/binary"

// Bounds on one event. Records of tail are maps of a few leaves; structured
// alerts nest some ten deep and list some hundred entities.
const (
	// MaxDepth is the greatest nesting that can be allowed, and the default:
	// well above what any log source writes, small enough for a fixed stack.
	MaxDepth = 64

	// DefaultCount bounds the entries of one map and the elements of one array.
	DefaultCount = 1 << 16

	// DefaultEventBytes bounds a whole event. Fluent Bit cuts chunks at about
	// 2 MB, but one record may be larger.
	DefaultEventBytes = 64 << 20
)

// Limits bound the events of a chunk; a zero field means its default. An event
// beyond a limit is skipped and counted, the walk goes on.
type Limits struct {
	Depth int // maps and arrays inside each other, the body counted; 1 to MaxDepth
	Count int // entries of one map, elements of one array
	Bytes int // whole event
}

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 || l.Depth > MaxDepth {
		l.Depth = MaxDepth
	}
	if l.Count <= 0 {
		l.Count = DefaultCount
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultEventBytes
	}
	return l
}

// Skipped counts the values of a chunk that Next passed over.
type Skipped struct {
	GroupStart int // markers that open a group of events
	GroupEnd   int // markers that close one
	NotAnEvent int // metrics, traces, scalars, arrays of another length than two
	BadEvent   BadEvents
}

// BadEvents counts the two-element arrays that are no usable event, by the
// first reason found.
type BadEvents struct {
	Time     int // ErrTime
	Header   int // ErrHeader
	Body     int // ErrBody
	TooDeep  int // ErrTooDeep
	TooLarge int // ErrTooLarge
}

// Total is the sum over all reasons.
func (b BadEvents) Total() int {
	return b.Time + b.Header + b.Body + b.TooDeep + b.TooLarge
}

// Reader walks the events of one chunk after another. The zero Reader is an
// empty chunk; Reset gives it one. A Reader is not for concurrent use.
type Reader struct {
	data    []byte
	pos     int // where the next value begins; all before is whole and accounted for
	index   int // of the value at pos
	bounds  bounds
	bytes   int
	event   Event
	skipped Skipped
	stencil *Stencil
	stopped fault // why the walk ended before the end of data
	bad     Error // the first bad event; Err is nil when there was none
}

// Reset begins a walk over data, which the Reader keeps and never writes to. The
// zero Limits are the defaults. Counts and errors start anew; Reset with nil
// data lets go of the chunk.
func (r *Reader) Reset(data []byte, lim Limits) {
	lim = lim.withDefaults()
	*r = Reader{
		data:   data,
		bounds: bounds{depth: lim.Depth, count: int64(lim.Count), values: noLimit},
		bytes:  lim.Bytes,
	}
}

// Expect has the Reader pass over a body that fits s in one comparison, and say so in the event (IsAlike). s may learn
// between two calls of Next. Reset forgets it.
func (r *Reader) Expect(s *Stencil) { r.stencil = s }

// Next gives the next log event. It is false at the end of the chunk, clean or
// not: Err tells.
func (r *Reader) Next() (*Event, bool) {
	for r.stopped == faultNone && r.pos < len(r.data) {
		end, f := r.read(r.pos)
		if f == faultNone {
			r.pos = end
			r.index++
			return &r.event, true
		}
		r.skip(f)
	}
	return nil, false
}

// Err is nil while the walk goes on and after a clean end, else an *Error with
// ErrTruncated or ErrMalformed. Every byte before its Offset belongs to a value
// that was delivered or counted.
func (r *Reader) Err() error {
	if r.stopped == faultNone {
		return nil
	}
	return &Error{Event: r.index, Offset: r.pos, Err: r.stopped.err()}
}

// Skipped counts what was passed over since Reset.
func (r *Reader) Skipped() Skipped { return r.skipped }

// FirstBad is nil, or the *Error of the first event counted in
// Skipped.BadEvent: one for a log line, the counts tell the rest.
func (r *Reader) FirstBad() error {
	if r.bad.Err == nil {
		return nil
	}
	bad := r.bad
	return &bad
}

// read reads the event at start into r.event. On a fault the event has to be
// skipped; where it ends is then unknown.
func (r *Reader) read(start int) (end int, f fault) {
	ev := &r.event
	ev.Offset, ev.Metadata, ev.HasTime = start, Map{}, true
	pos, timeFault := r.readEncoderHeader(start)
	if pos < 0 {
		if pos, timeFault = r.readHeader(start); pos < 0 {
			return 0, timeFault
		}
	}
	if timeFault == faultTime {
		return 0, timeFault
	}
	if end, f = r.bodyEnd(pos); f != faultNone {
		return 0, f
	}
	if end-start > r.bytes {
		return 0, faultSize
	}
	ev.Raw = r.data[pos:end:end]
	ev.Body = Map{raw: ev.Raw}
	return end, timeFault
}

// bodyEnd finds where the body at pos ends.
func (r *Reader) bodyEnd(pos int) (end int, f fault) {
	ev := &r.event
	if ev.IsAlike = false; r.stencil != nil {
		number, text, size := r.stencil.matchFront(r.data[pos:])
		if size > 0 {
			ev.IsAlike, ev.Number, ev.Text = true, number, text
			return pos + size, faultNone
		}
	}
	return r.mapEnd(pos, faultBody)
}

// What Fluent Bit's own encoder puts before a body: two array headers of 32 bits,
// an EventTime and an empty map with a header of 32 bits.
const (
	encoderHeaderSize = 5 + 5 + 2 + eventTimeSize + 5
	encoderArrays     = 0xdd_00000002_dd_0000 // the first eight bytes
	encoderTime       = 0x0002_d7_00          // the four behind them
	encoderMap        = 0xdf_000000           // the four behind the time, and a zero
)

// readEncoderHeader is readHeader for the header that nearly every event has,
// compared as a whole; body is -1 for any other.
func (r *Reader) readEncoderHeader(start int) (body int, f fault) {
	b := r.data[start:]
	if len(b) < encoderHeaderSize ||
		binary.BigEndian.Uint64(b) != encoderArrays || binary.BigEndian.Uint32(b[8:]) != encoderTime ||
		binary.BigEndian.Uint32(b[20:]) != encoderMap || b[24] != 0 {
		return -1, faultNone
	}
	return start + encoderHeaderSize, r.event.setEventTime(binary.BigEndian.Uint64(b[12:]))
}

// readHeader reads what stands before the body; body is where that begins, -1 on
// a fault. The fault may also be of the time alone, or a marker.
func (r *Reader) readHeader(start int) (body int, f fault) {
	n, pos, ok := container(r.data, start, ArrayKind)
	if !ok || n != 2 {
		return -1, foreign
	}
	n, first, ok := container(r.data, pos, ArrayKind)
	if !ok {
		return readTime(r.data, pos, &r.event)
	}
	if n != 2 {
		return -1, faultHeader
	}
	pos, f = readTime(r.data, first, &r.event)
	if pos < 0 {
		return -1, f
	}
	end, mapFault := r.mapEnd(pos, faultHeader)
	if mapFault != faultNone {
		return -1, mapFault
	}
	r.event.Metadata = Map{raw: r.data[pos:end:end]}
	return end, f
}

// mapEnd finds where the map at pos ends; another kind of value is the fault
// otherwise.
func (r *Reader) mapEnd(pos int, otherwise fault) (end int, f fault) {
	if uint(pos) >= uint(len(r.data)) {
		return 0, faultTruncated
	}
	if codes[r.data[pos]].kind != MapKind {
		return 0, otherwise
	}
	return mapEnd(r.data, pos, &r.bounds)
}

// skip passes over the value at r.pos, which read refused for the reason f. The
// value's own framing decides first: a cut or corrupt one ends the walk.
func (r *Reader) skip(f fault) {
	end, framing := extent(r.data, r.pos)
	if framing != faultNone {
		r.stopped = framing
		return
	}
	r.count(f)
	r.pos = end
	r.index++
}

func (r *Reader) count(f fault) {
	s := &r.skipped
	switch f {
	case markerStart:
		s.GroupStart++
		return
	case markerEnd:
		s.GroupEnd++
		return
	case faultTime:
		s.BadEvent.Time++
	case faultHeader:
		s.BadEvent.Header++
	case faultBody:
		s.BadEvent.Body++
	case faultDepth:
		s.BadEvent.TooDeep++
	case faultSize:
		s.BadEvent.TooLarge++
	default:
		s.NotAnEvent++
		return
	}
	if r.bad.Err == nil {
		r.bad = Error{Event: r.index, Offset: r.pos, Err: f.err()}
	}
}
