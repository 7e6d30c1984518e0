/* SPDX-License-Identifier: Apache-2.0 */

/* host: runs a Go output plugin as Fluent Bit does, where no Fluent Bit is at hand.
 *
 *   host [options] -e plugin.so -c fluent-bit.conf    runs a classic configuration
 *   host boundary plugin.so [case...]                 runs the boundary cases, or those named
 *   host bench plugin.so                              times the way from C into the plugin
 *   host flush plugin.so clients flushes [key=value...]  times flushes that give detections */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "boundary.h"
#include "engine.h"
#include "port.h"
#include "tail.h"

enum { max_inputs = 64, idle_ms = 20 };

struct options {
    const char *config, *plugin;
    struct delivery delivery;
    int daemon, exit_when_idle, verbose;
};

static const char usage[] =
    "usage: host [-d] [-v] [--framing new|old|mixed] [--chunk-size BYTES] [--shuffle SEED] [--twice] [--exit-when-idle]\n"
    "            -e PLUGIN -c CONFIG\n"
    "       host boundary PLUGIN [CASE...]\n"
    "       host bench PLUGIN\n"
    "       host flush PLUGIN CLIENTS FLUSHES [KEY=VALUE...]\n";

static enum framing framing_of(const char *word) {
    if (same_word(word, "old")) {
        return FRAMING_OLD;
    }
    return same_word(word, "mixed") ? FRAMING_MIXED : FRAMING_NEW;
}

/* read_flag takes an option that stands alone; 0 when it is none. */
static int read_flag(struct options *o, const char *name) {
    int *at = strcmp(name, "-d") == 0                 ? &o->daemon
              : strcmp(name, "-v") == 0               ? &o->verbose
              : strcmp(name, "--twice") == 0          ? &o->delivery.twice
              : strcmp(name, "--exit-when-idle") == 0 ? &o->exit_when_idle
                                                      : NULL;

    if (at != NULL) {
        *at = 1;
    }
    return at != NULL;
}

/* read_option takes an option with its value; 0 when it is none. */
static int read_option(struct options *o, const char *name, const char *value) {
    if (strcmp(name, "-c") == 0) {
        o->config = value;
    } else if (strcmp(name, "-e") == 0) {
        o->plugin = value;
    } else if (strcmp(name, "--framing") == 0) {
        o->delivery.framing = framing_of(value);
    } else if (strcmp(name, "--chunk-size") == 0) {
        o->delivery.chunk_size = strtoul(value, NULL, 10);
    } else if (strcmp(name, "--shuffle") == 0) {
        o->delivery.shuffle = (unsigned) strtoul(value, NULL, 10);
    } else {
        return 0;
    }
    return 1;
}

static int read_options(struct options *o, int count, char **words) {
    o->delivery.chunk_size = 2u << 20; /* as Fluent Bit cuts them */
    for (int i = 1; i < count; i++) {
        if (read_flag(o, words[i])) {
            continue;
        }
        if (i + 1 >= count || !read_option(o, words[i], words[i + 1])) {
            return -1;
        }
        i++;
    }
    return o->config != NULL ? 0 : -1;
}

/* to_background does what Fluent Bit does for Daemon On: it forks, after the plugins were loaded. */
static void to_background(void) {
#ifndef _WIN32
    pid_t child = fork();

    if (child < 0) {
        exit(1);
    }
    if (child > 0) {
        _exit(0);
    }
    umask(0);
    setsid();
    log_line(LOG_INFO, "switching to background mode (PID=%ld)", (long) getpid());
#endif
}

/* beside writes the path as seen from the folder that the configuration is in. */
static void beside(const char *config, const char *path, char *out, size_t room) {
    const char *slash = strrchr(config, '/');
    int is_whole = path[0] == '/' || path[0] == '\\' || strchr(path, ':') != NULL;

    snprintf(out, room, "%.*s%s", is_whole || slash == NULL ? 0 : (int) (slash - config + 1), config, path);
}

/* plugin_of looks for the shared object: -e, else the first Path of plugins_file. */
static const char *plugin_of(const struct options *o, const struct section *service, struct config *plugins) {
    const char *file = section_get(service, "plugins_file", NULL);
    char path[4096];

    if (o->plugin != NULL || file == NULL) {
        return o->plugin;
    }
    beside(o->config, file, path, sizeof path);
    if (config_read(plugins, path) != 0 || plugins->count == 0) {
        return NULL;
    }
    return section_get(&plugins->sections[0], "path", NULL);
}

static const struct section *service_of(const struct config *c) {
    for (size_t i = 0; i < c->count; i++) {
        if (same_word(c->sections[i].name, "service")) {
            return &c->sections[i];
        }
    }
    return NULL;
}

struct run {
    struct options options;
    struct config config, plugins;
    struct plugin plugin;
    struct engine *engine;
    struct input *inputs[max_inputs];
    size_t input_count;
    uint64_t flush_ms;
};

/* start makes outputs and inputs; -1 when one refuses. */
static int start(struct run *r, int level) {
    for (size_t i = 0; i < r->config.count; i++) {
        const struct section *s = &r->config.sections[i];

        if (same_word(s->name, "output") && !same_word(section_get(s, "name", ""), r->plugin.def.name)) {
            fprintf(stderr, "host: [OUTPUT] %s is not known here and gets nothing\n", section_get(s, "name", ""));
        } else if (same_word(s->name, "output") && engine_output(r->engine, &r->plugin, s, level) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < r->config.count; i++) {
        const struct section *s = &r->config.sections[i];

        if (!same_word(s->name, "input")) {
            continue;
        }
        if (r->input_count == max_inputs || (r->inputs[r->input_count] = input_new(s, r->options.delivery.framing)) == NULL) {
            return -1;
        }
        r->input_count++;
    }
    return 0;
}

/* has_ended: every input that is to end has. */
static int has_ended(const struct run *r) {
    int waited = 0, ended = 1;

    for (size_t i = 0; i < r->input_count; i++) {
        if (input_waits_for_end(r->inputs[i])) {
            waited = 1;
            ended &= input_ended(r->inputs[i]);
        }
    }
    return r->options.exit_when_idle || (waited && ended);
}

static void loop(struct run *r) {
    uint64_t flushed = steady_ms();
    int was_busy = 1;

    while (!stop_requested()) {
        size_t got = 0;

        for (size_t i = 0; i < r->input_count; i++) {
            got += input_poll(r->inputs[i], r->engine);
        }
        if (steady_ms() - flushed >= r->flush_ms) {
            engine_flush(r->engine);
            flushed = steady_ms();
        }
        if (got == 0 && has_ended(r)) {
            return;
        }
        if (got == 0 && was_busy) {
            log_line(LOG_INFO, "[engine] every file was read to its end");
        }
        was_busy = got > 0;
        if (got == 0) {
            sleep_ms(idle_ms);
        }
    }
    log_line(LOG_WARN, "[engine] service will shutdown");
}

static int run(struct run *r) {
    const struct section *service;
    const char *library;
    int level, ret;

    if (config_read(&r->config, r->options.config) != 0) {
        return 1;
    }
    service = service_of(&r->config);
    level = r->options.verbose ? LOG_DEBUG : log_level(section_get(service, "log_level", NULL), LOG_INFO);
    log_limit(level);
    r->flush_ms = (uint64_t) (atof(section_get(service, "flush", "1")) * 1000);
    library = plugin_of(&r->options, service, &r->plugins);
    if (library == NULL) {
        fputs(usage, stderr);
        return 2;
    }
    if (plugin_load(&r->plugin, library) != 0) {
        return 1;
    }
    if (r->options.daemon || section_bool(service, "daemon", 0)) {
        to_background();
    }
    r->engine = engine_new(&r->options.delivery);
    ret = start(r, level);
    if (ret == 0) {
        loop(r);
    }
    engine_stop(r->engine);
    for (size_t i = 0; i < r->input_count; i++) {
        input_free(r->inputs[i]);
    }
    plugin_unload(&r->plugin);
    return ret == 0 ? 0 : 1;
}

int main(int count, char **words) {
    struct run r = {0};

    host_thread();
    if (count >= 3 && strcmp(words[1], "boundary") == 0) {
        return boundary(words[2], words + 3);
    }
    if (count == 3 && strcmp(words[1], "bench") == 0) {
        return bench(words[2]);
    }
    if (count >= 5 && strcmp(words[1], "flush") == 0) {
        return flush_times(words[2], atoi(words[3]), atoi(words[4]), words + 5);
    }
    if (read_options(&r.options, count, words) != 0) {
        fputs(usage, stderr);
        return 2;
    }
    watch_signals();
    return run(&r);
}
