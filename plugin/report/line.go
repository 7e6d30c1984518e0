// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// maxPrintBytes is what one line takes: Fluent Bit's buffer holds 4088 bytes with its own prefix
	// (src/flb_log.c, struct log_message).
	maxPrintBytes = 3500
	// maxTextBytes bounds a record over all its lines: 8 lines hold every property of a section being wrong.
	maxTextBytes = 8 * maxPrintBytes
	// maxValueBytes bounds one value; whoever needs all of it has the log that it came from.
	maxValueBytes = 256

	continued = "... "
)

// line builds "message key=value ...: error".
type line struct {
	attrs []byte
	err   string
}

func (l *line) attr(group string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, member := range v.Group() {
			l.attr(group, member)
		}
		return
	}
	if err, ok := v.Any().(error); ok && err != nil {
		l.err += ": " + escape(err.Error(), maxTextBytes)
		return
	}
	if a.Key == "" && v.Any() == nil {
		return // slog's rule for the empty attribute
	}
	l.attrs = append(l.attrs, ' ')
	l.attrs = append(l.attrs, quote(group+a.Key)...)
	l.attrs = append(l.attrs, '=')
	l.attrs = append(l.attrs, quote(valueText(v))...)
}

func (l *line) text(message string) string {
	text := escape(message, maxTextBytes) + string(l.attrs) + l.err
	if len(text) > maxTextBytes {
		text = trimRune(text[:maxTextBytes]) + continued
	}
	return text
}

func valueText(v slog.Value) string {
	switch v.Kind() {
	case slog.KindTime:
		return v.Time().UTC().Format(time.RFC3339Nano)
	case slog.KindAny:
		return fmt.Sprint(v.Any())
	default:
		return v.String()
	}
}

// quote gives a word as it is and everything else in Go's quotes, cut to maxValueBytes.
func quote(text string) string {
	cut := ""
	if len(text) > maxValueBytes {
		cut = fmt.Sprintf("(%d bytes)", len(text))
		text = trimRune(text[:maxValueBytes])
	}
	if isWord(text) && cut == "" {
		return text
	}
	return strconv.Quote(text) + cut
}

func isWord(text string) bool {
	for _, r := range text {
		if r == ' ' || r == '"' || r == '=' || r == utf8.RuneError || !strconv.IsPrint(r) {
			return false
		}
	}
	return text != ""
}

// escape gives text with everything unprintable written as Go writes it within quotes, at most limit bytes of it.
func escape(text string, limit int) string {
	if len(text) > limit {
		text = trimRune(text[:limit]) + continued
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 || !strconv.IsPrint(r) {
			q := strconv.Quote(text[i : i+n])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	return b.String()
}

// cutLine gives what fits one line of Fluent Bit's log, and the rest.
func cutLine(text string) (part, rest string) {
	if len(text) <= maxPrintBytes {
		return text, ""
	}
	part = trimRune(text[:maxPrintBytes])
	return part, text[len(part):]
}

// trimRune drops a rune that was cut in its middle from the end.
func trimRune(text string) string {
	for i := 1; i <= utf8.UTFMax && i <= len(text); i++ {
		if b := text[len(text)-i]; utf8.RuneStart(b) {
			if !utf8.FullRuneInString(text[len(text)-i:]) {
				return text[:len(text)-i]
			}
			break
		}
	}
	return text
}
