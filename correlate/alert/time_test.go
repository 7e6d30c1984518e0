// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"encoding/json"
	"math"
	"testing"

	"webshell/correlate"
)

func TestInstant(t *testing.T) {
	t.Parallel()
	const base = correlate.Instant(1772445600e9) // 2026-03-02T10:00:00Z
	tests := []struct {
		in   any
		want correlate.Instant
		ok   bool
	}{
		{"2026-03-02T10:00:00Z", base, true},
		{"2026-03-02T10:00:00", base, true},
		{"2026-03-02T10:00:00.1234567Z", base + 123456700, true},
		{"2026-03-02T10:00:00.123456789", base + 123456789, true},
		{"2026-03-02T10:00:00.12345678901Z", base + 123456789, true},
		{"2026-03-02T12:00:00.5+02:00", base + 5e8, true},
		{"2026-03-02 10:00:00.123", base + 123e6, true},
		{"2026-03-02 11:00:00 +0100", base, true},
		{"2026-03-02 10:00:00 UTC", base, true},
		{"2026-03-02 10:00:00Z", base, true},
		{"2026-03-02T10:00:00+0000", base, true},
		{" 2026-03-02T10:00:00Z\n", base, true},
		{"2026-03-02", base - 36000e9, true},
		{"1772445600", base, true},
		{int64(1772445600), base, true},
		{uint64(1772445600000), base, true},
		{int64(1772445600000000), base, true},
		{int64(1772445600000000000), base, true},
		{1772445600.5, base + 5e8, true},
		{json.Number("1772445600"), base, true},
		{json.Number("1772445600.25"), base + 25e7, true},
		{nil, 0, true},
		{"", 0, true},
		{"0001-01-01T00:00:00Z", 0, true},
		{"soon", 0, false},
		{"2026-02-30T10:00:00Z", 0, false},
		{"2026-03-02T25:00:00Z", 0, false},
		{"1600-01-01T00:00:00Z", 0, false},
		{"2300-01-01T00:00:00Z", 0, false},
		{"9999-12-31T23:59:59.9999999Z", 0, false},
		{int64(0), 0, false},
		{int64(-5), 0, false},
		{int64(12345678), 0, false},
		{uint64(math.MaxUint64), 0, false},
		{math.NaN(), 0, false},
		{math.Inf(1), 0, false},
		{1e300, 0, false},
		{json.Number("1e400"), 0, false},
		{true, 0, false},
		{map[string]any{}, 0, false},
		{[]any{"2026-03-02T10:00:00Z"}, 0, false},
	}
	for _, tt := range tests {
		got, ok := instant(tt.in)
		if got != tt.want || ok != tt.ok {
			t.Errorf("instant(%#v) = %d (%s), %t, want %d, %t", tt.in, got, got, ok, tt.want, tt.ok)
		}
	}
}
