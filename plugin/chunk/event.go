// SPDX-License-Identifier: Apache-2.0

package chunk

import (
	"encoding/binary"
	"math"
)

// Event is one log event. It and all it holds are views into the chunk, good
// until the next call of Next or the end of the chunk's life.
type Event struct {
	Time     int64  // Unix nanoseconds UTC; 1970 to 2262
	HasTime  bool   // false when the timestamp is nil
	Metadata Map    // empty in the older framing
	Body     Map    // the record
	Offset   int    // where the event begins in the chunk
	Raw      []byte // the bytes of the body map

	// IsAlike tells that the body fits the stencil that the Reader was given, with these two values.
	IsAlike bool
	Number  uint64
	Text    []byte
}

const (
	nanosPerSecond = 1_000_000_000

	// maxSeconds is what an int64 of nanoseconds can hold: April 2262.
	maxSeconds = math.MaxInt64/nanosPerSecond - 1

	eventTimeSize = 8 // seconds and nanoseconds of EventTime, after code and type
)

// Seconds of group markers (flb_log_event.h: FLB_LOG_EVENT_GROUP_START and _END).
const (
	groupStart = -1
	groupEnd   = -2
)

// readTime reads the timestamp at pos into ev; next is where it ends, -1 where
// none stands.
func readTime(data []byte, pos int, ev *Event) (next int, f fault) {
	next, left := leaves(data, pos, 1)
	if left > 0 {
		return -1, faultTime
	}
	return next, ev.setTime(valueOf(data[pos:next]))
}

// setEventTime takes the eight bytes of an EventTime. Seconds are unsigned (to
// the year 2106) but for the two that mark groups.
func (ev *Event) setEventTime(bits uint64) fault {
	sec, nsec := uint32(bits>>32), uint32(bits)
	if sec >= math.MaxUint32-1 {
		return marker(int64(int32(sec)))
	}
	if nsec >= nanosPerSecond {
		return faultTime
	}
	ev.Time = int64(sec)*nanosPerSecond + int64(nsec)
	return faultNone
}

// setTime takes a timestamp in any other form.
func (ev *Event) setTime(v Value) fault {
	switch v.Kind {
	case Nil:
		ev.Time, ev.HasTime = 0, false
		return faultNone
	case Int, Uint:
		sec, ok := v.Int()
		if !ok {
			return faultTime
		}
		return ev.setSeconds(sec, 0)
	case Float:
		return ev.setFloat(v)
	case Ext:
		typ, b, _ := v.Ext()
		if typ != 0 || len(b) != eventTimeSize {
			return faultTime
		}
		return ev.setEventTime(binary.BigEndian.Uint64(b))
	}
	return faultTime
}

func (ev *Event) setFloat(v Value) fault {
	f, _ := v.Float()
	if !(f >= groupEnd && f <= maxSeconds) { // NaN fails every comparison
		return faultTime
	}
	sec := math.Trunc(f)
	if f < 0 && sec != f {
		return faultTime
	}
	return ev.setSeconds(int64(sec), int64((f-sec)*nanosPerSecond))
}

func (ev *Event) setSeconds(sec, nsec int64) fault {
	if sec < 0 || sec == math.MaxUint32 || sec == math.MaxUint32-1 {
		return marker(int64(int32(sec)))
	}
	if sec > maxSeconds {
		return faultTime
	}
	ev.Time = sec*nanosPerSecond + nsec
	return faultNone
}

// marker tells which marker sec, signed, stands for; other negative seconds are
// no time to Fluent Bit either.
func marker(sec int64) fault {
	switch sec {
	case groupStart:
		return markerStart
	case groupEnd:
		return markerEnd
	}
	return faultTime
}
