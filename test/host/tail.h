/* SPDX-License-Identifier: Apache-2.0 */

/* The tail input as in Fluent Bit 5.1.1 (plugins/in_tail), without parsers: lines by path, with path_key and
 * offset_key; and an input "chunk" whose files are handed on as they are. */

#ifndef HOST_TAIL_H
#define HOST_TAIL_H

#include "engine.h"

struct input;

/* input_new understands [INPUT] sections of name tail and chunk; NULL after it said what is wrong. */
struct input *input_new(const struct section *s, enum framing framing);
/* input_poll reads a buffer of each file; it gives the number of bytes read. */
size_t input_poll(struct input *in, struct engine *e);
/* input_ended: exit_on_eof is set and every file was read to its end. */
int input_ended(const struct input *in);
/* input_waits_for_end: exit_on_eof is set. */
int input_waits_for_end(const struct input *in);
void input_free(struct input *in);

#endif
