// SPDX-License-Identifier: Apache-2.0

package property

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// setter stores text in the Config, or says what was wanted. It gets the default where nothing was set.
type setter func(c *Config, text string) (want string)

func size(low, high int64, at func(*Config) *int64) setter {
	return func(c *Config, text string) string {
		n, ok := ParseSize(text)
		if !ok || n < low || n > high {
			return fmt.Sprintf("a size from %s to %s, such as %s", showSize(low), showSize(high), examples(ParseSize, low, high, "512k", "64M", "1G"))
		}
		*at(c) = n
		return ""
	}
}

func showSize(n int64) string {
	for _, u := range []struct {
		shift uint
		name  string
	}{{30, "G"}, {20, "M"}, {10, "k"}} {
		if n >= 1<<u.shift && n%(1<<u.shift) == 0 {
			return strconv.FormatInt(n>>u.shift, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

func duration(low, high time.Duration, at func(*Config) *time.Duration) setter {
	return func(c *Config, text string) string {
		d, ok := ParseDuration(text)
		if !ok || d < low || d > high {
			return fmt.Sprintf("a duration from %s to %s, such as %s", showDuration(low), showDuration(high),
				examples(ParseDuration, low, high, "90s", "1h30m", "7d"))
		}
		*at(c) = d
		return ""
	}
}

// examples lists those of the texts that are in range.
func examples[T int64 | time.Duration](parse func(string) (T, bool), low, high T, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool {
		v, ok := parse(text)
		return !ok || v < low || v > high
	}), ", ")
}

func showDuration(d time.Duration) string {
	if d >= 24*time.Hour {
		return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + "d"
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

func integer(low, high int64, at func(*Config) *int) setter {
	return func(c *Config, text string) string {
		n, ok := ParseInteger(text)
		if !ok || n < low || n > high {
			return fmt.Sprintf("%d to %d", low, high)
		}
		*at(c) = int(n)
		return ""
	}
}

func boolean(at func(*Config) *bool) setter {
	return func(c *Config, text string) string {
		b, ok := ParseBool(text)
		if !ok {
			return "on, off, true, false, yes or no"
		}
		*at(c) = b
		return ""
	}
}

// word takes one of the words, in any case.
func word[T ~string](at func(*Config) *T, words ...T) setter {
	return func(c *Config, text string) string {
		w := T(lower(text))
		if !slices.Contains(words, w) {
			return orList(words)
		}
		*at(c) = w
		return ""
	}
}

func orList[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// text takes anything, "" included.
func text(at func(*Config) *string) setter {
	return func(c *Config, text string) string {
		*at(c) = text
		return ""
	}
}

// maxNameBytes bounds keys, columns, tags and host names: DNS allows 253, and no log has longer column names.
const maxNameBytes = 255

// name takes one word without blanks, or "" where that is the default.
func name(what string, at func(*Config) *string) setter {
	return func(c *Config, text string) string {
		if len(text) > maxNameBytes || strings.ContainsAny(text, " \t") {
			return what
		}
		*at(c) = text
		return ""
	}
}

// key takes the name of a record's key; blanks may be part of it.
func key(at func(*Config) *string) setter { return short("a key", at) }

// short takes what other programs keep in little room.
func short(what string, at func(*Config) *string) setter {
	return func(c *Config, text string) string {
		if len(text) > maxNameBytes {
			return fmt.Sprintf("%s of at most %d bytes", what, maxNameBytes)
		}
		*at(c) = text
		return ""
	}
}
