/* SPDX-License-Identifier: Apache-2.0 */

/* Chunks: log events in msgpack, one behind the other, as Fluent Bit's encoder writes them. */

#ifndef HOST_PACK_H
#define HOST_PACK_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
    unsigned char *data;
    size_t size, room;
};

void buffer_add(struct buffer *b, const void *bytes, size_t size);
void buffer_free(struct buffer *b);

/* Framing of an event: [timestamp, body] of Fluent Bit 1 and 2.0, [[timestamp, metadata], body] since. */
enum framing { FRAMING_NEW, FRAMING_OLD, FRAMING_MIXED };

/* How a timestamp is written. */
enum clock_form { CLOCK_EVENT_TIME, CLOCK_EXT8, CLOCK_INTEGER, CLOCK_FLOAT };

/* pack_head begins an event whose body has count members; nth chooses the framing where it is mixed. */
void pack_head(struct buffer *b, enum framing framing, unsigned nth, uint32_t count);
/* pack_head_at does so with a time and a form of it. */
void pack_head_at(struct buffer *b, enum framing framing, enum clock_form form, uint32_t seconds, uint32_t count);

void pack_array(struct buffer *b, uint32_t count);
void pack_map(struct buffer *b, uint32_t count);
void pack_string(struct buffer *b, const void *text, size_t size);
void pack_text(struct buffer *b, const char *text);
void pack_unsigned(struct buffer *b, uint64_t value);

#endif
