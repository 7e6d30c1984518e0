/* SPDX-License-Identifier: Apache-2.0 */

/* The structs of Fluent Bit's Go proxy as far as the plugin reads them, and what Go calls in C.
 * Source: fluent-bit include/fluent-bit/flb_api.h, flb_plugin_proxy.h, src/proxy/go/go.h (5.1.1; log_print and
 * output_log_check since 1.9). */

#ifndef WEBSHELL_BOUNDARY_H
#define WEBSHELL_BOUNDARY_H

#include <stddef.h>

/* Levels of Fluent Bit's log (include/fluent-bit/flb_log.h). */
enum webshell_level {
    WEBSHELL_LOG_OFF = 0,
    WEBSHELL_LOG_ERROR = 1,
    WEBSHELL_LOG_WARN = 2,
    WEBSHELL_LOG_INFO = 3,
    WEBSHELL_LOG_DEBUG = 4,
    WEBSHELL_LOG_TRACE = 5
};

typedef void (*webshell_log_print)(int type, const char *file, int line, const char *format, ...);

struct webshell_api {
    const char *(*output_get_property)(const char *key, void *o_ins);
    const char *(*input_get_property)(const char *key, void *i_ins);
    void *(*output_get_cmt_instance)(void *o_ins);
    void *(*input_get_cmt_instance)(void *i_ins);
    webshell_log_print log_print;
    int (*input_log_check)(void *i_ins, int level);
    int (*output_log_check)(void *o_ins, int level);
};

/* What FLBPluginInit gets. The loader has one such struct for all instances of a plugin and fills it before each
 * Init, so nothing of it may be read later. */
struct webshell_plugin {
    char *name;
    struct webshell_api *api;
    void *o_ins;
    void *context;
};

/* webshell_in_callback tells whether this thread is inside one of the callbacks: 1 or 0. */
int webshell_in_callback(void);

/* webshell_printer gives the function that writes to Fluent Bit's log, NULL where the loader has none. */
webshell_log_print webshell_printer(const struct webshell_plugin *plugin);

/* webshell_log_level gives the most talkative level that this instance logs. */
int webshell_log_level(const struct webshell_plugin *plugin);

/* webshell_print writes one line to Fluent Bit's log, or to standard error where print is NULL. */
void webshell_print(webshell_log_print print, int level, const char *line);

#endif
