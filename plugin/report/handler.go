// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"log/slog"
	"slices"
)

// LevelTrace is Fluent Bit's level below debug.
const LevelTrace = slog.LevelDebug - 4

// Sink prints into Fluent Bit's logger. Its methods are safe for use by several threads at once.
type Sink interface {
	// InCallback reports whether the caller runs on one of Fluent Bit's threads, inside a callback.
	InCallback() bool
	// Print writes one line; only to be called where InCallback is true.
	Print(level slog.Level, line string)
}

// Handler is a slog.Handler that writes "message key=value ...: error" lines to a Sink. Handlers made from it by
// WithAttrs and WithGroup share its ring. It is safe for concurrent use.
type Handler struct {
	sink  Sink
	level slog.Level
	ring  *ring
	attrs string // what WithAttrs gave, ready to print
	err   string // an error that WithAttrs gave
	group string // prefix of keys, with its dot
}

// NewHandler returns a handler for lines of at least this level.
func NewHandler(sink Sink, level slog.Level) *Handler {
	return &Handler{sink: sink, level: level, ring: &ring{}}
}

// Enabled reports whether lines of this level are wanted.
func (h *Handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

// Handle prints the record, or leaves it in the ring when the caller is not in a callback.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	l := &line{attrs: []byte(h.attrs), err: h.err}
	r.Attrs(func(a slog.Attr) bool {
		l.attr(h.group, a)
		return true
	})
	text := l.text(r.Message)
	if h.sink.InCallback() {
		h.Drain()
		h.print(r.Level, text)
		return nil
	}
	h.ring.put(entry{r.Level, text})
	return nil
}

// WithAttrs returns a handler whose lines carry these attributes too.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	l := &line{attrs: []byte(h.attrs), err: h.err}
	for _, a := range attrs {
		l.attr(h.group, a)
	}
	out := *h
	out.attrs, out.err = string(slices.Clone(l.attrs)), l.err
	return &out
}

// WithGroup returns a handler that puts the name and a dot before the keys that follow.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	out := *h
	out.group += name + "."
	return &out
}

// Drain prints what goroutines left in the ring. Every callback calls it; outside of one it does nothing.
func (h *Handler) Drain() {
	if !h.sink.InCallback() {
		return
	}
	entries, lost := h.ring.take()
	if lost > 0 {
		l := &line{}
		l.attr("", slog.Int64("count", lost))
		h.print(slog.LevelWarn, l.text("log lines of the background were dropped"))
	}
	for _, e := range entries {
		h.print(e.level, e.text)
	}
}

// print cuts a long line, because Fluent Bit drops what does not fit its buffer.
func (h *Handler) print(level slog.Level, text string) {
	for {
		part, rest := cutLine(text)
		h.sink.Print(level, part)
		if rest == "" {
			return
		}
		text = continued + rest
	}
}
