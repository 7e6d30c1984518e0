// SPDX-License-Identifier: Apache-2.0

// Command plugin is the Fluent Bit output plugin webshell, built as a shared object (out_webshell.so, out_webshell.dll).
//
// boundary.c has the symbols that Fluent Bit looks up; each calls the function here of the same purpose. A function
// here finds its instance, views the bytes, calls one method and maps the result, all within a guard (guard.go).
// Nothing runs when the library is loaded, and there is no package state: Fluent Bit registers and initialises again in
// the same process at a hot reload, with the library still loaded.
package main

/*
#include "boundary.h"
*/
import "C"

import (
	"math"
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"
)

const (
	pluginName        = "webshell"
	pluginDescription = "Links requests to web scripts with alerts that name the script's file"
)

// version is set by the linker; the line that an instance logs at its start shows it.
var version = "development"

//export webshellRegister
func webshellRegister(def unsafe.Pointer) C.int {
	code := -1 // what the loader takes for a failure
	looseGuard().Run("register", func() {
		code = output.FLBPluginRegister(def, pluginName, pluginDescription)
	})
	return C.int(code)
}

//export webshellInit
func webshellInit(plugin unsafe.Pointer) C.int {
	a := newAttached((*C.struct_webshell_plugin)(plugin))
	return a.call("init", func() status {
		get := func(key string) string { return output.FLBPluginConfigKey(plugin, key) }
		in, err := openInstance(get, a.log)
		if err != nil {
			a.log.Error("not started", "err", err)
			return statusError
		}
		a.in = in
		output.FLBPluginSetContext(plugin, hold(a))
		return statusOK
	})
}

//export webshellFlush
func webshellFlush(context, data unsafe.Pointer, size C.size_t, tag *C.char) C.int {
	a := held(context)
	if a == nil {
		return C.int(statusError) // Init failed, or the instance has exited
	}
	return a.call("flush", func() status {
		return a.in.flush(view(data, size), C.GoString(tag))
	})
}

//export webshellExit
func webshellExit(context unsafe.Pointer) C.int {
	a := release(context)
	if a == nil {
		return C.int(statusOK) // Init failed: nothing to end
	}
	return a.call("exit", func() status {
		a.in.close()
		return statusOK
	})
}

//export webshellUnregister
func webshellUnregister(def unsafe.Pointer) {
	looseGuard().Run("unregister", func() { output.FLBPluginUnregister(def) })
}

// view gives Fluent Bit's bytes without copying; they die when the flush returns.
func view(data unsafe.Pointer, size C.size_t) []byte {
	if data == nil || size == 0 || uint64(size) > math.MaxInt {
		return nil
	}
	return unsafe.Slice((*byte)(data), int(size))
}

// main never runs in a shared object.
func main() {}
