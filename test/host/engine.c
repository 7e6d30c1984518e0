/* SPDX-License-Identifier: Apache-2.0 */

#include "engine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Chunks that wait before a shuffled one is taken: as many as Fluent Bit has under way with four busy workers. */
enum { shuffle_window = 8, max_workers = 64, default_retries = 1 };

struct chunk {
    struct chunk *next;
    char *tag;
    struct buffer events;
    int tries;
};

/* sink is an output with the chunks that wait for it. The lock guards what follows it. */
struct sink {
    struct sink *next;
    struct output output;
    const struct delivery *delivery;
    int worker_count;
    pthread_t workers[max_workers];

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct chunk *waiting, **last;
    size_t count;
    unsigned random;
    int closing;
    long flushes, retries, dropped;
};

struct engine {
    struct delivery delivery;
    struct chunk *open; /* one a tag */
    struct sink *sinks;
};

static void *need(void *memory) {
    if (memory == NULL) {
        fputs("host: no memory\n", stderr);
        exit(1);
    }
    return memory;
}

static struct chunk *chunk_new(const char *tag, const void *events, size_t size) {
    struct chunk *c = need(calloc(1, sizeof *c));

    c->tag = need(malloc(strlen(tag) + 1));
    strcpy(c->tag, tag);
    buffer_add(&c->events, events, size);
    return c;
}

static void chunk_free(struct chunk *c) {
    if (c->events.size > 0) {
        memset(c->events.data, 0xee, c->events.size); /* who still reads it shall notice */
    }
    buffer_free(&c->events);
    free(c->tag);
    free(c);
}

static void push(struct sink *s, struct chunk *c) {
    c->next = NULL;
    *s->last = c;
    s->last = &c->next;
    s->count++;
    pthread_cond_signal(&s->changed);
}

/* take gives the next chunk to flush, NULL when none is due. The lock is held. */
static struct chunk *take(struct sink *s, int all) {
    struct chunk **at = &s->waiting, *c;

    if (s->count == 0 || (s->delivery->shuffle != 0 && !all && s->count < shuffle_window)) {
        return NULL;
    }
    if (s->delivery->shuffle != 0) {
        s->random = s->random * 1103515245 + 12345;
        for (unsigned skip = (s->random >> 16) % s->count; skip > 0; skip--) {
            at = &(*at)->next;
        }
    }
    c = *at;
    *at = c->next;
    if (*at == NULL) {
        s->last = at;
    }
    s->count--;
    return c;
}

/* deliver flushes one chunk, outside of the lock, and takes the lock to note what became of it. */
static void deliver(struct sink *s, struct chunk *c) {
    int ret = output_flush(&s->output, c->events.data, c->events.size, c->tag);

    log_line(LOG_DEBUG, "[task] tag=%s bytes=%zu try=%d returned %d", c->tag, c->events.size, c->tries + 1, ret);
    if (s->delivery->twice && ret == FLB_OK) {
        ret = output_flush(&s->output, c->events.data, c->events.size, c->tag);
    }
    pthread_mutex_lock(&s->lock);
    s->flushes++;
    if (ret == FLB_RETRY && c->tries < default_retries) {
        c->tries++;
        s->retries++;
        push(s, c);
        c = NULL;
    }
    s->dropped += c != NULL && ret != FLB_OK;
    pthread_mutex_unlock(&s->lock);
    if (c != NULL) {
        chunk_free(c);
    }
}

/* run_here flushes what is due on the engine's own thread. */
static void run_here(struct sink *s, int all) {
    struct chunk *c;

    do {
        pthread_mutex_lock(&s->lock);
        c = take(s, all);
        pthread_mutex_unlock(&s->lock);
        if (c != NULL) {
            deliver(s, c);
        }
    } while (c != NULL);
}

static void *work(void *arg) {
    struct sink *s = arg;
    struct chunk *c;

    host_thread();
    pthread_mutex_lock(&s->lock);
    for (;;) {
        c = take(s, s->closing);
        if (c != NULL) {
            pthread_mutex_unlock(&s->lock);
            deliver(s, c);
            pthread_mutex_lock(&s->lock);
        } else if (s->closing) {
            break;
        } else {
            pthread_cond_wait(&s->changed, &s->lock);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct engine *engine_new(const struct delivery *delivery) {
    struct engine *e = need(calloc(1, sizeof *e));

    e->delivery = *delivery;
    return e;
}

int engine_output(struct engine *e, struct plugin *p, const struct section *section, int level) {
    struct sink *s = need(calloc(1, sizeof *s));
    int wanted = atoi(section_get(section, "workers", "0"));

    if (output_open(&s->output, p, section, level) <= 0) {
        output_close(&s->output);
        free(s);
        return -1;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->last = &s->waiting;
    s->delivery = &e->delivery;
    s->random = e->delivery.shuffle;
    for (int i = 0; i < wanted && i < max_workers; i++) {
        s->worker_count += pthread_create(&s->workers[s->worker_count], NULL, work, s) == 0;
    }
    s->next = e->sinks;
    e->sinks = s;
    return 0;
}

/* send_off copies a chunk to every output whose match fits its tag. */
static void send_off(struct engine *e, struct chunk *c) {
    for (struct sink *s = e->sinks; s != NULL; s = s->next) {
        if (!tag_matches(section_get(s->output.section, "match", "*"), c->tag)) {
            continue;
        }
        pthread_mutex_lock(&s->lock);
        push(s, chunk_new(c->tag, c->events.data, c->events.size));
        pthread_mutex_unlock(&s->lock);
        if (s->worker_count == 0) {
            run_here(s, 0);
        }
    }
}

void engine_append(struct engine *e, const char *tag, const void *events, size_t size) {
    struct chunk **at = &e->open;

    while (*at != NULL && strcmp((*at)->tag, tag) != 0) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        *at = chunk_new(tag, events, size);
    } else {
        buffer_add(&(*at)->events, events, size);
    }
    if ((*at)->events.size >= e->delivery.chunk_size) {
        struct chunk *full = *at;

        *at = full->next;
        send_off(e, full);
        chunk_free(full);
    }
}

void engine_flush(struct engine *e) {
    while (e->open != NULL) {
        struct chunk *c = e->open;

        e->open = c->next;
        send_off(e, c);
        chunk_free(c);
    }
}

static void sink_stop(struct sink *s) {
    pthread_mutex_lock(&s->lock);
    s->closing = 1;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < s->worker_count; i++) {
        pthread_join(s->workers[i], NULL);
    }
    run_here(s, 1);
    output_close(&s->output);
    log_line(LOG_INFO, "[output:%s] %ld chunks flushed, %ld retried, %ld dropped", s->output.plugin->def.name, s->flushes, s->retries,
             s->dropped);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    free(s);
}

void engine_stop(struct engine *e) {
    engine_flush(e);
    while (e->sinks != NULL) {
        struct sink *s = e->sinks;

        e->sinks = s->next;
        sink_stop(s);
    }
    free(e);
}
