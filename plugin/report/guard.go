// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync/atomic"
)

// maxStackLines is enough for the frames that matter: those of the panic come first.
const maxStackLines = 48

// Guard is where a panic stops: one that crosses into C, or that ends a goroutine, ends Fluent Bit. Stack overflow
// and lack of memory can't be stopped. It is safe for concurrent use.
type Guard struct {
	log    *slog.Logger
	panics atomic.Int64
}

// NewGuard returns a guard that logs the first panic with its stack and the others in a line each.
func NewGuard(log *slog.Logger) *Guard { return &Guard{log: log} }

// Panics is how many panics were stopped.
func (g *Guard) Panics() int64 { return g.panics.Load() }

// Run calls f and reports whether it returned; what names it in the log.
func (g *Guard) Run(what string, f func()) (ok bool) {
	defer func() {
		if !ok {
			g.stopped(what, recover())
		}
	}()
	f()
	return true
}

// Go runs f in a goroutine that can't end the process. The caller sees to it that f ends before the instance does.
func (g *Guard) Go(what string, f func()) {
	go g.Run(what, f)
}

func (g *Guard) stopped(what string, reason any) {
	n := g.panics.Add(1)
	g.log.Error("BUG: a panic was stopped", "in", what, "panic", fmt.Sprint(reason), "count", n)
	if n > 1 {
		return
	}
	lines := strings.Split(strings.TrimSpace(string(debug.Stack())), "\n")
	for _, one := range lines[:min(len(lines), maxStackLines)] {
		g.log.Error("stack: " + strings.ReplaceAll(one, "\t", "  "))
	}
}
