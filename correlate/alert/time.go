// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"webshell/correlate"
)

// timeLayouts are the forms that the feeds write, the commonest first. A fraction may follow the seconds in each;
// digits beyond nanoseconds are dropped. Without a zone the time is UTC.
var timeLayouts = []string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",       // Sysmon's UtcTime
	"2006-01-02 15:04:05 -0700", // winevtlog's TimeCreated
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05-0700",
	"2006-01-02",
}

// maxTimeText is longer than any time that timeLayouts can read.
const maxTimeText = 64

// Years that an Instant can hold whole.
const (
	minYear = 1678
	maxYear = 2261
)

// when returns the time of the first member of m under keys that gives one. ok is false when that member can't be
// read. Absent, null, empty and .NET's year 1 are "not given": the zero Instant.
func when(m map[string]any, keys ...string) (t correlate.Instant, ok bool) {
	for _, key := range keys {
		if t, ok := instant(m[key]); !ok || t != 0 {
			return t, ok
		}
	}
	return 0, true
}

func instant(v any) (correlate.Instant, bool) {
	switch v := v.(type) {
	case nil:
		return 0, true
	case string:
		return parseTime(v)
	case []byte:
		return parseTime(string(v))
	case json.Number:
		f, err := v.Float64()
		if n, exact := v.Int64(); exact == nil {
			return epoch(n)
		}
		return epochFloat(f, err == nil)
	case float64:
		return epochFloat(v, true)
	case float32:
		return epochFloat(float64(v), true)
	}
	n, ok := signed(v)
	if !ok {
		return 0, false
	}
	return epoch(n)
}

func parseTime(s string) (correlate.Instant, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	if len(s) > maxTimeText {
		return 0, false
	}
	s = strings.TrimSuffix(s, " UTC")
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return fromTime(t.UTC())
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return epoch(n)
	}
	return 0, false
}

func fromTime(t time.Time) (correlate.Instant, bool) {
	switch y := t.Year(); {
	case y == 1:
		return 0, true
	case y < minYear || y > maxYear:
		return 0, false
	}
	return correlate.At(t), true
}

// epoch reads a count since 1970, its unit told by its size: seconds up to the year 5138, then milli-, micro- and
// nanoseconds. Below the year 1973 it is no time of an alert.
func epoch(n int64) (correlate.Instant, bool) {
	const second = int64(time.Second)
	switch {
	case n < 1e8:
		return 0, false
	case n < math.MaxInt64/second:
		return correlate.Instant(n * second), true
	case n < 1e11:
		return 0, false
	case n < 1e14:
		return fromTime(time.UnixMilli(n).UTC())
	case n < 1e17:
		return fromTime(time.UnixMicro(n).UTC())
	}
	return correlate.Instant(n), true
}

// epochFloat reads seconds with a fraction, and larger counts as epoch does.
func epochFloat(f float64, ok bool) (correlate.Instant, bool) {
	if !ok || math.IsNaN(f) || f < 1e8 || f >= math.MaxInt64 {
		return 0, false
	}
	if whole, part := math.Modf(f); f < math.MaxInt64/1e9 {
		return correlate.Instant(int64(whole)*int64(time.Second) + int64(part*1e9)), true
	}
	return epoch(int64(f))
}
