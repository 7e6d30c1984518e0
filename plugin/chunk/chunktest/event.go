// SPDX-License-Identifier: Apache-2.0

// Package chunktest builds chunks for tests: log events in both framings, with
// headers of any width, byte for byte the same at every run. It panics on what it
// can't encode, for that is a mistake in the test.
package chunktest

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Time is the form in which a timestamp is written.
type Time uint8

// Forms of timestamps. The integers and floats hold the seconds, those of 64-bit
// floats the nanoseconds as well.
const (
	EventTime     Time = iota // ext type 0 in fixext8, as Fluent Bit writes it
	EventTimeExt8             // the same with an explicit length
	Uint32
	Uint64
	Int32
	Int64
	Float32
	Float64
	NoTime // nil
)

// Framing says how Event writes an event.
type Framing struct {
	Header   bool  // [[timestamp, metadata], body], else [timestamp, body]
	Width    Width // of the headers of arrays and maps
	Text     Width // of the headers of strings and binaries
	Time     Time
	Metadata Pairs // with Header
}

// Old is the framing of Fluent Bit before 2.1, with the shortest headers.
func Old() Framing { return Framing{} }

// New is the framing of Fluent Bit since 2.1, with the shortest headers.
func New() Framing { return Framing{Header: true} }

// TailFraming is what the tail input writes: the new framing, arrays and maps
// with 32-bit headers however small, texts with the shortest
// (fluent/fluent-bit: src/flb_log_event_encoder_dynamic_field.c).
func TailFraming() Framing { return Framing{Header: true, Width: W32} }

// Event encodes one event; body is its keys and values in turn, see Append for
// what they may be. Seconds -1 and -2 make a group marker in every form.
func Event(f Framing, sec int64, nsec uint32, body ...any) []byte {
	b := appendContainer(nil, f.Width, fixArray, 2)
	if f.Header {
		b = appendContainer(b, f.Width, fixArray, 2)
	}
	b = appendTime(b, f.Time, sec, nsec)
	if f.Header {
		b = f.append(b, f.Metadata)
	}
	return f.append(b, Pairs(body))
}

// TailTime is the time of the events that Tail gives, in Unix seconds:
// 2026-03-02T10:00:07Z.
const TailTime = 1772445607

// Tail is the event that the tail input makes of a line, with its path_key and
// offset_key set to path and offset, at TailTime.
func Tail(path string, offset uint64, line string) []byte {
	return Event(TailFraming(), TailTime, 0, "path", path, "offset", offset, "log", line)
}

// Chunk joins events to a chunk.
func Chunk(events ...[]byte) []byte {
	var b []byte
	for _, e := range events {
		b = append(b, e...)
	}
	return b
}

func appendTime(b []byte, form Time, sec int64, nsec uint32) []byte {
	switch form {
	case EventTime:
		return appendEventTime(append(b, 0xd7, 0), sec, nsec)
	case EventTimeExt8:
		return appendEventTime(append(b, 0xc7, 8, 0), sec, nsec)
	case Uint32:
		return binary.BigEndian.AppendUint32(append(b, 0xce), uint32(sec))
	case Uint64:
		return binary.BigEndian.AppendUint64(append(b, 0xcf), uint64(sec))
	case Int32:
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(sec))
	case Int64:
		return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(sec))
	case Float32:
		return binary.BigEndian.AppendUint32(append(b, 0xca), math.Float32bits(float32(sec)))
	case Float64:
		seconds := float64(sec) + float64(nsec)/1e9
		return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(seconds))
	case NoTime:
		return append(b, 0xc0)
	}
	panic(fmt.Sprintf("BUG: chunktest: time form %d", form))
}

func appendEventTime(b []byte, sec int64, nsec uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, uint32(sec)), nsec)
}
