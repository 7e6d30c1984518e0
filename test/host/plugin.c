/* SPDX-License-Identifier: Apache-2.0 */

#include "plugin.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pack.h"
#include "port.h"

/* Longer lines are cut (fluent-bit src/flb_log.c, struct log_message). */
enum { max_log_line = 4096 - sizeof(size_t) };

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static struct buffer kept_lines;
static int keep_lines, stray_lines, host_level = LOG_INFO;
static __thread int is_host_thread;

void host_thread(void) { is_host_thread = 1; }

static const char *const level_words[] = {"off", "error", "warn", "info", "debug", "trace"};

int log_level(const char *word, int fallback) {
    for (int level = LOG_OFF; word != NULL && level <= LOG_TRACE; level++) {
        if (same_word(word, level_words[level]) || (level == LOG_WARN && same_word(word, "warning"))) {
            return level;
        }
    }
    return fallback;
}

static void put_line(int level, const char *text) {
    char line[max_log_line];
    uint32_t seconds, nanoseconds;
    struct tm *date;
    time_t now;
    int length;

    if (level < LOG_OFF || level > LOG_TRACE) {
        level = LOG_INFO;
    }
    wall_clock(&seconds, &nanoseconds);
    now = (time_t) seconds;
    pthread_mutex_lock(&log_lock);
    date = gmtime(&now);
    length = snprintf(line, sizeof line, "[%04d/%02d/%02d %02d:%02d:%02d.%09u] [%5s] %s", date->tm_year + 1900, date->tm_mon + 1,
                      date->tm_mday, date->tm_hour, date->tm_min, date->tm_sec, (unsigned) nanoseconds, level_words[level], text);
    if (length >= (int) sizeof line) {
        length = sizeof line - 1;
    }
    if (keep_lines) {
        buffer_add(&kept_lines, line, (size_t) length);
        buffer_add(&kept_lines, "\n", 1);
    } else {
        fprintf(stderr, "%.*s\n", length, line);
        fflush(stderr);
    }
    stray_lines += !is_host_thread;
    pthread_mutex_unlock(&log_lock);
}

void log_limit(int level) { host_level = level; }

void log_line(int level, const char *format, ...) {
    char text[max_log_line];
    va_list args;

    if (level > host_level) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put_line(level, text);
}

void log_quiet(int on) {
    pthread_mutex_lock(&log_lock);
    keep_lines = on;
    pthread_mutex_unlock(&log_lock);
}

char *log_take(void) {
    char *text;

    pthread_mutex_lock(&log_lock);
    buffer_add(&kept_lines, "", 1);
    text = (char *) kept_lines.data;
    kept_lines = (struct buffer) {0};
    pthread_mutex_unlock(&log_lock);
    return text;
}

int log_strays(void) {
    int count;

    pthread_mutex_lock(&log_lock);
    count = stray_lines;
    stray_lines = 0;
    pthread_mutex_unlock(&log_lock);
    return count;
}

/* The core keeps these for itself: the plugin reads them as unset (fluent-bit src/flb_output.c). */
static int is_reserved(const char *key) {
    static const char *const words[] = {"name", "match", "match_regex", "alias", "log_level", "log_suppress_interval", "host",
                                        "port", "ipv6", "retry_limit", "tls", "workers", NULL};
    static const char *const prefixes[] = {"tls.", "net.", "oauth2", "storage.", "_debug.http.", NULL};

    for (int i = 0; words[i] != NULL; i++) {
        if (same_word(words[i], key)) {
            return 1;
        }
    }
    for (int i = 0; prefixes[i] != NULL; i++) {
        char head[16];

        snprintf(head, sizeof head, "%.*s", (int) strlen(prefixes[i]), key);
        if (same_word(prefixes[i], head)) {
            return 1;
        }
    }
    return 0;
}

static const char *get_property(const char *key, void *o_ins) {
    const struct output *o = o_ins;
    const char *value = is_reserved(key) ? NULL : section_get(o->section, key, NULL);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *no_property(const char *key, void *ins) {
    (void) key;
    (void) ins;
    return NULL;
}

static void *no_metrics(void *ins) {
    (void) ins;
    return NULL;
}

static int check_level(void *o_ins, int level) { return ((struct output *) o_ins)->log_level >= level; }

static int no_level(void *ins, int level) {
    (void) ins;
    (void) level;
    return 0;
}

static void print_line(int level, const char *file, int line, const char *format, ...) {
    char text[max_log_line];
    va_list args;

    (void) file;
    (void) line;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put_line(level, text);
}

static struct plugin_api api = {
    .output_get_property = get_property,
    .input_get_property = no_property,
    .output_get_cmt_instance = no_metrics,
    .input_get_cmt_instance = no_metrics,
    .log_print = print_line,
    .input_log_check = no_level,
    .output_log_check = check_level,
    .custom_get_property = no_property,
    .custom_log_check = no_level,
};

/* symbol copies a function's address out of the library without the cast that C forbids. */
static void symbol(struct plugin *p, const char *name, void *function) {
    void *found = library_symbol(p->library, name);

    memcpy(function, &found, sizeof found);
}

static int plugin_register(struct plugin *p) {
    int (*cb_pre_register)(int), (*cb_register)(struct plugin_def *);

    symbol(p, "FLBPluginPreRegister", &cb_pre_register);
    if (cb_pre_register != NULL && cb_pre_register(0) == -1) {
        return -1;
    }
    symbol(p, "FLBPluginRegister", &cb_register);
    if (cb_register == NULL || cb_register(&p->def) == -1) {
        return -1;
    }
    if (p->def.proxy != FLB_PROXY_GOLANG || p->def.type != FLB_PROXY_OUTPUT_PLUGIN) {
        return -1;
    }
    symbol(p, "FLBPluginInit", &p->init.cb_init);
    symbol(p, "FLBPluginFlush", &p->init.cb_flush);
    symbol(p, "FLBPluginFlushCtx", &p->init.cb_flush_ctx);
    symbol(p, "FLBPluginExit", &p->init.cb_exit);
    symbol(p, "FLBPluginExitCtx", &p->init.cb_exit_ctx);
    return p->init.cb_init == NULL ? -1 : 0;
}

int plugin_load(struct plugin *p, const char *path) {
    char why[512];

    memset(p, 0, sizeof *p);
    p->library = library_open(path, why, sizeof why);
    if (p->library == NULL) {
        log_line(LOG_ERROR, "[proxy] error opening plugin %s: '%s'", path, why);
        return -1;
    }
    if (plugin_register(p) != 0) {
        log_line(LOG_ERROR, "[proxy] %s is no Go output plugin", path);
        library_close(p->library);
        return -1;
    }
    return 0;
}

void plugin_unload(struct plugin *p) {
    void (*cb_unregister)(struct plugin_def *);

    symbol(p, "FLBPluginUnregister", &cb_unregister);
    if (cb_unregister != NULL) {
        cb_unregister(&p->def);
    }
    library_close(p->library);
}

int output_open(struct output *o, struct plugin *p, const struct section *s, int level) {
    int (*cb_pre_run)(int);
    int ret;

    *o = (struct output) {p, s, log_level(section_get(s, "log_level", NULL), level), {NULL, p}};
    p->init.name = p->def.name;
    p->init.api = &api;
    p->init.o_ins = o;
    p->init.context = &o->context;
    ret = p->init.cb_init(&p->init);
    if (ret <= 0) {
        log_line(LOG_ERROR, "[go proxy]: plugin '%s' failed to initialize", p->def.name);
        return ret;
    }
    symbol(p, "FLBPluginOutputPreRun", &cb_pre_run);
    if (cb_pre_run != NULL) {
        cb_pre_run(0);
    }
    return ret;
}

int output_flush(struct output *o, const void *data, size_t size, const char *tag) {
    size_t length = strlen(tag) + 1;
    char *copy = malloc(length); /* the plugin gets a tag that dies with the call */
    int ret;

    if (copy == NULL) {
        return FLB_ERROR;
    }
    memcpy(copy, tag, length);
    if (o->plugin->init.cb_flush_ctx != NULL) {
        ret = o->plugin->init.cb_flush_ctx(o->context.remote_context, data, size, copy);
    } else {
        ret = o->plugin->init.cb_flush(data, size, copy);
    }
    free(copy);
    return ret == FLB_OK || ret == FLB_RETRY ? ret : FLB_ERROR;
}

int output_close(struct output *o) {
    void (*cb_pre_exit)(int);

    symbol(o->plugin, "FLBPluginOutputPreExit", &cb_pre_exit);
    if (cb_pre_exit != NULL) {
        cb_pre_exit(0);
    }
    if (o->plugin->init.cb_exit_ctx != NULL) {
        return o->plugin->init.cb_exit_ctx(o->context.remote_context);
    }
    return o->plugin->init.cb_exit != NULL ? o->plugin->init.cb_exit() : 0;
}
