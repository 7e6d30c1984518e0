// SPDX-License-Identifier: Apache-2.0

// Package property reads the properties of an [OUTPUT] section: one table of keys, defaults, documentation and
// setters, from which the README's table is made as well.
//
// Grammar of values. Sizes are bare bytes or carry k, m or g (optionally followed by b), powers of 1024. Durations
// carry s, m, h or d and combine from large to small (1h30m); bare numbers are seconds. Booleans are on, off, true,
// false, yes, no. Lists are separated by commas, blanks trimmed. The case of values does not matter except in names.
// Unset and empty mean the default: a Go plugin can't tell them apart.
//
// Everything is strict. Parse reports all faults of a section at once, each with its key, its value and what was
// wanted, because Fluent Bit stops at the first plugin that refuses to start.
package property
