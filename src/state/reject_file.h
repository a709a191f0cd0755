/* reject_file.h -- a rejects file: its records, and marks of those that are
 * gone.
 *
 * Lines are only ever added, by the run and, at the same time, by commands: a
 * record that is gone stays where it is, and a mark behind it names its key. A
 * torn line is passed over. */
#ifndef STATE_REJECT_FILE_H
#define STATE_REJECT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "state/rejected.h"

struct reject_file;

/* Reads where the records are. "-" is standard input. NULL: it cannot be read,
 * with the reason in errno too. */
struct reject_file *reject_file_open(const char *path, struct error *err);
void reject_file_close(struct reject_file *f);

/* How many records there are, those that are gone too; lines that are neither
 * record nor mark. */
size_t reject_file_count(const struct reject_file *f);
size_t reject_file_strange(const struct reject_file *f);
bool reject_file_is_gone(const struct reject_file *f, size_t i);
const char *reject_file_key(const struct reject_file *f, size_t i);

/* The i-th record, from 0, and its line, which is lent until the next one.
 * -1: it cannot be read any more. */
int reject_file_read(struct reject_file *f, size_t i, struct rejected *r,
                     const char **line, size_t *len, struct error *err);

/* Adds a mark: the records with those keys are gone. -1: it is not on the disk,
 * or not all of it. */
int reject_file_mark(const char *path, const char (*keys)[REJECTED_KEY_SIZE],
                     size_t n, struct error *err);

/* Writes the file anew without what is gone, what is older than `since` (as the
 * start of a record's time), and the oldest beyond `most` bytes; nothing where
 * that would change nothing. `*dropped`: how many records went that were not
 * gone. Only for who knows that nobody else has the file open for long: the
 * holder of the state folder's lock. A missing file is an empty one. */
int reject_file_compact(const char *path, const char *since, uint64_t most,
                        size_t *dropped, struct error *err);

#endif
