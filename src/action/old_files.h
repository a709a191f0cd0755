/* old_files.h -- the files that a rotated one has left behind.
 *
 * PATH-2026-11-24, or PATH-2026-11-24_13-00-00 by size, in local time; where
 * the name is taken, .1, .2 and so on behind it; packed ones end in .gz. */
#ifndef ACTION_OLD_FILES_H
#define ACTION_OLD_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct old_file {
    char *path; /* without .gz */
    struct timespec written;
    bool packed; /* it is there with .gz */
    bool plain;  /* it is there without: both, where packing had just ended */
};

struct old_files {
    struct old_file *list; /* the oldest first */
    size_t n;
};

/* A folder that cannot be read has none. */
void old_files_find(struct old_files *o, const char *path);
void old_files_free(struct old_files *o);

/* Removes all but the youngest `keep`, and what stands beside its packed one.
 */
void old_files_tidy(struct old_files *o, size_t keep);

/* A name for the file of that time, behind those that are taken; the caller
 * frees it. */
char *old_files_name(const char *path, const struct tm *when, bool by_day);

#endif
