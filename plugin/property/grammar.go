// SPDX-License-Identifier: Apache-2.0

package property

import (
	"math"
	"strings"
	"time"
)

// ParseSize reads a number of bytes: digits, then nothing, k, m or g, then optionally b.
func ParseSize(text string) (bytes int64, ok bool) {
	digits, unit := cutDigits(text)
	n, ok := parseDigits(digits)
	if !ok {
		return 0, false
	}
	var shift uint
	switch lower(unit) {
	case "", "b":
		shift = 0
	case "k", "kb":
		shift = 10
	case "m", "mb":
		shift = 20
	case "g", "gb":
		shift = 30
	default:
		return 0, false
	}
	if n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}

// ParseDuration reads a bare number of seconds, or numbers with units d, h, m, s in that order, each at most once.
func ParseDuration(text string) (d time.Duration, ok bool) {
	if n, ok := parseDigits(text); ok {
		return scale(n, time.Second)
	}
	if text == "" {
		return 0, false
	}
	last := time.Duration(math.MaxInt64)
	for text != "" {
		digits, rest := cutDigits(text)
		n, ok := parseDigits(digits)
		if !ok || rest == "" {
			return 0, false
		}
		unit := unitOf(rest[0])
		if unit == 0 || unit >= last {
			return 0, false
		}
		part, ok := scale(n, unit)
		if !ok || d > math.MaxInt64-part {
			return 0, false
		}
		d, last, text = d+part, unit, rest[1:]
	}
	return d, true
}

// ParseBool reads on, off, true, false, yes, no in any case.
func ParseBool(text string) (value, ok bool) {
	switch lower(text) {
	case "on", "true", "yes":
		return true, true
	case "off", "false", "no":
		return false, true
	}
	return false, false
}

// ParseList reads items separated by commas, blanks around them trimmed. An empty item is a mistake, not an item.
func ParseList(text string) (items []string, ok bool) {
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			return nil, false
		}
		items = append(items, item)
	}
	return items, true
}

// ParseInteger reads decimal digits, without sign or separators.
func ParseInteger(text string) (n int64, ok bool) { return parseDigits(text) }

func cutDigits(text string) (digits, rest string) {
	i := 0
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return text[:i], text[i:]
}

func parseDigits(digits string) (n int64, ok bool) {
	if digits == "" {
		return 0, false
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > (math.MaxInt64-int64(c-'0'))/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// lower changes ASCII letters only: the Kelvin sign is no k.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

func unitOf(c byte) time.Duration {
	switch c {
	case 'd', 'D':
		return 24 * time.Hour
	case 'h', 'H':
		return time.Hour
	case 'm', 'M':
		return time.Minute
	case 's', 'S':
		return time.Second
	}
	return 0
}

func scale(n int64, unit time.Duration) (time.Duration, bool) {
	if n > math.MaxInt64/int64(unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}
