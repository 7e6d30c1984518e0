/* SPDX-License-Identifier: Apache-2.0 */

/* Fluent Bit's classic configuration, as much of it as the host needs. */

#ifndef HOST_CONFIG_H
#define HOST_CONFIG_H

#include <stddef.h>
#include <stdint.h>

struct pair {
    char *key, *value;
};

struct section {
    char *name; /* as written between the brackets */
    struct pair *pairs;
    size_t count;
};

struct config {
    struct section *sections;
    size_t count;
    struct pair *variables; /* of @SET */
    size_t variable_count;
};

/* config_read adds a file's sections. It follows @INCLUDE (patterns too, relative to the file), and puts @SET
 * variables and the environment in for ${NAME}. 0, or -1 after it said what is wrong. */
int config_read(struct config *c, const char *path);
void config_free(struct config *c);

/* section_add and section_set build a section by hand. */
struct section *section_add(struct config *c, const char *name);
void section_set(struct section *s, const char *key, const char *value);

/* section_get gives the last value of a key, whatever the case of the key, or fallback. */
const char *section_get(const struct section *s, const char *key, const char *fallback);
int section_bool(const struct section *s, const char *key, int fallback);
/* section_size reads 32k, 1M, 2MB. */
uint64_t section_size(const struct section *s, const char *key, uint64_t fallback);

/* same_word compares without case. */
int same_word(const char *a, const char *b);
/* tag_matches knows * as any text. */
int tag_matches(const char *pattern, const char *tag);

#endif
