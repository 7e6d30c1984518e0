/* SPDX-License-Identifier: Apache-2.0 */

/* A Go output plugin, loaded and driven as Fluent Bit 5.1.1 does it (src/flb_plugin_proxy.c, src/proxy/go/go.c). */

#ifndef HOST_PLUGIN_H
#define HOST_PLUGIN_H

#include <stddef.h>

#include "config.h"

/* Return values of a flush and of Init. */
enum { FLB_ERROR = 0, FLB_OK = 1, FLB_RETRY = 2 };

/* Types of a plugin's definition. */
enum { FLB_PROXY_OUTPUT_PLUGIN = 2, FLB_PROXY_GOLANG = 11 };

/* Levels of the log. */
enum { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

struct plugin_def {
    int type, proxy, flags;
    char *name, *description;
    int event_type;
    void *config_map;
};

struct plugin_api {
    const char *(*output_get_property)(const char *key, void *o_ins);
    const char *(*input_get_property)(const char *key, void *i_ins);
    void *(*output_get_cmt_instance)(void *o_ins);
    void *(*input_get_cmt_instance)(void *i_ins);
    void (*log_print)(int level, const char *file, int line, const char *format, ...);
    int (*input_log_check)(void *i_ins, int level);
    int (*output_log_check)(void *o_ins, int level);
    const char *(*custom_get_property)(const char *key, void *c_ins);
    int (*custom_log_check)(void *c_ins, int level);
};

struct plugin_context {
    void *remote_context; /* what the plugin's Init leaves for flush and exit */
    void *proxy;
};

/* What Init gets: one for all instances of a plugin. */
struct plugin_init {
    char *name;
    struct plugin_api *api;
    void *o_ins;
    struct plugin_context *context;
    int (*cb_init)(struct plugin_init *);
    int (*cb_flush)(const void *, size_t, const char *);
    int (*cb_flush_ctx)(void *, const void *, size_t, char *);
    int (*cb_exit)(void);
    int (*cb_exit_ctx)(void *);
};

/* plugin is one loading of a shared object; a hot reload is another one in the same process. */
struct plugin {
    void *library;
    struct plugin_def def;
    struct plugin_init init;
};

/* output is one [OUTPUT] section. */
struct output {
    struct plugin *plugin;
    const struct section *section;
    int log_level;
    struct plugin_context context;
};

/* plugin_load opens and registers; -1 after it said why it can't. */
int plugin_load(struct plugin *p, const char *path);
/* plugin_unload unregisters and closes. */
void plugin_unload(struct plugin *p);

/* output_open gives what Init returned: more than 0 for a start. */
int output_open(struct output *o, struct plugin *p, const struct section *s, int log_level);
/* output_flush gives FLB_OK, FLB_RETRY or FLB_ERROR. Safe from several threads. */
int output_flush(struct output *o, const void *data, size_t size, const char *tag);
int output_close(struct output *o);

/* host_thread marks this thread as one of Fluent Bit's: the log works on those only. */
void host_thread(void);

int log_level(const char *word, int fallback);
/* log_limit sets the level of the host's own lines; log_line writes one. */
void log_limit(int level);
void log_line(int level, const char *format, ...);
/* log_quiet keeps lines for log_take instead of showing them. */
void log_quiet(int on);
/* log_take gives all lines since the last call, the caller frees them. */
char *log_take(void);
/* log_strays counts lines that came from threads which are not Fluent Bit's. */
int log_strays(void);

#endif
