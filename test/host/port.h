/* SPDX-License-Identifier: Apache-2.0 */

/* What differs between Linux and Windows. */

#ifndef HOST_PORT_H
#define HOST_PORT_H

#include <stdint.h>
#include <stdio.h>

/* library_open loads a shared object; NULL and a reason in why when it can't. */
void *library_open(const char *path, char *why, size_t room);
/* library_symbol gives NULL when the library does not export the name. */
void *library_symbol(void *library, const char *name);
void library_close(void *library);

/* Milliseconds and nanoseconds of a clock that is never set. */
uint64_t steady_ms(void);
uint64_t steady_ns(void);
void wall_clock(uint32_t *seconds, uint32_t *nanoseconds);
void sleep_ms(unsigned milliseconds);

/* find_files calls found for each regular file that the pattern (*, ?) names, in the order of their names. */
void find_files(const char *pattern, void (*found)(const char *path, void *arg), void *arg);

/* File and generation: a file that takes another one's name has another identity. 0 where it can't be told. */
uint64_t file_identity(const char *path);
int64_t file_size(FILE *file);
int file_seek(FILE *file, int64_t offset);

/* stop_requested tells whether the process was asked to end, after watch_signals. */
void watch_signals(void);
int stop_requested(void);

/* Folder for scratch files, without a separator at its end. */
const char *scratch_folder(void);

#endif
