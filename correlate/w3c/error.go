// SPDX-License-Identifier: Apache-2.0

package w3c

import "errors"

// refusal is an error with the word that counters and logs know it by.
type refusal struct{ reason, text string }

func (r *refusal) Error() string { return "w3c: " + r.text }

// Why a line or record is refused. They are compared with errors.Is.
var (
	// ErrColumns: more or fewer values than columns.
	ErrColumns error = &refusal{"columns", "the number of values is not that of #Fields"}
	// ErrLong: a line above MaxLine bytes.
	ErrLong error = &refusal{"too_long", "the line is too long"}
	// ErrDate: a date that is not YYYY-MM-DD, not in the calendar, or before 1971 or after 2261.
	ErrDate error = &refusal{"date", "the date can't be read"}
	// ErrTime: a time that is not HH:MM:SS, or a TimeGenerated that is not ISO 8601.
	ErrTime error = &refusal{"time", "the time can't be read"}
	// ErrNoTime: no time in the request and none with its event.
	ErrNoTime error = &refusal{"no_time", "there is no time"}
	// ErrNoStem: no cs-uri-stem, or an empty one.
	ErrNoStem error = &refusal{"no_stem", "there is no cs-uri-stem"}
	// ErrFields: a #Fields directive with no names, or with more than MaxColumns.
	ErrFields error = &refusal{"fields", "#Fields names no columns, or too many"}
)

// Reason is the word for err that counters use: lower case, stable, "other" for an
// error that is not of this package and "" for nil.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	var r *refusal
	if errors.As(err, &r) {
		return r.reason
	}
	return "other"
}
