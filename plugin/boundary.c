/* SPDX-License-Identifier: Apache-2.0 */

/* The symbols that Fluent Bit looks up. Each refuses where Go can't run, notes that this thread is Fluent Bit's, and
 * calls the Go function of the same purpose (main.go).
 *
 * Why not export the Go functions themselves: Daemon On forks after the plugin was loaded. A fork has one thread, so
 * the Go runtime in it has lost its own, and entering it may never return. Only C can say so. */

#include <stdint.h>
#include <stdio.h>

#include "_cgo_export.h"
#include "boundary.h"

#ifdef _WIN32
#include <windows.h>
#define EXPORT __declspec(dllexport)
#else
#include <unistd.h>
#define EXPORT __attribute__((visibility("default")))
#endif

#define FLB_ERROR 0

static const char forked_message[] =
    "[output:webshell] refused to start: Fluent Bit went to the background (Daemon On, -d) after it had loaded this "
    "plugin, and a Go plugin does not survive that fork; run Fluent Bit in the foreground, under a service manager";

/* How many callbacks this thread is in. Go's runtime keeps a callback on the thread that it came by, and runs no other
 * goroutine there meanwhile. */

#ifdef _WIN32

/* Not __thread: with mingw that would need a library of gcc's beside the plugin. */
static DWORD depth_slot;

__attribute__((constructor)) static void make_slot(void) { depth_slot = TlsAlloc(); }

static intptr_t depth(void) { return (intptr_t) TlsGetValue(depth_slot); }

static void add_depth(intptr_t n) { TlsSetValue(depth_slot, (LPVOID) (depth() + n)); }

static int is_forked(void) { return 0; }

/* Fluent Bit unloads plugins at a hot reload, and Go's threads would run on in what is no longer there (golang/go
 * 11100). On Linux the linker's nodelete sees to it. */
static void stay_loaded(void) {
    HMODULE self;

    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCSTR) (void *) stay_loaded, &self);
}

#else

static __thread intptr_t depth_here;

static intptr_t depth(void) { return depth_here; }

static void add_depth(intptr_t n) { depth_here += n; }

/* The process in which the Go runtime started; written once, when the library is loaded. */
static pid_t home_process;

__attribute__((constructor)) static void remember_process(void) { home_process = getpid(); }

static int is_forked(void) { return getpid() != home_process; }

static void stay_loaded(void) {}

#endif

int webshell_in_callback(void) { return depth() > 0; }

webshell_log_print webshell_printer(const struct webshell_plugin *plugin) {
    return plugin->api->log_print;
}

int webshell_log_level(const struct webshell_plugin *plugin) {
    int level = WEBSHELL_LOG_TRACE;

    if (plugin->api->output_log_check == NULL) {
        return WEBSHELL_LOG_INFO;
    }
    while (level > WEBSHELL_LOG_OFF && !plugin->api->output_log_check(plugin->o_ins, level)) {
        level--;
    }
    return level;
}

void webshell_print(webshell_log_print print, int level, const char *line) {
    if (print != NULL) {
        print(level, NULL, 0, "%s", line);
    } else {
        fprintf(stderr, "%s\n", line);
    }
}

/* In the fork standard error is closed, and its number may be another file's by now: no fallback here. */
static void say_forked(const struct webshell_plugin *plugin) {
    if (plugin->api->log_print != NULL && webshell_log_level(plugin) >= WEBSHELL_LOG_ERROR) {
        webshell_print(plugin->api->log_print, WEBSHELL_LOG_ERROR, forked_message);
    }
}

EXPORT int FLBPluginRegister(void *def) {
    int ret;

    if (is_forked() || def == NULL) {
        return -1; /* what the loader takes for a failure */
    }
    stay_loaded();
    add_depth(1);
    ret = webshellRegister(def);
    add_depth(-1);
    return ret;
}

EXPORT int FLBPluginInit(struct webshell_plugin *plugin) {
    int ret;

    if (plugin == NULL || plugin->api == NULL || plugin->context == NULL || plugin->api->output_get_property == NULL) {
        return FLB_ERROR;
    }
    if (is_forked()) {
        say_forked(plugin);
        return FLB_ERROR;
    }
    add_depth(1);
    ret = webshellInit(plugin);
    add_depth(-1);
    return ret;
}

EXPORT int FLBPluginFlushCtx(void *context, const void *data, size_t size, char *tag) {
    int ret;

    if (is_forked()) {
        return FLB_ERROR;
    }
    add_depth(1);
    ret = webshellFlush(context, (void *) data, size, tag);
    add_depth(-1);
    return ret;
}

EXPORT int FLBPluginExitCtx(void *context) {
    int ret;

    if (is_forked()) {
        return FLB_ERROR;
    }
    add_depth(1);
    ret = webshellExit(context);
    add_depth(-1);
    return ret;
}

EXPORT void FLBPluginUnregister(void *def) {
    if (is_forked() || def == NULL) {
        return;
    }
    add_depth(1);
    webshellUnregister(def);
    add_depth(-1);
}
