/* SPDX-License-Identifier: Apache-2.0 */

/* Cases of what a chunk holds: framings, clocks, lines known by their offset, Windows paths, alerts before and after. */

#include <stdio.h>
#include <string.h>

#include "boundary.h"

static const char client[] = "203.0.113.7";

static void framed(struct rig *r, enum framing framing) {
    struct story s = {.path = iis_path, .framing = framing};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 12);
    story_requests(&s, "198.51.100.9", 30, 1);
    flush_story(r, &s);
    flush_alert(r);
    rig_close(r);
    expect(r, request_count(r->file, "198.51.100.9") == 1, "the second client is missing");
    expect_requests(r, client, 12);
}

static void framing_new(struct rig *r) { framed(r, FRAMING_NEW); }

static void framing_old(struct rig *r) { framed(r, FRAMING_OLD); }

static void framing_mixed(struct rig *r) { framed(r, FRAMING_MIXED); }

static void every_timestamp(struct rig *r) {
    static const enum clock_form forms[] = {CLOCK_EVENT_TIME, CLOCK_EXT8, CLOCK_INTEGER, CLOCK_FLOAT};
    struct story s = {.path = NULL};
    char line[256];

    rig_open(r);
    story_line(&s, iis_fields);
    for (int i = 0; i < 8; i++) {
        pack_head_at(&s.chunk, i < 4 ? FRAMING_NEW : FRAMING_OLD, forms[i % 4], 1740909600, 1);
        pack_text(&s.chunk, "log");
        snprintf(line, sizeof line, "%s WEB01 W3SVC1 GET /up/shell.aspx - %s - 200", story_time(i, "%Y-%m-%d %H:%M:%S"), client);
        pack_text(&s.chunk, line);
    }
    flush_story(r, &s);
    flush_alert(r);
    expect_requests(r, client, 8);
}

/* Group markers: seconds -1 and -2 of an int32, whose maps describe the group (fluent-bit flb_log_event.h). */
static void group_markers(struct rig *r) {
    struct story s = {.path = iis_path};
    char line[256];

    rig_open(r);
    pack_head_at(&s.chunk, FRAMING_NEW, CLOCK_EVENT_TIME, 0xffffffff, 1);
    pack_text(&s.chunk, "log");
    snprintf(line, sizeof line, "%s WEB01 W3SVC1 GET /up/shell.aspx - 192.0.2.1 - 200", story_time(0, "%Y-%m-%d %H:%M:%S"));
    pack_text(&s.chunk, line);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 2);
    pack_head_at(&s.chunk, FRAMING_NEW, CLOCK_EVENT_TIME, 0xfffffffe, 0);
    flush_story(r, &s);
    flush_alert(r);
    rig_close(r);
    expect(r, request_count(r->file, "192.0.2.1") == -1, "a group marker was read as a request");
    expect_requests(r, client, 2);
}

static void chunk_twice(struct rig *r) {
    struct story s = {.path = iis_path};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 7);
    expect(r, rig_flush(&r->output, &s.chunk, iis_tag) == FLB_OK, "first flush failed");
    flush_story(r, &s);
    flush_alert(r);
    expect_requests(r, client, 7);
}

static void without_offsets(struct rig *r) {
    struct story s = {.path = NULL};

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 4);
    flush_story(r, &s);
    flush_alert(r);
    expect_requests(r, client, 4);
}

static void alert_first(struct rig *r) {
    struct story s = {.path = iis_path};

    rig_open(r);
    flush_alert(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 1800, 1);
    flush_story(r, &s);
    story_requests(&s, client, 1860, 5);
    flush_story(r, &s);
    expect_requests(r, client, 6);
}

static void columns_change(struct rig *r) {
    struct story s = {.path = iis_path};
    char line[256];

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 2);
    story_line(&s, "#Fields: time date c-ip cs-uri-stem s-computername s-sitename sc-status");
    snprintf(line, sizeof line, "%s %s /up/shell.aspx WEB01 W3SVC1 200", story_time(30, "%H:%M:%S %Y-%m-%d"), client);
    story_line(&s, line);
    flush_story(r, &s);
    flush_alert(r);
    expect_requests(r, client, 3);
}

/* What tail makes of a file on Windows: backslashes, a BOM, empty CRLF lines as a lone CR; the site stands in the path. */
static void windows_lines(struct rig *r) {
    struct story s = {.path = "C:\\inetpub\\logs\\LogFiles\\W3SVC3\\u_ex250302.log"};

    rig_open(r);
    story_line(&s, "\xef\xbb\xbf#Software: Microsoft Internet Information Services 10.0");
    story_line(&s, "#Version: 1.0");
    story_line(&s, "#Date: 2025-03-02 10:00:00");
    story_line(&s, "#Fields: date time s-computername cs-method cs-uri-stem c-ip sc-status");
    story_line(&s, "\r");
    story_linef(&s, 1, "WEB01 POST /up/SHELL.ASPX %s 200", client);
    flush_story(r, &s);
    flush_alert(r);
    rig_close(r);
    expect(r, detections(r->file, "\"SiteName\":\"W3SVC3\"") > 0, "the site of the path is missing");
    expect(r, detections(r->file, "\"ShellLocation\":\"/up/SHELL.ASPX\"") > 0, "the URL is not as logged");
    expect_requests(r, client, 1);
}

/* own_detections hands what one instance wrote to another one, as Match * can. */
static void own_detections(struct rig *r) {
    struct rig other = {.library = r->library};
    struct story s = {.path = iis_path}, back = {.path = NULL};
    FILE *file;
    char line[16384];

    rig_open(r);
    story_line(&s, iis_fields);
    story_requests(&s, client, 0, 3);
    flush_story(r, &s);
    flush_alert(r);
    rig_close(r);
    file = fopen(r->file, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        story_line(&back, line);
    }
    if (file != NULL) {
        fclose(file);
    }
    expect(r, back.events > 0, "no detection to hand back");
    rig_section(&other);
    rig_open(&other);
    rig_flush(&other.output, &back.chunk, alert_tag);
    rig_flush(&other.output, &back.chunk, iis_tag);
    rig_close(&other);
    expect(r, other.why[0] == '\0', "%s", other.why);
    expect(r, detections(other.file, "{") == 0, "a detection was taken for input");
    rig_remove(&other);
    buffer_free(&back.chunk);
}

const struct boundary_case content_cases[] = {
    {"framing_new", framing_new},
    {"framing_old", framing_old},
    {"framing_mixed", framing_mixed},
    {"every_timestamp", every_timestamp},
    {"group_markers", group_markers},
    {"chunk_twice", chunk_twice},
    {"without_offsets", without_offsets},
    {"alert_first", alert_first},
    {"columns_change", columns_change},
    {"windows_lines", windows_lines},
    {"own_detections", own_detections},
    {NULL, NULL},
};
