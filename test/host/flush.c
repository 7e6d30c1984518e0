/* SPDX-License-Identifier: Apache-2.0 */

/* Times single flushes that give detections, for outputs that work and outputs that hang. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boundary.h"
#include "port.h"

/* A chunk has as many lines as a busy server gives between two flushes; every twentieth calls the shell. */
enum { flush_lines = 200, shell_every = 20, max_flushes = 100000, warm_up = 20 };

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}

/* flush_chunk is the nth chunk; clients of the shell come in turn. */
static void flush_chunk(struct story *s, int nth, int clients) {
    for (int i = 0; i < flush_lines; i++) {
        int number = nth * flush_lines + i, client = number / shell_every % clients;

        if (i % shell_every == 0) {
            story_linef(s, 1800 + nth / 100, "WEB01 W3SVC1 POST /up/shell.aspx cmd=%d 10.%d.%d.%d curl/8.4.0 200", number, client >> 16 & 255,
                        client >> 8 & 255, client & 255);
        } else {
            story_linef(s, 1800 + nth / 100, "WEB01 W3SVC1 GET /shop/%d.png - 10.200.0.%d Mozilla/5.0 200", i, i);
        }
    }
}

/* peak_memory is the most that the process ever held, in bytes; 0 where the system does not say. */
static unsigned long long peak_memory(void) {
    FILE *status = fopen("/proc/self/status", "r");
    unsigned long long kilobytes = 0;
    char line[256];

    if (status == NULL) {
        return 0;
    }
    while (fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmHWM: %llu kB", &kilobytes) == 1) {
            break;
        }
    }
    fclose(status);
    return kilobytes * 1024;
}

/* rig_words sets KEY=VALUE properties. */
static int rig_words(struct rig *r, char **words) {
    for (; *words != NULL; words++) {
        char *equals = strchr(*words, '=');

        if (equals == NULL) {
            return -1;
        }
        *equals = '\0';
        rig_set(r, *words, equals + 1);
    }
    return 0;
}

static void show(uint64_t *took, int flushes) {
    qsort(took, (size_t) flushes, sizeof *took, by_size);
    printf("flush p50 %llu ns, p99 %llu ns, max %llu ns, peak %llu bytes\n", (unsigned long long) took[flushes / 2],
           (unsigned long long) took[flushes * 99 / 100], (unsigned long long) took[flushes - 1], peak_memory());
}

int flush_times(const char *library, int clients, int flushes, char **words) {
    static uint64_t took[max_flushes];
    struct rig r = {.library = library};
    struct story s = {.path = iis_path};

    rig_section(&r);
    if (clients < 1 || flushes < 1 || flushes > max_flushes || rig_words(&r, words) != 0) {
        return 2;
    }
    log_limit(LOG_ERROR);
    rig_open(&r);
    story_line(&s, iis_fields);
    flush_story(&r, &s);
    flush_alert(&r);
    for (int i = -warm_up; i < flushes && r.why[0] == '\0'; i++) {
        uint64_t began;

        flush_chunk(&s, i + warm_up, clients);
        began = steady_ns();
        expect(&r, output_flush(&r.output, s.chunk.data, s.chunk.size, iis_tag) == FLB_OK, "a flush failed");
        if (i >= 0) {
            took[i] = steady_ns() - began;
        }
        buffer_free(&s.chunk);
    }
    if (r.why[0] == '\0') {
        show(took, flushes);
    }
    rig_close(&r);
    rig_remove(&r);
    if (r.why[0] != '\0') {
        fprintf(stderr, "%s\n", r.why);
    }
    return r.why[0] != '\0';
}
