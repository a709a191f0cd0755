/* source.h -- an open file as a row of bytes, plain or .gz. */
#ifndef INPUT_SOURCE_H
#define INPUT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/place.h"

/* What stat says of a file and what changes with it. */
struct stamp {
    uint64_t dev, ino, size;
    int64_t changed_ns; /* mtime */
};
struct stamp source_stamp_of(const struct stat *st);
bool source_is_same_file(struct stamp a, struct stamp b);
bool source_is_untouched(struct stamp a, struct stamp b);

struct source;

/* NULL: it cannot be opened, or is no regular file; `err` has the cause
 * alone, without the path. */
struct source *source_open(const char *path, bool gz, struct error *err);
void source_close(struct source *s);

/* What it is now. -1: the system does not say (a stale handle). */
int source_stamp(const struct source *s, struct stamp *stamp);

/* The first bytes, at most PLACE_HEAD: how many there are. */
size_t source_head(struct source *s, char head[PLACE_HEAD]);

/* Goes to `offset` and gives the bytes before it, min(PLACE_TAIL, offset).
 * 1; 0 when it is shorter than that; -1 when it cannot be read. */
int source_seek(struct source *s, uint64_t offset, char before[PLACE_TAIL],
                struct error *err);

/* The next bytes: how many, 0 when there are none now. A plain file must have
 * `last` (the bytes read last) before them: SOURCE_CHANGED if not. */
#define SOURCE_FAILED  (-1)
#define SOURCE_CHANGED (-2)
ssize_t source_read(struct source *s, const char *last, size_t last_len,
                    char *bytes, size_t size, struct error *err);

bool source_is_gz(const struct source *s);
/* A .gz that ended in its middle, at the last read; or where it may end. */
bool source_is_cut(const struct source *s);
bool source_is_whole_gz(const struct source *s);

/* The system did not give bytes that may well be there. */
bool source_failed(const struct source *s);

/* Whether all of `part`, at least one byte, is how `s` begins. */
bool source_begins_with(struct source *s, struct source *part);

/* For a .gz, by its trailer alone: whether it is `offset` bytes unpacked. */
bool source_ends_at(struct source *s, uint64_t offset);

/* Where the last line of a plain file ends, and how many end before a place:
 * the file is read for that. */
uint64_t source_last_newline(struct source *s);
uint64_t source_count_lines(struct source *s, uint64_t offset);

#endif
