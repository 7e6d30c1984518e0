// SPDX-License-Identifier: Apache-2.0

package chunk

import (
	"errors"
	"strconv"
)

// What can be wrong with a chunk, an event or a value. Reader.Err gives the
// first two, which end a walk; Reader.FirstBad gives the others; Decode any but
// those about events.
var (
	ErrTruncated = errors.New("data ends inside a value")
	ErrMalformed = errors.New("byte that begins no msgpack value")
	ErrTooDeep   = errors.New("nested deeper than the limit")
	ErrTooLarge  = errors.New("larger than the limit")
	ErrTime      = errors.New("timestamp is none, or out of range")
	ErrHeader    = errors.New("event header is not [timestamp, map]")
	ErrBody      = errors.New("event body is not a map")
)

// Error says where in a chunk something was wrong.
type Error struct {
	Event  int   // which value of the chunk, from 0; skipped ones count
	Offset int   // where that value begins, in bytes from the chunk's start
	Err    error // one of the package's sentinels
}

// Error gives the place and the reason; no byte of the chunk is in it.
func (e *Error) Error() string {
	return "event " + strconv.Itoa(e.Event) + " at offset " + strconv.Itoa(e.Offset) + ": " + e.Err.Error()
}

// Unwrap gives the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// fault is a sentinel in a register: the walk returns one for each value.
type fault uint8

const (
	faultNone fault = iota
	faultTruncated
	faultMalformed
	faultDepth
	faultSize
	faultTime
	faultHeader
	faultBody
	foreign     // not an event at all: no error
	markerStart // group marker: no error
	markerEnd
)

func (f fault) err() error {
	switch f {
	case faultTruncated:
		return ErrTruncated
	case faultMalformed:
		return ErrMalformed
	case faultDepth:
		return ErrTooDeep
	case faultSize:
		return ErrTooLarge
	case faultTime:
		return ErrTime
	case faultHeader:
		return ErrHeader
	case faultBody:
		return ErrBody
	}
	return nil
}
