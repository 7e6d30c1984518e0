// SPDX-License-Identifier: Apache-2.0

package main

/*
#include "boundary.h"
*/
import "C"

import (
	"log/slog"
	"sync/atomic"
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"

	"webshell/plugin/report"
)

// status is what a callback returns to Fluent Bit.
type status int

// Fluent Bit's codes: an error drops the chunk, a retry brings all of it again later.
const (
	statusError status = output.FLB_ERROR
	statusOK    status = output.FLB_OK
	statusRetry status = output.FLB_RETRY
)

// attached is an instance with what its callbacks need.
type attached struct {
	in    *instance // nil until Init has opened it
	lines *report.Handler
	log   *slog.Logger
	guard *report.Guard
}

func newAttached(plugin *C.struct_webshell_plugin) *attached {
	lines := newLines(plugin)
	log := slog.New(lines)
	return &attached{lines: lines, log: log, guard: report.NewGuard(log)}
}

// call runs one callback: a panic ends here and becomes an error, and the lines that goroutines left are written.
func (a *attached) call(callback string, f func() status) C.int {
	got := statusError
	a.guard.Run(callback, func() {
		a.lines.Drain()
		got = f()
	})
	a.guard.Run("log", a.lines.Drain)
	return C.int(got)
}

// holder is what fluent-bit-go remembers of an instance. Its map of contexts forgets nothing, so after the exit
// only this empty holder stays.
type holder struct {
	live atomic.Pointer[attached]
}

func hold(a *attached) *holder {
	h := &holder{}
	h.live.Store(a)
	return h
}

// held finds the instance of a context, nil where Init failed or the instance has exited.
func held(context unsafe.Pointer) *attached {
	if h, ok := output.FLBPluginGetContext(context).(*holder); ok {
		return h.live.Load()
	}
	return nil
}

// release is held for the last time.
func release(context unsafe.Pointer) *attached {
	if h, ok := output.FLBPluginGetContext(context).(*holder); ok {
		return h.live.Swap(nil)
	}
	return nil
}

// looseGuard is for the callbacks that have no instance and no logger: it reports to standard error.
func looseGuard() *report.Guard {
	return report.NewGuard(slog.New(report.NewHandler(sink{}, slog.LevelInfo)))
}
