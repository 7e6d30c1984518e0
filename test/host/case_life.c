/* SPDX-License-Identifier: Apache-2.0 */

/* Cases of an instance's life: symbols, start, refusal, several instances, workers, reload, fork. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "boundary.h"
#include "port.h"

static const char client[] = "203.0.113.7";

static void symbols(struct rig *r) {
    static const char *const wanted[] = {"FLBPluginRegister", "FLBPluginInit", "FLBPluginFlushCtx", "FLBPluginExitCtx", "FLBPluginUnregister"};
    char why[512];
    void *library = library_open(r->library, why, sizeof why);

    expect(r, library != NULL, "%s", why);
    for (size_t i = 0; library != NULL && i < sizeof wanted / sizeof *wanted; i++) {
        expect(r, library_symbol(library, wanted[i]) != NULL, "no symbol %s", wanted[i]);
    }
    if (library != NULL) {
        library_close(library);
    }
}

static void definition(struct rig *r) {
    rig_open(r);
    expect(r, r->plugin.def.type == FLB_PROXY_OUTPUT_PLUGIN && r->plugin.def.proxy == FLB_PROXY_GOLANG, "type %d, proxy %d",
           r->plugin.def.type, r->plugin.def.proxy);
    expect(r, r->plugin.def.flags == 0 && r->plugin.def.event_type == 0 && r->plugin.def.config_map == NULL, "more is set than is known");
    expect(r, r->plugin.def.name != NULL && strcmp(r->plugin.def.name, "webshell") == 0, "name is %s", r->plugin.def.name);
    expect(r, r->plugin.def.description != NULL && r->plugin.def.description[0] != '\0', "no description");
    expect(r, r->output.context.remote_context != NULL, "Init left no context");
}

static void null_arguments(struct rig *r) {
    int (*cb_init)(void *), (*cb_exit)(void *), (*cb_flush)(void *, const void *, size_t, char *);
    struct plugin_init empty = {0};
    char tag[] = "iis";

    rig_open(r);
    cb_init = (int (*)(void *)) r->plugin.init.cb_init;
    cb_exit = r->plugin.init.cb_exit_ctx;
    cb_flush = r->plugin.init.cb_flush_ctx;
    expect(r, cb_init(NULL) <= 0, "Init takes NULL");
    expect(r, cb_init(&empty) <= 0, "Init takes an empty struct");
    expect(r, cb_flush(NULL, "\x90", 1, tag) == FLB_ERROR, "flush without a context is no error");
    expect(r, cb_flush(&empty, "\x90", 1, tag) == FLB_ERROR, "flush with a foreign context is no error");
    expect(r, cb_flush(r->output.context.remote_context, NULL, 0, tag) == FLB_OK, "an empty flush fails");
    expect(r, cb_flush(r->output.context.remote_context, NULL, 7, NULL) == FLB_OK, "a flush without data and tag fails");
    cb_exit(NULL);
}

static void bad_properties(struct rig *r) {
    char *lines;
    struct story s = {.path = iis_path};

    rig_set(r, "log_window", "soon");
    rig_set(r, "Output", "file, syslog");
    rig_set(r, "memory_limit", "64 elephants\n[error] forged");
    if (plugin_load(&r->plugin, r->library) != 0) {
        expect(r, 0, "the plugin does not load");
        return;
    }
    expect(r, output_open(&r->output, &r->plugin, &r->config.sections[0], LOG_INFO) <= 0, "Init takes bad properties");
    lines = log_take();
    expect(r, strstr(lines, "log_window \"soon\"") != NULL && strstr(lines, "output \"file, syslog\"") != NULL && strstr(lines, "memory_limit") != NULL,
           "the message does not name every bad property: %s", lines);
    expect(r, strstr(lines, "\n[error]") == NULL, "a property forged a log line");
    free(lines);
    expect(r, r->output.context.remote_context == NULL, "a refused Init left a context");
    story_requests(&s, client, 0, 1);
    expect(r, rig_flush(&r->output, &s.chunk, iis_tag) == FLB_ERROR, "flush after a refused Init is no error");
    buffer_free(&s.chunk);
}

static void reserved_names(struct rig *r) {
    rig_set(r, "Match", "*");
    rig_set(r, "Workers", "2");
    rig_set(r, "Host", "nowhere");
    rig_set(r, "Retry_Limit", "no_limits");
    rig_set(r, "tls.verify", "off");
    rig_open(r);
}

static void log_levels(struct rig *r) {
    char *lines;

    rig_set(r, "log_level", "error");
    rig_open(r);
    lines = log_take();
    expect(r, strstr(lines, "[output:webshell]") == NULL, "lines below the level: %s", lines);
    free(lines);
    rig_close(r);
    rig_set(r, "log_level", "info");
    rig_open(r);
    lines = log_take();
    expect(r, strstr(lines, "[ info] [output:webshell]") != NULL, "no line at the start: %s", lines);
    free(lines);
}

static void two_instances(struct rig *r) {
    struct rig other = {.library = r->library};
    struct story s = {.path = iis_path};
    int ret;

    rig_open(r);
    rig_section(&other);
    ret = output_open(&other.output, &r->plugin, &other.config.sections[0], LOG_INFO); /* by the same struct */
    expect(r, ret == FLB_OK, "second Init returned %d", ret);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 3);
    flush_story(r, &s);
    flush_alert(r);
    other.plugin = r->plugin;
    flush_alert(&other);
    expect(r, other.why[0] == '\0', "second instance: %s", other.why);
    output_close(&other.output);
    expect(r, detections(other.file, "AttackerIP") == 0, "an instance knows the other's requests");
    rig_remove(&other);
    expect_requests(r, client, 3);
}

static void hot_reload(struct rig *r) {
    struct story s = {.path = iis_path};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 3);
    flush_story(r, &s);
    for (int i = 0; i < 3; i++) {
        rig_close(r);
        rig_open(r);
    }
    flush_alert(r);
    expect_requests(r, client, -1); /* memory only: the new instance knows nothing of the old one */
}

static void after_exit(struct rig *r) {
    struct story s = {.path = iis_path};

    rig_open(r);
    output_close(&r->output);
    story_requests(&s, client, 0, 1);
    expect(r, rig_flush(&r->output, &s.chunk, iis_tag) == FLB_ERROR, "flush after exit is no error");
    buffer_free(&s.chunk);
    output_close(&r->output);
}

enum { worker_count = 4, part_count = 40, lines_a_part = 5 };

/* parts are the chunks of one file, handed to workers in an order of their own. */
struct parts {
    struct output *output;
    struct buffer chunks[part_count];
    int order[part_count], next, failed;
    pthread_mutex_t lock;
};

static void *work(void *arg) {
    struct parts *p = arg;

    host_thread();
    for (;;) {
        int at;

        pthread_mutex_lock(&p->lock);
        at = p->next < part_count ? p->order[p->next++] : -1;
        pthread_mutex_unlock(&p->lock);
        if (at < 0) {
            return NULL;
        }
        if (rig_flush(p->output, &p->chunks[at], iis_tag) != FLB_OK) {
            pthread_mutex_lock(&p->lock);
            p->failed++;
            pthread_mutex_unlock(&p->lock);
        }
    }
}

/* shuffle leaves the first chunk, which has the #Fields line, for the end. */
static void shuffle(int *order) {
    unsigned random = 7;

    for (int i = 0; i < part_count; i++) {
        order[i] = (i + 1) % part_count;
    }
    for (int i = part_count - 2; i > 0; i--) {
        int other, kept = order[i];

        random = random * 1103515245 + 12345;
        other = (int) ((random >> 16) % (unsigned) (i + 1));
        order[i] = order[other];
        order[other] = kept;
    }
}

static void four_workers(struct rig *r) {
    struct parts *p = calloc(1, sizeof *p);
    struct story s = {.path = iis_path, .framing = FRAMING_MIXED};
    pthread_t workers[worker_count];

    rig_open(r);
    pthread_mutex_init(&p->lock, NULL);
    p->output = &r->output;
    shuffle(p->order);
    story_line(&s, iis_fields);
    for (int i = 0; i < part_count; i++) {
        story_requests(&s, client, i * lines_a_part, lines_a_part);
        p->chunks[i] = s.chunk;
        s.chunk = (struct buffer) {0};
    }
    for (int i = 0; i < worker_count; i++) {
        pthread_create(&workers[i], NULL, work, p);
    }
    for (int i = 0; i < worker_count; i++) {
        pthread_join(workers[i], NULL);
    }
    expect(r, p->failed == 0, "%d flushes failed", p->failed);
    flush_alert(r);
    expect_requests(r, client, (long) part_count * lines_a_part);
    for (int i = 0; i < part_count; i++) {
        buffer_free(&p->chunks[i]);
    }
    free(p);
}

#ifndef _WIN32

enum { forks = 10, hang_seconds = 20 };

/* in_fork is what Fluent Bit does behind Daemon On. Its exit code says what went wrong. */
static int in_fork(struct rig *r) {
    char *lines;
    int ret;

    alarm(hang_seconds);
    ret = output_open(&r->output, &r->plugin, &r->config.sections[0], LOG_INFO);
    lines = log_take();
    if (ret > 0) {
        return 1;
    }
    if (strstr(lines, "Daemon On") == NULL) {
        return 2;
    }
    rig_close(r);
    return 0;
}

static void fork_after_load(struct rig *r) {
    if (plugin_load(&r->plugin, r->library) != 0) {
        expect(r, 0, "the plugin does not load");
        return;
    }
    for (int i = 0; i < forks; i++) {
        int status = 0;
        pid_t child = fork();

        if (child == 0) {
            _exit(in_fork(r));
        }
        expect(r, child > 0 && waitpid(child, &status, 0) == child, "no fork");
        expect(r, !WIFSIGNALED(status), "the fork hung or died of signal %d", WTERMSIG(status));
        expect(r, !WIFEXITED(status) || WEXITSTATUS(status) != 1, "Init started in a fork");
        expect(r, !WIFEXITED(status) || WEXITSTATUS(status) == 0, "Init did not say why it refused");
    }
    plugin_unload(&r->plugin);
    rig_open(r); /* the parent is none the worse */
}

#endif

const struct boundary_case life_cases[] = {
    {"symbols", symbols},
    {"definition", definition},
    {"null_arguments", null_arguments},
    {"bad_properties", bad_properties},
    {"reserved_names", reserved_names},
    {"log_levels", log_levels},
    {"two_instances", two_instances},
    {"hot_reload", hot_reload},
    {"after_exit", after_exit},
    {"four_workers", four_workers},
#ifndef _WIN32
    {"fork_after_load", fork_after_load},
#endif
    {NULL, NULL},
};
