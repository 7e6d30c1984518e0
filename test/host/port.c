/* SPDX-License-Identifier: Apache-2.0 */

#include "port.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

static volatile sig_atomic_t asked_to_stop;

static void on_signal(int number) {
    (void) number;
    asked_to_stop = 1;
}

void watch_signals(void) {
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
}

int stop_requested(void) { return asked_to_stop; }

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* hand_over sorts the paths, gives each to found and frees them. */
static void hand_over(char **paths, size_t count, void (*found)(const char *, void *), void *arg) {
    qsort(paths, count, sizeof *paths, by_name);
    for (size_t i = 0; i < count; i++) {
        found(paths[i], arg);
        free(paths[i]);
    }
    free(paths);
}

#ifdef _WIN32

#include <windows.h>

void *library_open(const char *path, char *why, size_t room) {
    HMODULE library;
    char full[MAX_PATH];

    if (GetFullPathNameA(path, sizeof full, full, NULL) == 0) {
        snprintf(full, sizeof full, "%s", path);
    }
    library = LoadLibraryA(full);
    if (library == NULL) {
        snprintf(why, room, "LoadLibrary %s: error %lu", full, GetLastError());
    }
    return library;
}

void *library_symbol(void *library, const char *name) {
    return (void *) (uintptr_t) GetProcAddress(library, name);
}

void library_close(void *library) { FreeLibrary(library); }

uint64_t steady_ms(void) { return GetTickCount64(); }

uint64_t steady_ns(void) {
    LARGE_INTEGER now, second;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&second);
    return (uint64_t) ((double) now.QuadPart * 1e9 / (double) second.QuadPart);
}

void wall_clock(uint32_t *seconds, uint32_t *nanoseconds) {
    const uint64_t from_1601_to_1970 = 116444736000000000; /* in units of 100 ns */
    FILETIME now;
    uint64_t ticks;

    GetSystemTimeAsFileTime(&now);
    ticks = ((uint64_t) now.dwHighDateTime << 32 | now.dwLowDateTime) - from_1601_to_1970;
    *seconds = (uint32_t) (ticks / 10000000);
    *nanoseconds = (uint32_t) (ticks % 10000000) * 100;
}

void sleep_ms(unsigned milliseconds) { Sleep(milliseconds); }

struct matches {
    char **paths;
    size_t count, room;
};

static void add_match(struct matches *m, const char *path) {
    if (m->count == m->room) {
        m->room = m->room * 2 + 16;
        m->paths = realloc(m->paths, m->room * sizeof *m->paths);
    }
    m->paths[m->count++] = _strdup(path);
}

static int is_separator(char c) { return c == '\\' || c == '/'; }

/* match_component finds what the component that begins at the folder's length names, and goes on behind it. */
static void match_component(struct matches *m, const char *pattern, size_t folder) {
    WIN32_FIND_DATAA entry;
    size_t end = folder;
    char path[MAX_PATH];
    HANDLE search;

    while (pattern[end] != '\0' && !is_separator(pattern[end])) {
        end++;
    }
    snprintf(path, sizeof path, "%.*s", (int) end, pattern);
    search = FindFirstFileA(path, &entry);
    if (search == INVALID_HANDLE_VALUE) {
        return;
    }
    do {
        int is_folder = (entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
        const char *rest = pattern + end;

        snprintf(path, sizeof path, "%.*s%s%s", (int) folder, pattern, entry.cFileName, rest);
        if (*rest == '\0' && !is_folder) {
            add_match(m, path);
        } else if (*rest != '\0' && is_folder && entry.cFileName[0] != '.') {
            match_component(m, path, folder + strlen(entry.cFileName) + 1);
        }
    } while (FindNextFileA(search, &entry));
    FindClose(search);
}

/* find_files gives whole paths with backslashes, as Fluent Bit does on Windows. */
void find_files(const char *pattern, void (*found)(const char *, void *), void *arg) {
    struct matches m = {0};
    char full[MAX_PATH];
    size_t folder = 0;

    if (GetFullPathNameA(pattern, sizeof full, full, NULL) == 0) {
        return;
    }
    for (size_t i = 0; full[i] != '\0' && full[i] != '*' && full[i] != '?'; i++) {
        folder = is_separator(full[i]) ? i + 1 : folder;
    }
    match_component(&m, full, folder);
    hand_over(m.paths, m.count, found, arg);
}

uint64_t file_identity(const char *path) {
    BY_HANDLE_FILE_INFORMATION info;
    uint64_t identity = 0;
    HANDLE file = CreateFileA(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE) {
        return 0;
    }
    if (GetFileInformationByHandle(file, &info)) {
        identity = (uint64_t) info.nFileIndexHigh << 32 | info.nFileIndexLow;
    }
    CloseHandle(file);
    return identity;
}

int64_t file_size(FILE *file) {
    struct _stat64 info;

    return _fstat64(_fileno(file), &info) == 0 ? info.st_size : -1;
}

int file_seek(FILE *file, int64_t offset) { return _fseeki64(file, offset, SEEK_SET); }

const char *scratch_folder(void) {
    const char *folder = getenv("TEMP");

    return folder != NULL ? folder : ".";
}

#else

#include <dlfcn.h>
#include <glob.h>

void *library_open(const char *path, char *why, size_t room) {
    void *library;
    char local[4096];

    snprintf(local, sizeof local, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
    library = dlopen(local, RTLD_LAZY);
    if (library == NULL) {
        snprintf(why, room, "%s", dlerror());
    }
    return library;
}

void *library_symbol(void *library, const char *name) { return dlsym(library, name); }

void library_close(void *library) { dlclose(library); }

uint64_t steady_ms(void) { return steady_ns() / 1000000; }

uint64_t steady_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

void wall_clock(uint32_t *seconds, uint32_t *nanoseconds) {
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    *seconds = (uint32_t) now.tv_sec;
    *nanoseconds = (uint32_t) now.tv_nsec;
}

void sleep_ms(unsigned milliseconds) {
    struct timespec pause = {milliseconds / 1000, (long) (milliseconds % 1000) * 1000000};

    nanosleep(&pause, NULL);
}

void find_files(const char *pattern, void (*found)(const char *, void *), void *arg) {
    glob_t matches;
    struct stat info;
    char **paths;
    size_t count = 0;

    if (glob(pattern, GLOB_NOSORT, NULL, &matches) != 0) {
        return;
    }
    paths = malloc(matches.gl_pathc * sizeof *paths);
    for (size_t i = 0; paths != NULL && i < matches.gl_pathc; i++) {
        if (stat(matches.gl_pathv[i], &info) == 0 && S_ISREG(info.st_mode)) {
            paths[count++] = strdup(matches.gl_pathv[i]);
        }
    }
    globfree(&matches);
    hand_over(paths, count, found, arg);
}

uint64_t file_identity(const char *path) {
    struct stat info;

    return stat(path, &info) == 0 ? (uint64_t) info.st_ino : 0;
}

int64_t file_size(FILE *file) {
    struct stat info;

    return fstat(fileno(file), &info) == 0 ? (int64_t) info.st_size : -1;
}

int file_seek(FILE *file, int64_t offset) { return fseeko(file, (off_t) offset, SEEK_SET); }

const char *scratch_folder(void) {
    const char *folder = getenv("TMPDIR");

    return folder != NULL ? folder : "/tmp";
}

#endif
