// SPDX-License-Identifier: Apache-2.0

// Package chunk walks the msgpack buffer that one Fluent Bit flush hands to an
// output plugin, event by event, without copying and without allocating.
//
// A chunk is a row of msgpack values. A log event is one of
//
//	[timestamp, body]               the older framing
//	[[timestamp, metadata], body]   since Fluent Bit 2.1
//
// where body and metadata are maps and the timestamp is Fluent Bit's EventTime
// (ext type 0: seconds and nanoseconds, 32 bits each, big-endian), an integer or
// a float. Headers of every width are read: the tail input writes 32-bit headers
// for maps of two entries. Events dated -1 and -2 are group markers. Metrics and
// traces are maps at the top level. Both are skipped and counted.
// The framing follows include/fluent-bit/flb_log_event.h and
// src/flb_log_event_decoder.c of fluent/fluent-bit.
//
// Every byte is taken for hostile. A walk reads each byte at most three times,
// never recurses and holds nothing but the position; lengths and counts are
// checked against the bytes that are left before they are used. There are three
// ends a chunk can come to:
//
//   - all its values are whole: Reader.Err is nil;
//   - it stops inside a value: ErrTruncated, after the events before it;
//   - a byte that msgpack does not know stands where a value should begin:
//     ErrMalformed, after the events before it.
//
// A value that is whole but no usable event (no time, a body that is no map, too
// deep, too large) costs itself only: it is counted and the walk goes on.
//
// Event, Map, Array and Value are views into the chunk. In a plugin the chunk
// belongs to Fluent Bit and is gone when the flush returns, so whatever is kept
// has to be copied.
package chunk
