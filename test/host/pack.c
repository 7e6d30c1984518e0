/* SPDX-License-Identifier: Apache-2.0 */

#include "pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

void buffer_add(struct buffer *b, const void *bytes, size_t size) {
    if (b->size + size > b->room) {
        b->room = (b->size + size) * 2 + 256;
        b->data = realloc(b->data, b->room);
        if (b->data == NULL) {
            fputs("host: no memory\n", stderr);
            exit(1);
        }
    }
    if (size > 0) {
        memcpy(b->data + b->size, bytes, size);
    }
    b->size += size;
}

void buffer_free(struct buffer *b) {
    free(b->data);
    memset(b, 0, sizeof *b);
}

/* put writes a type byte and the value's low bytes, big end first. */
static void put(struct buffer *b, unsigned type, uint64_t value, int bytes) {
    unsigned char out[9] = {(unsigned char) type};

    for (int i = 0; i < bytes; i++) {
        out[1 + i] = (unsigned char) (value >> (8 * (bytes - 1 - i)));
    }
    buffer_add(b, out, (size_t) bytes + 1);
}

/* Fluent Bit's encoder writes the long headers whatever the count. */
void pack_array(struct buffer *b, uint32_t count) { put(b, 0xdd, count, 4); }

void pack_map(struct buffer *b, uint32_t count) { put(b, 0xdf, count, 4); }

void pack_string(struct buffer *b, const void *text, size_t size) {
    if (size < 32) {
        put(b, 0xa0 | (unsigned) size, 0, 0);
    } else if (size <= 0xff) {
        put(b, 0xd9, size, 1);
    } else if (size <= 0xffff) {
        put(b, 0xda, size, 2);
    } else {
        put(b, 0xdb, size, 4);
    }
    buffer_add(b, text, size);
}

void pack_text(struct buffer *b, const char *text) { pack_string(b, text, strlen(text)); }

void pack_unsigned(struct buffer *b, uint64_t value) {
    if (value < 128) {
        put(b, (unsigned) value, 0, 0);
    } else if (value <= 0xff) {
        put(b, 0xcc, value, 1);
    } else if (value <= 0xffff) {
        put(b, 0xcd, value, 2);
    } else if (value <= 0xffffffff) {
        put(b, 0xce, value, 4);
    } else {
        put(b, 0xcf, value, 8);
    }
}

static void pack_time(struct buffer *b, enum clock_form form, uint32_t seconds, uint32_t nanoseconds) {
    double with_fraction = seconds + nanoseconds / 1e9;
    uint64_t bits = (uint64_t) seconds << 32 | nanoseconds;

    switch (form) {
    case CLOCK_EVENT_TIME: /* fixext 8, type 0 */
        buffer_add(b, "\xd7\x00", 2);
        put(b, (unsigned) (bits >> 56), bits, 7);
        break;
    case CLOCK_EXT8: /* ext 8 of 8 bytes, type 0 */
        buffer_add(b, "\xc7\x08\x00", 3);
        put(b, (unsigned) (bits >> 56), bits, 7);
        break;
    case CLOCK_INTEGER:
        put(b, 0xce, seconds, 4);
        break;
    case CLOCK_FLOAT:
        memcpy(&bits, &with_fraction, sizeof bits);
        put(b, 0xcb, bits, 8);
        break;
    }
}

void pack_head_at(struct buffer *b, enum framing framing, enum clock_form form, uint32_t seconds, uint32_t count) {
    pack_array(b, 2);
    if (framing == FRAMING_NEW) {
        pack_array(b, 2);
    }
    pack_time(b, form, seconds, 123456789);
    if (framing == FRAMING_NEW) {
        pack_map(b, 0);
    }
    pack_map(b, count);
}

void pack_head(struct buffer *b, enum framing framing, unsigned nth, uint32_t count) {
    uint32_t seconds, nanoseconds;

    if (framing == FRAMING_MIXED) {
        framing = nth % 2 == 0 ? FRAMING_OLD : FRAMING_NEW;
    }
    wall_clock(&seconds, &nanoseconds);
    pack_head_at(b, framing, CLOCK_EVENT_TIME, seconds, count);
}
