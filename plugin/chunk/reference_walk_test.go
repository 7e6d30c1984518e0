// SPDX-License-Identifier: Apache-2.0

package chunk_test

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"webshell/plugin/chunk"
)

// refLastSecond is the last whose nanoseconds an int64 holds in full.
const refLastSecond = 9223372035

// refEvent is one delivered event.
type refEvent struct {
	time       int64
	hasTime    bool
	meta, body any
	offset     int
}

// refWalk is everything a walk over a chunk has to give.
type refWalk struct {
	events  []refEvent
	skipped chunk.Skipped
	index   int  // values passed
	offset  int  // bytes of them
	clean   bool // all of the chunk
}

// refChunk walks a chunk. Which of several reasons makes an event bad is left
// open, so bad events are all counted under Body.
func refChunk(data []byte, lim chunk.Limits) (w refWalk) {
	rest := data
	for len(rest) > 0 {
		v, next, err := refValue(rest)
		if err != nil {
			return w
		}
		w.add(v, w.offset, len(rest)-len(next), lim)
		w.offset += len(rest) - len(next)
		w.index++
		rest = next
	}
	w.clean = true
	return w
}

func (w *refWalk) add(v any, offset, size int, lim chunk.Limits) {
	root, ok := v.([]any)
	if !ok || len(root) != 2 {
		w.skipped.NotAnEvent++
		return
	}
	ev := refEvent{offset: offset, meta: refMap{}, body: root[1]}
	stamp := root[0]
	if header, ok := stamp.([]any); ok {
		if len(header) != 2 {
			w.skipped.BadEvent.Body++
			return
		}
		stamp, ev.meta = header[0], header[1]
	}
	sec, nsec, ok := refTime(stamp)
	for _, m := range []any{ev.meta, ev.body} {
		_, isMap := m.(refMap)
		ok = ok && isMap && refDepth(m) <= lim.Depth && refWidest(m) <= lim.Count
	}
	switch {
	case !ok || size > lim.Bytes:
		w.skipped.BadEvent.Body++
	case sec == -1:
		w.skipped.GroupStart++
	case sec == -2:
		w.skipped.GroupEnd++
	default:
		ev.hasTime = stamp != nil
		ev.time = sec*1e9 + nsec
		w.events = append(w.events, ev)
	}
}

// refTime gives the seconds of a timestamp, signed for the markers.
func refTime(v any) (sec, nsec int64, ok bool) {
	switch v := v.(type) {
	case nil:
		return 0, 0, true
	case uint64:
		sec = int64(min(v, math.MaxInt64))
	case int64:
		sec = v
	case float64:
		if math.IsNaN(v) || v < -2 || v > refLastSecond || v < 0 && v != math.Trunc(v) {
			return 0, 0, false
		}
		sec = int64(v)
		nsec = int64((v - math.Trunc(v)) * 1e9)
	case refExt:
		if v.typ != 0 || len(v.data) != 8 {
			return 0, 0, false
		}
		sec = int64(binary.BigEndian.Uint32(v.data))
		nsec = int64(binary.BigEndian.Uint32(v.data[4:]))
	default:
		return 0, 0, false
	}
	if sec >= 0xfffffffe && sec <= 0xffffffff {
		sec -= 1 << 32
	}
	if sec < 0 {
		return sec, 0, sec >= -2
	}
	return sec, nsec, nsec < 1e9 && sec <= refLastSecond
}

// testLimits are small enough for short inputs to pass them.
var testLimits = chunk.Limits{Depth: 4, Count: 20, Bytes: 400}

// checkChunk holds a walk over data to the reference.
func checkChunk(t *testing.T, data []byte, lim chunk.Limits) {
	t.Helper()
	want := refChunk(data, lim)
	var r chunk.Reader
	r.Reset(data, lim)
	for i := 0; ; i++ {
		ev, ok := r.Next()
		if !ok {
			if i != len(want.events) {
				t.Fatalf("% x: %d events, want %d (error %v)", data, i, len(want.events), r.Err())
			}
			break
		}
		if i >= len(want.events) {
			t.Fatalf("% x: event %d at %d, want %d events", data, i, ev.Offset, len(want.events))
		}
		checkEvent(t, ev, want.events[i])
	}
	got := r.Skipped()
	bad := got.BadEvent.Total()
	got.BadEvent = chunk.BadEvents{Body: bad}
	if got != want.skipped {
		t.Fatalf("% x: skipped %+v, want %+v", data, got, want.skipped)
	}
	if (r.FirstBad() != nil) != (bad > 0) {
		t.Fatalf("% x: first bad %v of %d", data, r.FirstBad(), bad)
	}
	checkEnd(t, data, r.Err(), want)
}

func checkEnd(t *testing.T, data []byte, err error, want refWalk) {
	t.Helper()
	if want.clean {
		if err != nil {
			t.Fatalf("% x: error %v at a clean end", data, err)
		}
		return
	}
	var e *chunk.Error
	if !errors.As(err, &e) || !errors.Is(err, chunk.ErrTruncated) && !errors.Is(err, chunk.ErrMalformed) {
		t.Fatalf("% x: error %v, want a truncated or malformed chunk", data, err)
	}
	if e.Event != want.index || e.Offset != want.offset {
		t.Fatalf("% x: error %v, want event %d at offset %d", data, err, want.index, want.offset)
	}
}
