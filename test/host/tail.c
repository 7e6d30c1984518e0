/* SPDX-License-Identifier: Apache-2.0 */

#include "tail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

/* How long a file is read on after another one took its name: rotate_wait. */
enum { rotate_wait_ms = 5000 };

struct file {
    struct file *next;
    char *path, *tag;
    FILE *stream;
    uint64_t identity;
    char *bytes;         /* what was read and holds no whole line yet */
    size_t size, room;   /* of bytes */
    int64_t position;    /* where the next read begins */
    uint64_t offset;     /* what offset_key says of bytes[0]; wrong behind a skipped line, as in Fluent Bit */
    uint64_t rotated_at; /* when another file was seen under its name, 0 before */
    int skip_next, warned, at_end, is_gone;
};

struct input {
    const struct section *section;
    enum framing framing;
    int is_chunk, exit_on_eof, read_from_head, skip_long_lines, skip_empty_lines;
    int has_looked;     /* once: files found later are new and read from their head */
    int has_looked_now; /* within refresh_interval */
    const char *path, *exclude, *tag, *key, *path_key, *offset_key;
    size_t chunk_size, max_size;
    uint64_t refresh_ms, looked_at;
    struct file *files;
    unsigned events;
};

struct input *input_new(const struct section *s, enum framing framing) {
    const char *name = section_get(s, "name", "");
    struct input *in = calloc(1, sizeof *in);

    if (in == NULL || (!same_word(name, "tail") && !same_word(name, "chunk")) || section_get(s, "path", NULL) == NULL) {
        fprintf(stderr, "host: [INPUT] %s: want name tail or chunk, and a path\n", name);
        free(in);
        return NULL;
    }
    in->section = s;
    in->framing = framing;
    in->is_chunk = same_word(name, "chunk");
    in->path = section_get(s, "path", NULL);
    in->exclude = section_get(s, "exclude_path", NULL);
    in->tag = section_get(s, "tag", name);
    in->key = section_get(s, "key", "log");
    in->path_key = section_get(s, "path_key", NULL);
    in->offset_key = section_get(s, "offset_key", NULL);
    in->exit_on_eof = in->is_chunk || section_bool(s, "exit_on_eof", 0);
    in->read_from_head = in->is_chunk || section_bool(s, "read_from_head", 0);
    in->skip_long_lines = section_bool(s, "skip_long_lines", 0);
    in->skip_empty_lines = section_bool(s, "skip_empty_lines", 0);
    in->chunk_size = section_size(s, "buffer_chunk_size", 32 << 10);
    in->max_size = section_size(s, "buffer_max_size", 32 << 10);
    in->refresh_ms = section_size(s, "refresh_interval", 60) * 1000;
    return in;
}

/* tag_of puts the path in for the * of a tag, its separators as dots. */
static char *tag_of(const struct input *in, const char *path) {
    const char *star = strchr(in->tag, '*');
    size_t room = strlen(in->tag) + strlen(path) + 1;
    char *tag = malloc(room), *out = tag;

    if (tag == NULL || star == NULL) {
        return tag == NULL ? NULL : strcpy(tag, in->tag);
    }
    snprintf(tag, room, "%.*s%s%s", (int) (star - in->tag), in->tag, path, star + 1);
    for (const char *p = tag; *p != '\0'; p++) {
        if (*p != '/' && *p != '\\' && *p != ':') {
            *out++ = *p;
        } else if (out > tag) {
            *out++ = '.';
        }
    }
    *out = '\0';
    return tag;
}

static void file_free(struct file *f) {
    if (f->stream != NULL) {
        fclose(f->stream);
    }
    free(f->path);
    free(f->tag);
    free(f->bytes);
    free(f);
}

/* found_file begins a file that is not known yet. */
static void found_file(const char *path, void *arg) {
    struct input *in = arg;
    struct file **at = &in->files, *f;
    uint64_t identity = file_identity(path);

    for (; *at != NULL; at = &(*at)->next) {
        if (strcmp((*at)->path, path) == 0 && (*at)->identity == identity) {
            return;
        }
    }
    if (in->exclude != NULL && tag_matches(in->exclude, path)) {
        return;
    }
    f = calloc(1, sizeof *f);
    f->room = in->chunk_size;
    f->path = malloc(strlen(path) + 1);
    f->tag = tag_of(in, path);
    f->bytes = malloc(f->room);
    f->stream = fopen(path, "rb");
    f->identity = identity;
    if (f->stream == NULL || f->bytes == NULL) {
        log_line(LOG_ERROR, "[input:tail] cannot read %s", path);
        file_free(f);
        return;
    }
    strcpy(f->path, path);
    if (!in->read_from_head && !in->has_looked) {
        f->position = file_size(f->stream);
        f->offset = (uint64_t) f->position;
    }
    log_line(LOG_INFO, "[input:tail] reading %s from %lld", path, (long long) f->position);
    *at = f;
}

/* look searches each pattern of the path for new files. */
static void look(struct input *in) {
    const char *part = in->path;

    if (in->has_looked_now && steady_ms() - in->looked_at < in->refresh_ms) {
        return;
    }
    while (*part != '\0') {
        size_t length = strcspn(part, ",");
        char pattern[4096];

        while (*part == ' ') {
            part++;
            length--;
        }
        snprintf(pattern, sizeof pattern, "%.*s", (int) length, part);
        find_files(pattern, found_file, in);
        part += length;
        part += *part == ',';
    }
    in->has_looked = in->has_looked_now = 1;
    in->looked_at = steady_ms();
}

static void pack_line(struct input *in, struct buffer *out, const struct file *f, uint64_t offset, const char *line, size_t length) {
    pack_head(out, in->framing, in->events++, 1 + (in->path_key != NULL) + (in->offset_key != NULL));
    if (in->path_key != NULL) {
        pack_text(out, in->path_key);
        pack_text(out, f->path);
    }
    if (in->offset_key != NULL) {
        pack_text(out, in->offset_key);
        pack_unsigned(out, offset);
    }
    pack_text(out, in->key);
    pack_string(out, line, length);
}

/* cut_lines turns the whole lines of the buffer into events, one by one so that a chunk can end behind any of them, and
 * keeps the rest. */
static void cut_lines(struct input *in, struct file *f, struct engine *e) {
    struct buffer event = {0};
    size_t done = 0;
    char *end;

    while ((end = memchr(f->bytes + done, '\n', f->size - done)) != NULL) {
        char *line = f->bytes + done;
        size_t length = (size_t) (end - line), next = done + length + 1;

        if (f->skip_next) {
            f->skip_next = 0;
        } else if (!in->skip_empty_lines || !(length == 0 || (length == 1 && line[0] == '\r'))) {
            /* a lone CR stays: that is how tail hands on an empty CRLF line */
            size_t kept = length >= 2 && line[length - 1] == '\r' ? length - 1 : length;

            event.size = 0;
            pack_line(in, &event, f, f->offset + done, line, kept);
            engine_append(e, f->tag, event.data, event.size);
        }
        done = next;
    }
    if (f->skip_next) {
        done = f->size;
    }
    memmove(f->bytes, f->bytes + done, f->size - done);
    f->size -= done;
    f->offset += done;
    buffer_free(&event);
}

/* make_room lets the buffer hold more, up to buffer_max_size; a line beyond that is skipped or ends the file. */
static void make_room(struct input *in, struct file *f) {
    if (f->size + 1 < f->room) {
        return;
    }
    if (f->room < in->max_size) {
        size_t room = f->room + in->chunk_size < in->max_size ? f->room + in->chunk_size : in->max_size;
        char *more = realloc(f->bytes, room);

        if (more != NULL) {
            f->bytes = more;
            f->room = room;
            return;
        }
    }
    if (!in->skip_long_lines) {
        log_line(LOG_ERROR, "[input:tail] file=%s requires a larger buffer size, lines are too long. Skipping file.", f->path);
        f->is_gone = 1;
        return;
    }
    if (!f->warned) {
        log_line(LOG_WARN, "[input:tail] file=%s have long lines. Skipping long lines.", f->path);
    }
    f->warned = f->skip_next = 1;
    f->size = 0; /* and the offset stays behind, as in Fluent Bit */
}

/* start_over notices that a file was truncated or that another one took its name. */
static void start_over(struct input *in, struct file *f) {
    if (file_size(f->stream) < f->position) {
        log_line(LOG_INFO, "[input:tail] %s was truncated", f->path);
        f->position = 0;
        f->offset = 0;
        f->size = 0;
        return;
    }
    if (f->rotated_at == 0 && file_identity(f->path) != f->identity) {
        log_line(LOG_INFO, "[input:tail] %s was rotated", f->path);
        f->rotated_at = steady_ms();
        in->has_looked_now = 0;
    }
    f->is_gone = f->rotated_at != 0 && steady_ms() - f->rotated_at > rotate_wait_ms;
}

/* read_lines reads once and gives the number of bytes. */
static size_t read_lines(struct input *in, struct file *f, struct engine *e) {
    size_t got = 0;

    make_room(in, f);
    if (!f->is_gone && file_seek(f->stream, f->position) == 0) {
        got = fread(f->bytes + f->size, 1, f->room - f->size - 1, f->stream);
    }
    f->at_end = got == 0;
    if (got == 0) {
        if (!f->is_gone) {
            start_over(in, f);
        }
        return 0;
    }
    f->position += (int64_t) got;
    f->size += got;
    cut_lines(in, f, e);
    return got;
}

/* read_chunk hands on a whole file as one chunk. */
static size_t read_chunk(struct file *f, struct engine *e) {
    struct buffer whole = {0};
    char part[64 << 10];
    size_t got;

    if (f->at_end) {
        return 0;
    }
    while ((got = fread(part, 1, sizeof part, f->stream)) > 0) {
        buffer_add(&whole, part, got);
    }
    engine_append(e, f->tag, whole.data, whole.size);
    engine_flush(e);
    f->at_end = 1;
    got = whole.size;
    buffer_free(&whole);
    return got;
}

size_t input_poll(struct input *in, struct engine *e) {
    struct file **at = &in->files;
    size_t total = 0;

    look(in);
    while (*at != NULL) {
        struct file *f = *at;

        total += in->is_chunk ? read_chunk(f, e) : read_lines(in, f, e);
        if (f->is_gone) {
            *at = f->next;
            file_free(f);
        } else {
            at = &f->next;
        }
    }
    return total;
}

int input_waits_for_end(const struct input *in) { return in->exit_on_eof; }

int input_ended(const struct input *in) {
    for (const struct file *f = in->files; f != NULL; f = f->next) {
        if (!f->at_end) {
            return 0;
        }
    }
    return in->exit_on_eof;
}

void input_free(struct input *in) {
    while (in->files != NULL) {
        struct file *f = in->files;

        in->files = f->next;
        file_free(f);
    }
    free(in);
}
