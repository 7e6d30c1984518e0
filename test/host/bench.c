/* SPDX-License-Identifier: Apache-2.0 */

/* Times what only C can time: the way from Fluent Bit into the plugin and back, and a flush of a usual chunk. */

#include <stdio.h>
#include <string.h>

#include "boundary.h"
#include "port.h"

enum { crossings = 200000, chunk_lines = 8000, chunk_flushes = 50 };

/* busy_chunk is a chunk of tail's usual size where two of five lines call a script. */
static void busy_chunk(struct story *s) {
    static const char *const urls[] = {"/img/logo.png", "/css/site.css", "/api/data.json", "/default.aspx", "/shop/cart.aspx"};
    char line[512];

    story_line(s, iis_fields);
    for (int i = 0; i < chunk_lines; i++) {
        snprintf(line, sizeof line, "2025-03-02 10:%02d:%02d WEB01 W3SVC1 GET %s id=%d 10.0.%d.%d Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64) 200", i / 60 % 60,
                 i % 60, urls[i % 5], i, i / 250 % 250, i % 250);
        story_line(s, line);
    }
}

int bench(const char *library) {
    struct rig r = {.library = library};
    struct story s = {.path = NULL};
    struct buffer empty = {0};
    uint64_t began;

    rig_section(&r);
    rig_open(&r);
    if (r.why[0] != '\0') {
        fprintf(stderr, "%s\n", r.why);
        return 1;
    }
    began = steady_ms();
    for (int i = 0; i < crossings; i++) {
        output_flush(&r.output, empty.data, 0, iis_tag);
    }
    printf("empty flush: %.0f ns\n", (double) (steady_ms() - began) * 1e6 / crossings);
    busy_chunk(&s);
    began = steady_ms();
    for (int i = 0; i < chunk_flushes; i++) {
        output_flush(&r.output, s.chunk.data, s.chunk.size, iis_tag);
    }
    printf("chunk of %d lines, %zu bytes: %.0f ns a line\n", chunk_lines, s.chunk.size,
           (double) (steady_ms() - began) * 1e6 / chunk_flushes / chunk_lines);
    buffer_free(&s.chunk);
    rig_close(&r);
    rig_remove(&r);
    return 0;
}
