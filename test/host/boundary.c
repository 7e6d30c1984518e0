/* SPDX-License-Identifier: Apache-2.0 */

#include "boundary.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "port.h"

/* The story began an hour ago: in the present, so that a record without a time of its own is no leap of the clock. */
enum { story_age = 3600, alert_second = 1800 };

const char iis_path[] = "/srv/iis/W3SVC1/u_ex250302.log";
const char iis_fields[] =
    "#Fields: date time s-computername s-sitename cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status";
const char iis_tag[] = "iis.access", alert_tag[] = "alert.test";

void expect(struct rig *r, int condition, const char *format, ...) {
    va_list args;

    if (condition || r->why[0] != '\0') {
        return;
    }
    va_start(args, format);
    vsnprintf(r->why, sizeof r->why, format, args);
    va_end(args);
}

void rig_section(struct rig *r) {
    static int number;
    struct section *s = section_add(&r->config, "OUTPUT");

    snprintf(r->file, sizeof r->file, "%s/webshell-boundary-%llu-%d.json", scratch_folder(), (unsigned long long) steady_ms(), ++number);
    remove(r->file);
    section_set(s, "Name", "webshell");
    section_set(s, "Output", "file");
    section_set(s, "File_Path", r->file);
    section_set(s, "offset_key", "offset");
    section_set(s, "update_interval", "0");
}

void rig_set(struct rig *r, const char *key, const char *value) { section_set(&r->config.sections[0], key, value); }

void rig_open(struct rig *r) {
    int ret;

    if (plugin_load(&r->plugin, r->library) != 0) {
        expect(r, 0, "the plugin does not load");
        return;
    }
    ret = output_open(&r->output, &r->plugin, &r->config.sections[0], LOG_INFO);
    expect(r, ret == FLB_OK, "Init returned %d, want %d", ret, FLB_OK);
}

void rig_close(struct rig *r) {
    if (r->plugin.library != NULL) {
        output_close(&r->output);
        plugin_unload(&r->plugin);
        r->plugin.library = NULL;
    }
}

void rig_remove(struct rig *r) {
    char rotated[sizeof r->file + 16];
    int i = 0;

    remove(r->file);
    do {
        snprintf(rotated, sizeof rotated, "%s.%d", r->file, ++i);
    } while (remove(rotated) == 0);
    config_free(&r->config);
}

int rig_flush(struct output *o, const struct buffer *chunk, const char *tag) {
    unsigned char *copy = malloc(chunk->size > 0 ? chunk->size : 1);
    int ret;

    if (copy == NULL) {
        return FLB_ERROR;
    }
    if (chunk->size > 0) {
        memcpy(copy, chunk->data, chunk->size);
    }
    ret = output_flush(o, copy, chunk->size, tag);
    memset(copy, 0xee, chunk->size);
    free(copy);
    return ret;
}

void story_line(struct story *s, const char *line) {
    size_t length = strlen(line);

    pack_head(&s->chunk, s->framing, s->events++, s->path == NULL ? 1 : 3);
    if (s->path != NULL) {
        pack_text(&s->chunk, "path");
        pack_text(&s->chunk, s->path);
        pack_text(&s->chunk, "offset");
        pack_unsigned(&s->chunk, s->offset);
        s->offset += length + 2; /* CR and LF */
    }
    pack_text(&s->chunk, "log");
    pack_string(&s->chunk, line, length);
}

const char *story_time(int second, const char *format) {
    static char text[64];
    static uint32_t start;
    uint32_t nanoseconds;
    time_t at;

    if (start == 0) {
        wall_clock(&start, &nanoseconds);
        start -= story_age;
    }
    at = (time_t) start + second;
    strftime(text, sizeof text, format, gmtime(&at));
    return text;
}

void story_linef(struct story *s, int second, const char *format, ...) {
    char rest[512], line[600];
    va_list args;

    va_start(args, format);
    vsnprintf(rest, sizeof rest, format, args);
    va_end(args);
    snprintf(line, sizeof line, "%s %s", story_time(second, "%Y-%m-%d %H:%M:%S"), rest);
    story_line(s, line);
}

void story_requests(struct story *s, const char *client, int second, int count) {
    for (int i = 0; i < count; i++) {
        story_linef(s, second + i, "WEB01 W3SVC1 POST /up/shell.aspx cmd=whoami %s curl/8.4.0 200", client);
    }
}

void flush_story(struct rig *r, struct story *s) {
    int ret = rig_flush(&r->output, &s->chunk, iis_tag);

    expect(r, ret == FLB_OK, "flush of requests returned %d, want %d", ret, FLB_OK);
    buffer_free(&s->chunk);
}

void flush_alert(struct rig *r) {
    struct story alert = {.path = NULL};
    char text[512];
    int ret;

    snprintf(text, sizeof text,
             "{\"file\":\"shell.aspx\",\"directory\":\"C:\\\\inetpub\\\\wwwroot\\\\up\",\"host\":\"WEB01\",\"id\":\"a-1\","
             "\"time\":\"%s\",\"title\":\"Web shell\",\"severity\":\"high\"}",
             story_time(alert_second, "%Y-%m-%dT%H:%M:%SZ"));
    story_line(&alert, text);
    ret = rig_flush(&r->output, &alert.chunk, alert_tag);
    expect(r, ret == FLB_OK, "flush of an alert returned %d, want %d", ret, FLB_OK);
    buffer_free(&alert.chunk);
}

/* each_line calls see for each line of a file. */
static void each_line(const char *path, void (*see)(const char *line, void *arg), void *arg) {
    FILE *file = fopen(path, "rb");
    struct buffer line = {0};
    int c;

    if (file == NULL) {
        return;
    }
    while ((c = getc(file)) != EOF) {
        char byte = (char) c;

        if (c != '\n') {
            buffer_add(&line, &byte, 1);
            continue;
        }
        buffer_add(&line, "", 1);
        see((char *) line.data, arg);
        line.size = 0;
    }
    fclose(file);
    buffer_free(&line);
}

struct search {
    const char *text;
    long found;
};

static void count_line(const char *line, void *arg) {
    struct search *s = arg;

    s->found += strstr(line, s->text) != NULL;
}

long detections(const char *file, const char *text) {
    struct search s = {text, 0};

    each_line(file, count_line, &s);
    return s.found;
}

static void last_count(const char *line, void *arg) {
    static const char key[] = "\"RequestCount\":";
    struct search *s = arg;
    const char *count = strstr(line, key);

    if (strstr(line, s->text) != NULL && count != NULL) {
        s->found = strtol(count + strlen(key), NULL, 10);
    }
}

long request_count(const char *file, const char *client) {
    char text[128];
    struct search s = {text, -1};

    snprintf(text, sizeof text, "\"AttackerIP\":\"%s\"", client);
    each_line(file, last_count, &s);
    return s.found;
}

void expect_requests(struct rig *r, const char *client, long want) {
    long got;

    rig_close(r);
    got = request_count(r->file, client);
    expect(r, got == want, "%ld requests of %s in the last detection, want %ld (-1: no detection)", got, client, want);
}

/* run_case gives 1 when the case failed. */
static int run_case(const char *library, const struct boundary_case *one) {
    struct rig r = {.library = library};
    uint64_t began = steady_ms();
    char *lines;
    int strays;

    log_quiet(1);
    rig_section(&r);
    one->run(&r);
    rig_close(&r);
    log_quiet(0);
    lines = log_take();
    strays = log_strays();
    expect(&r, strays == 0, "%d log lines came from a thread that is not Fluent Bit's", strays);
    rig_remove(&r);
    if (r.why[0] == '\0') {
        printf("ok %s (%llu ms)\n", one->name, (unsigned long long) (steady_ms() - began));
    } else {
        printf("FAIL %s: %s\n%s", one->name, r.why, lines);
    }
    fflush(stdout);
    free(lines);
    return r.why[0] != '\0';
}

static int is_wanted(const char *name, char **names) {
    if (names[0] == NULL) {
        return 1;
    }
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0) {
            return 1;
        }
    }
    return 0;
}

int boundary(const char *library, char **names) {
    const struct boundary_case *const lists[] = {life_cases, content_cases, hostile_cases};
    int ran = 0, failed = 0;
    struct plugin first;

    if (plugin_load(&first, library) != 0) {
        printf("FAIL load: %s does not load\n", library);
        return 1;
    }
    plugin_unload(&first);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (const struct boundary_case *one = lists[i]; one->name != NULL; one++) {
            if (is_wanted(one->name, names)) {
                failed += run_case(library, one);
                ran++;
            }
        }
    }
    printf("%d cases, %d failed\n", ran, failed);
    return ran == 0 || failed > 0;
}
