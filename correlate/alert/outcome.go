// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"slices"
	"strings"

	"webshell/correlate"
)

// Reason says why a record, or a value in it, was not used.
type Reason uint8

// The reasons. TooLarge also counts single values of an alert whose rest was used.
const (
	UnknownShape Reason = iota // no known shape; Outcome.Keys has its keys
	BrokenJSON                 // text that is not JSON, or ends early
	TooLarge                   // a text over MaxText, a value over MaxValues members, a name over MaxName
	TooDeep                    // nested over MaxDepth, or envelopes in envelopes
	NoFile                     // an alert that names no file (a cloud alert: neither file nor host) and ends none
	BadTime                    // a time that is there and can't be read
	Provider                   // kept out by alert_providers
	Telemetry                  // an event that is no alert: another id or channel, Sysmon 11 without RuleName
	NumReasons                 // how many there are
)

var reasonWords = [NumReasons]string{
	"unknown_shape", "broken_json", "too_large", "too_deep", "no_file", "bad_time", "provider", "telemetry",
}

// String is the reason's word in counters and logs; the words are stable.
func (r Reason) String() string {
	if r >= NumReasons {
		return "unknown"
	}
	return reasonWords[r]
}

// Bounds of Outcome.Keys: enough to tell what feed this is.
const (
	maxKeys      = 32
	maxKeyLength = 64
)

// Outcome is what one call of Read did.
type Outcome struct {
	Alerts     int               // alerts emitted
	Detections int               // our own detections coming back, ignored
	Refused    [NumReasons]int   // by Reason
	Latest     correlate.Instant // latest time of alerts kept out by alert_providers or without a file: the clock counts them too
	Keys       []string          // keys of records of unknown shape: at most 32 of 64 printable ASCII characters, sorted; never values
}

func (o *Outcome) refuse(r Reason) { o.Refused[r]++ }

// unknown refuses m and notes its keys. The smallest ones are taken, so that the choice does not hang on map order.
func (o *Outcome) unknown(m map[string]any) {
	o.refuse(UnknownShape)
	for key := range m {
		key = printable(key)
		at, found := slices.BinarySearch(o.Keys, key)
		if found || at >= maxKeys {
			continue
		}
		o.Keys = slices.Insert(o.Keys, at, key)
		o.Keys = o.Keys[:min(len(o.Keys), maxKeys)]
	}
}

// printable cuts a key to maxKeyLength and replaces what is not printable ASCII.
func printable(key string) string {
	key = key[:min(len(key), maxKeyLength)]
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, key)
}
