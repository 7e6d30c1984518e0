/* SPDX-License-Identifier: Apache-2.0 */

/* The boundary cases: a plugin driven through its C symbols in every way that Fluent Bit can, and some that it should
 * not. */

#ifndef HOST_BOUNDARY_H
#define HOST_BOUNDARY_H

#include "pack.h"
#include "plugin.h"

/* boundary runs the cases, or those that are named up to a NULL, prints "ok name" or "FAIL name: why" for each and how
 * many there were; 0 when none failed. */
int boundary(const char *library, char **names);

/* bench prints what a flush costs. */
int bench(const char *library);

/* flush_times times that many flushes that give detections of so many clients, with more KEY=VALUE properties up to a
 * NULL; 0 when all went well. */
int flush_times(const char *library, int clients, int flushes, char **words);

/* rig is one case's plugin with one instance that writes detections to a file. */
struct rig {
    const char *library;
    struct plugin plugin;
    struct config config; /* its first section is the instance's */
    struct output output;
    char file[512];
    char why[512]; /* the first expectation that did not hold */
};

struct boundary_case {
    const char *name;
    void (*run)(struct rig *r);
};

/* The lists end with a NULL name. */
extern const struct boundary_case life_cases[], content_cases[], hostile_cases[];

/* expect notes what went wrong when the condition does not hold. */
void expect(struct rig *r, int condition, const char *format, ...);

/* rig_section gives a section with output file; the file is new. */
void rig_section(struct rig *r);
void rig_set(struct rig *r, const char *key, const char *value);
/* rig_open loads the plugin and starts the instance. */
void rig_open(struct rig *r);
/* rig_close stops and unloads. */
void rig_close(struct rig *r);
/* rig_remove removes the file of the section, what was rotated of it, and the section. */
void rig_remove(struct rig *r);
/* rig_flush hands over a copy that is overwritten when the flush has returned. */
int rig_flush(struct output *o, const struct buffer *chunk, const char *tag);

/* story is a log file on its way: each line becomes an event with path, offset and log. */
struct story {
    struct buffer chunk;
    enum framing framing;
    const char *path; /* NULL for events that hold the line alone */
    uint64_t offset;
    unsigned events;
};

extern const char iis_path[], iis_fields[], iis_tag[], alert_tag[];

void story_line(struct story *s, const char *line);
/* story_time writes the time that many seconds into the story, by strftime's format; the text lives until the next call. */
const char *story_time(int second, const char *format);
/* story_linef adds a line that begins with date and time of that second. */
void story_linef(struct story *s, int second, const char *format, ...);
/* story_requests adds count requests of the client to the shell, a second apart from the given second of the story on. The
 * alert is of second 1800. */
void story_requests(struct story *s, const char *client, int second, int count);
/* flush_story flushes the chunk and empties it. */
void flush_story(struct rig *r, struct story *s);
/* flush_alert flushes an alert on the shell. */
void flush_alert(struct rig *r);

/* detections counts the lines of the file that hold the text. */
long detections(const char *file, const char *text);
/* request_count gives RequestCount of the file's last detection of the client, -1 without one. */
long request_count(const char *file, const char *client);
/* expect_requests closes the instance and looks at what it wrote. */
void expect_requests(struct rig *r, const char *client, long want);

#endif
