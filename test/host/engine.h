/* SPDX-License-Identifier: Apache-2.0 */

/* Chunks on their way from inputs to outputs: one open chunk a tag, cut by size and by the flush interval, flushed on
 * the engine's thread or by an output's workers, as Fluent Bit does. */

#ifndef HOST_ENGINE_H
#define HOST_ENGINE_H

#include "config.h"
#include "pack.h"
#include "plugin.h"

struct delivery {
    enum framing framing;
    size_t chunk_size; /* bytes at which a chunk is cut */
    unsigned shuffle;  /* seed of the order in which waiting chunks are flushed, 0 for the order of arrival */
    int twice;         /* flush each chunk a second time */
};

struct engine;

struct engine *engine_new(const struct delivery *delivery);
/* engine_output starts an output section; -1 when it refuses. The section must stay where it is. */
int engine_output(struct engine *e, struct plugin *p, const struct section *s, int log_level);
/* engine_append adds whole events to the tag's chunk. */
void engine_append(struct engine *e, const char *tag, const void *events, size_t size);
/* engine_flush sends the open chunks off. */
void engine_flush(struct engine *e);
/* engine_stop flushes everything, ends the workers, closes the outputs and says what happened. */
void engine_stop(struct engine *e);

#endif
