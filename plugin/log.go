// SPDX-License-Identifier: Apache-2.0

package main

/*
#include <stdlib.h>
#include "boundary.h"
*/
import "C"

import (
	"log/slog"
	"math"
	"unsafe"

	"webshell/plugin/report"
)

// logPrefix names the plugin as Fluent Bit's own plugins do; the number of the instance is not to be had.
const logPrefix = "[output:" + pluginName + "] "

// sink is Fluent Bit's logger. It holds the function, not the struct that Init got: that one is shared and is gone
// after a hot reload.
type sink struct {
	print C.webshell_log_print // nil prints to standard error
}

// InCallback reports whether the caller is on one of Fluent Bit's threads.
func (s sink) InCallback() bool { return C.webshell_in_callback() != 0 }

// Print writes a line that report.Handler has made safe.
func (s sink) Print(level slog.Level, line string) {
	text := C.CString(logPrefix + line)
	defer C.free(unsafe.Pointer(text))
	C.webshell_print(s.print, fluentLevel(level), text)
}

// newLines makes the handler of an instance, with the level that the section or the service asks for. The level is
// read once: it does not change, and the instance it is read from does not outlive its exit.
func newLines(plugin *C.struct_webshell_plugin) *report.Handler {
	return report.NewHandler(sink{print: C.webshell_printer(plugin)}, slogLevel(C.webshell_log_level(plugin)))
}

func slogLevel(level C.int) slog.Level {
	switch level {
	case C.WEBSHELL_LOG_OFF:
		return math.MaxInt
	case C.WEBSHELL_LOG_ERROR:
		return slog.LevelError
	case C.WEBSHELL_LOG_WARN:
		return slog.LevelWarn
	case C.WEBSHELL_LOG_INFO:
		return slog.LevelInfo
	case C.WEBSHELL_LOG_DEBUG:
		return slog.LevelDebug
	default:
		return report.LevelTrace
	}
}

func fluentLevel(level slog.Level) C.int {
	switch {
	case level >= slog.LevelError:
		return C.WEBSHELL_LOG_ERROR
	case level >= slog.LevelWarn:
		return C.WEBSHELL_LOG_WARN
	case level >= slog.LevelInfo:
		return C.WEBSHELL_LOG_INFO
	case level >= slog.LevelDebug:
		return C.WEBSHELL_LOG_DEBUG
	default:
		return C.WEBSHELL_LOG_TRACE
	}
}
