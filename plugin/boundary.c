/* SPDX-License-Identifier: Apache-2.0 */

/* The symbols that Fluent Bit looks up. Each refuses where Go can't run, notes that this thread is Fluent Bit's, and
 * calls the Go function of the same purpose (main.go).
 *
 * Why not export the Go functions themselves: Daemon On forks after the plugin was loaded. A fork has one thread, so
 * the Go runtime in it has lost its own, and entering it may never return. Only C can say so. */

#include <stdio.h>

#include "_cgo_export.h"
#include "boundary.h"

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#include <unistd.h>
#define EXPORT __attribute__((visibility("default")))
#endif

#define FLB_ERROR 0

static const char forked_message[] =
    "[output:webshell] refused to start: Fluent Bit went to the background (Daemon On, -d) after it had loaded this "
    "plugin, and a Go plugin does not survive that fork; run Fluent Bit in the foreground, under a service manager";

#ifdef _WIN32
static int is_forked(void) { return 0; }
#else
/* The process in which the Go runtime started; written once, when the library is loaded. */
static pid_t home_process;

__attribute__((constructor)) static void remember_process(void) { home_process = getpid(); }

static int is_forked(void) { return getpid() != home_process; }
#endif

/* Callbacks that this thread is in. Go's runtime keeps a callback on the thread that it came by, and runs no other
 * goroutine there meanwhile. */
static __thread int depth;

int webshell_in_callback(void) { return depth > 0; }

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
    depth++;
    ret = webshellRegister(def);
    depth--;
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
    depth++;
    ret = webshellInit(plugin);
    depth--;
    return ret;
}

EXPORT int FLBPluginFlushCtx(void *context, const void *data, size_t size, char *tag) {
    int ret;

    if (is_forked()) {
        return FLB_ERROR;
    }
    depth++;
    ret = webshellFlush(context, (void *) data, size, tag);
    depth--;
    return ret;
}

EXPORT int FLBPluginExitCtx(void *context) {
    int ret;

    if (is_forked()) {
        return FLB_ERROR;
    }
    depth++;
    ret = webshellExit(context);
    depth--;
    return ret;
}

EXPORT void FLBPluginUnregister(void *def) {
    if (is_forked() || def == NULL) {
        return;
    }
    depth++;
    webshellUnregister(def);
    depth--;
}
