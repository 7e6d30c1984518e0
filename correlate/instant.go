// SPDX-License-Identifier: Apache-2.0

package correlate

import "time"

// Instant is a moment in UTC as nanoseconds since 1970-01-01T00:00:00Z (years 1678 to 2262).
// The zero value stands for "not given": no IIS log and no alert is that old.
type Instant int64

// At converts t. The zero time.Time gives the zero Instant.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixNano())
}

// Time converts back, in UTC.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)).UTC() }

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// wholeMillis is i without what is finer than a millisecond.
func (i Instant) wholeMillis() Instant { return i - i%Instant(time.Millisecond) }

// String is RFC 3339 in UTC, without a fraction where there is none, and "" for the zero value.
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format(time.RFC3339Nano)
}
