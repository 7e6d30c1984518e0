/* SPDX-License-Identifier: Apache-2.0 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "port.h"

enum { max_line = 64 * 1024, max_includes = 16 };

static int read_file(struct config *c, const char *path, int depth);

static char *copy(const char *text) {
    size_t size = strlen(text) + 1;
    char *out = malloc(size);

    if (out == NULL) {
        fputs("host: no memory\n", stderr);
        exit(1);
    }
    return memcpy(out, text, size);
}

int same_word(const char *a, const char *b) {
    while (*a != '\0' && tolower((unsigned char) *a) == tolower((unsigned char) *b)) {
        a++;
        b++;
    }
    return *a == *b;
}

int tag_matches(const char *pattern, const char *tag) {
    for (; *pattern != '*'; pattern++, tag++) {
        if (*pattern != *tag) {
            return 0;
        }
        if (*tag == '\0') {
            return 1;
        }
    }
    while (pattern[1] == '*') {
        pattern++;
    }
    do {
        if (tag_matches(pattern + 1, tag)) {
            return 1;
        }
    } while (*tag++ != '\0');
    return 0;
}

static void *grow(void *list, size_t count, size_t size) {
    list = realloc(list, (count + 1) * size);
    if (list == NULL) {
        fputs("host: no memory\n", stderr);
        exit(1);
    }
    return list;
}

struct section *section_add(struct config *c, const char *name) {
    c->sections = grow(c->sections, c->count, sizeof *c->sections);
    c->sections[c->count] = (struct section) {copy(name), NULL, 0};
    return &c->sections[c->count++];
}

void section_set(struct section *s, const char *key, const char *value) {
    s->pairs = grow(s->pairs, s->count, sizeof *s->pairs);
    s->pairs[s->count++] = (struct pair) {copy(key), copy(value)};
}

const char *section_get(const struct section *s, const char *key, const char *fallback) {
    for (size_t i = s == NULL ? 0 : s->count; i > 0; i--) {
        if (same_word(s->pairs[i - 1].key, key)) {
            return s->pairs[i - 1].value;
        }
    }
    return fallback;
}

int section_bool(const struct section *s, const char *key, int fallback) {
    const char *value = section_get(s, key, NULL);

    if (value == NULL) {
        return fallback;
    }
    return same_word(value, "on") || same_word(value, "true") || same_word(value, "yes");
}

uint64_t section_size(const struct section *s, const char *key, uint64_t fallback) {
    const char *value = section_get(s, key, NULL);
    char *unit;
    uint64_t number;

    if (value == NULL) {
        return fallback;
    }
    number = strtoull(value, &unit, 10);
    switch (tolower((unsigned char) *unit)) {
    case 'k':
        return number << 10;
    case 'm':
        return number << 20;
    case 'g':
        return number << 30;
    default:
        return number;
    }
}

static const char *variable(const struct config *c, const char *name) {
    const char *value;

    for (size_t i = c->variable_count; i > 0; i--) {
        if (strcmp(c->variables[i - 1].key, name) == 0) {
            return c->variables[i - 1].value;
        }
    }
    value = getenv(name);
    return value != NULL ? value : "";
}

/* expand gives the text with every ${NAME} replaced; the caller frees it. */
static char *expand(const struct config *c, const char *text) {
    struct buffer out = {0};

    while (*text != '\0') {
        const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;
        char name[256];

        if (end == NULL || (size_t) (end - text) >= sizeof name) {
            buffer_add(&out, text++, 1);
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int) (end - text - 2), text + 2);
        buffer_add(&out, variable(c, name), strlen(variable(c, name)));
        text = end + 1;
    }
    buffer_add(&out, "", 1);
    return (char *) out.data;
}

static char *trim(char *text) {
    char *end;

    while (isspace((unsigned char) *text)) {
        text++;
    }
    end = text + strlen(text);
    while (end > text && isspace((unsigned char) end[-1])) {
        *--end = '\0';
    }
    return text;
}

/* cut_key ends the key where blanks begin and gives the value behind them. */
static char *cut_key(char *line) {
    while (*line != '\0' && !isspace((unsigned char) *line)) {
        line++;
    }
    if (*line != '\0') {
        *line++ = '\0';
    }
    return trim(line);
}

struct including {
    struct config *config;
    int depth, failed, files;
};

static void include_one(const char *path, void *arg) {
    struct including *in = arg;

    in->files++;
    in->failed |= read_file(in->config, path, in->depth + 1) != 0;
}

static int include(struct config *c, const char *from, const char *pattern, int depth) {
    struct including in = {c, depth, 0, 0};
    const char *slash = strrchr(from, '/');
    char path[4096];

    if (pattern[0] == '/' || pattern[0] == '\\' || strchr(pattern, ':') != NULL || slash == NULL) {
        snprintf(path, sizeof path, "%s", pattern);
    } else {
        snprintf(path, sizeof path, "%.*s/%s", (int) (slash - from), from, pattern);
    }
    find_files(path, include_one, &in);
    if (in.files == 0) {
        fprintf(stderr, "host: %s: @INCLUDE %s: no such file\n", from, pattern);
    }
    return in.files == 0 || in.failed ? -1 : 0;
}

static int set_variable(struct config *c, char *assignment) {
    char *equals = strchr(assignment, '=');

    if (equals == NULL) {
        return -1;
    }
    *equals = '\0';
    c->variables = grow(c->variables, c->variable_count, sizeof *c->variables);
    c->variables[c->variable_count++] = (struct pair) {copy(trim(assignment)), expand(c, trim(equals + 1))};
    return 0;
}

/* read_line takes one line, trimmed, neither empty nor a comment. */
static int read_line(struct config *c, const char *path, char *line, int depth) {
    char *value, *whole;

    if (line[0] == '[') {
        char *end = strchr(line, ']');

        if (end == NULL) {
            return -1;
        }
        *end = '\0';
        section_add(c, line + 1);
        return 0;
    }
    value = cut_key(line);
    if (same_word(line, "@SET")) {
        return set_variable(c, value);
    }
    whole = expand(c, value);
    if (same_word(line, "@INCLUDE")) {
        int ret = include(c, path, whole, depth);

        free(whole);
        return ret;
    }
    if (c->count > 0) {
        section_set(&c->sections[c->count - 1], line, whole);
    }
    free(whole);
    return c->count > 0 ? 0 : -1;
}

static int read_file(struct config *c, const char *path, int depth) {
    FILE *file = depth < max_includes ? fopen(path, "r") : NULL;
    char *line = malloc(max_line);
    int ret = 0;

    if (file == NULL || line == NULL) {
        fprintf(stderr, "host: %s: can't be read\n", path);
        free(line);
        return -1;
    }
    for (int number = 1; ret == 0 && fgets(line, max_line, file) != NULL; number++) {
        char *text = trim(line);

        if (text[0] == '\0' || text[0] == '#') {
            continue;
        }
        ret = read_line(c, path, text, depth);
        if (ret != 0) {
            fprintf(stderr, "host: %s:%d: not understood\n", path, number);
        }
    }
    fclose(file);
    free(line);
    return ret;
}

int config_read(struct config *c, const char *path) { return read_file(c, path, 0); }

static void pairs_free(struct pair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].key);
        free(pairs[i].value);
    }
    free(pairs);
}

void config_free(struct config *c) {
    for (size_t i = 0; i < c->count; i++) {
        free(c->sections[i].name);
        pairs_free(c->sections[i].pairs, c->sections[i].count);
    }
    free(c->sections);
    pairs_free(c->variables, c->variable_count);
    memset(c, 0, sizeof *c);
}
