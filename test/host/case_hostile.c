/* SPDX-License-Identifier: Apache-2.0 */

/* Cases of input that means harm: garbage, cut chunks, nesting, lengths that lie, long lines, broken alerts. Behind each
 * the instance must still do its work. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boundary.h"

static const char client[] = "203.0.113.7";

/* expect_alive tells a whole story to the instance and wants its detection. */
static void expect_alive(struct rig *r) {
    struct story s = {.path = "/srv/iis/W3SVC1/u_ex250303.log"};

    story_line(&s, iis_fields);
    story_requests(&s, client, 60, 5);
    flush_story(r, &s);
    flush_alert(r);
    expect_requests(r, client, 5);
}

/* survive flushes what may be no chunk at all, as requests and as alerts. */
static void survive(struct rig *r, const struct buffer *chunk, const char *what) {
    int one = rig_flush(&r->output, chunk, iis_tag), two = rig_flush(&r->output, chunk, alert_tag);

    expect(r, one == FLB_OK && two == FLB_OK, "%s: flushes returned %d and %d, want %d", what, one, two, FLB_OK);
}

static void garbage(struct rig *r) {
    struct buffer chunk = {0};
    unsigned random = 1;

    rig_open(r);
    for (int round = 0; round < 2000; round++) {
        size_t length;

        random = random * 1103515245 + 12345;
        length = (random >> 16) % 300;
        chunk.size = 0;
        while (chunk.size < length) {
            unsigned char byte;

            random = random * 1103515245 + 12345;
            byte = (unsigned char) (random >> 16);
            buffer_add(&chunk, &byte, 1);
        }
        survive(r, &chunk, "garbage");
    }
    buffer_free(&chunk);
    expect_alive(r);
}

/* flipped takes a good chunk and breaks one byte of it at a time. */
static void flipped(struct rig *r) {
    struct story s = {.path = iis_path};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, "192.0.2.1", 0, 2);
    for (size_t i = 0; i < s.chunk.size; i++) {
        unsigned char kept = s.chunk.data[i];

        s.chunk.data[i] = (unsigned char) (kept ^ 0x80);
        survive(r, &s.chunk, "a flipped bit");
        s.chunk.data[i] = 0xdf;
        survive(r, &s.chunk, "a map in the middle");
        s.chunk.data[i] = kept;
    }
    buffer_free(&s.chunk);
    expect_alive(r);
}

static void cut_everywhere(struct rig *r) {
    struct story s = {.path = iis_path};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, "192.0.2.1", 0, 2);
    for (size_t size = s.chunk.size; size > 0; size--) {
        s.chunk.size = size - 1;
        survive(r, &s.chunk, "a cut chunk");
    }
    buffer_free(&s.chunk);
    expect_alive(r);
}

static void cut_keeps_whole_events(struct rig *r) {
    struct story s = {.path = iis_path};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 6);
    s.chunk.size -= 20;
    flush_story(r, &s);
    flush_alert(r);
    expect_requests(r, client, 5);
}

static void deep_nesting(struct rig *r) {
    struct buffer chunk = {0};
    unsigned char *deep = malloc(5 << 20);

    rig_open(r);
    memset(deep, 0x91, 5 << 20);
    buffer_add(&chunk, deep, 5 << 20);
    survive(r, &chunk, "nested arrays");
    chunk.size = 0;
    pack_head(&chunk, FRAMING_NEW, 0, 1);
    pack_text(&chunk, "log");
    buffer_add(&chunk, deep, 5 << 20);
    survive(r, &chunk, "nested arrays in a body");
    memset(deep, '[', 5 << 20);
    chunk.size = 0;
    pack_head(&chunk, FRAMING_NEW, 0, 1);
    pack_text(&chunk, "log");
    pack_string(&chunk, deep, 5 << 20);
    survive(r, &chunk, "nested JSON");
    buffer_free(&chunk);
    free(deep);
    expect_alive(r);
}

static void lying_lengths(struct rig *r) {
    static const char *const lies[] = {"\xdf\xff\xff\xff\xff", "\xdd\xff\xff\xff\xff", "\xdb\xff\xff\xff\xff", "\xc6\xff\xff\xff\xff", "\xc9\xff\xff\xff\xff"};
    struct buffer chunk = {0};

    rig_open(r);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        chunk.size = 0;
        buffer_add(&chunk, lies[i], 5);
        survive(r, &chunk, "a length that lies");
        chunk.size = 0;
        pack_head(&chunk, FRAMING_NEW, 0, 1);
        pack_text(&chunk, "log");
        buffer_add(&chunk, lies[i], 5);
        survive(r, &chunk, "a length that lies in a body");
        chunk.size = 0;
        pack_head(&chunk, FRAMING_NEW, 0, 0xffffffff);
        survive(r, &chunk, "a body of 4 G members");
    }
    buffer_free(&chunk);
    expect_alive(r);
}

static void long_lines(struct rig *r) {
    struct story s = {.path = iis_path};
    char *line = malloc((1 << 20) + 1);

    rig_open(r);
    memset(line, 'A', 1 << 20);
    line[1 << 20] = '\0';
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 1);
    story_line(&s, line);
    story_requests(&s, client, 10, 1);
    memset(line, ' ', 1 << 20);
    story_line(&s, line);
    story_requests(&s, client, 20, 1);
    flush_story(r, &s);
    free(line);
    flush_alert(r);
    expect_requests(r, client, 3);
}

static void bad_lines(struct rig *r) {
    static const char *const lines[] = {
        "", " ", "#", "#Fields", "#Date: soon", "2025-03-02", "2025-03-02 10:00:00 WEB01 W3SVC1 GET /up/shell.aspx", "\xff\xfe\xfd",
        "2025-13-02 10:00:00 WEB01 W3SVC1 POST /up/shell.aspx - 203.0.113.7 - 200",
        "2025-03-02 25:00:00 WEB01 W3SVC1 POST /up/shell.aspx - 203.0.113.7 - 200",
        "2099-03-02 10:00:00 WEB01 W3SVC1 POST /up/shell.aspx - 203.0.113.7 - 200",
    };
    struct story s = {.path = iis_path};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 1);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        story_line(&s, lines[i]);
    }
    story_linef(&s, 5, "WEB01 W3SVC1 POST /up/shell.aspx - %s - 200 more", client);
    story_linef(&s, 6, "WEB01 W3SVC1 POST /up/shell.aspx - %s -", client);
    story_requests(&s, client, 10, 1);
    flush_story(r, &s);
    flush_alert(r);
    expect_requests(r, client, 2);
}

static void bad_alerts(struct rig *r) {
    static const char *const alerts[] = {
        "", "{", "[]", "[{}]", "null", "{\"file\":null}", "{\"file\":{\"file\":{}}}", "{\"file\":\"\"}", "{\"host\":\"WEB01\"}",
        "{\"SystemAlertId\":\"x\",\"Entities\":\"[{\"}", "{\"SystemAlertId\":\"x\",\"ProviderName\":\"MDATP\",\"Entities\":[[[]]]}",
        "{\"records\":[{\"file\":7},null,[],{\"records\":[]}]}", "{\"file\":\"shell.aspx\",\"host\":\"\xff\xfe\",\"time\":\"yesterday\"}",
    };
    struct story s = {.path = NULL};

    rig_open(r);
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
        story_line(&s, alerts[i]);
    }
    survive(r, &s.chunk, "broken alerts");
    buffer_free(&s.chunk);
    expect_alive(r);
}

const struct boundary_case hostile_cases[] = {
    {"garbage", garbage},
    {"flipped", flipped},
    {"cut_everywhere", cut_everywhere},
    {"cut_keeps_whole_events", cut_keeps_whole_events},
    {"deep_nesting", deep_nesting},
    {"lying_lengths", lying_lengths},
    {"long_lines", long_lines},
    {"bad_lines", bad_lines},
    {"bad_alerts", bad_alerts},
    {NULL, NULL},
};
