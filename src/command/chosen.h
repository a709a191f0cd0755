/* chosen.h -- which records of a rejects file a command is about. */
#ifndef COMMAND_CHOSEN_H
#define COMMAND_CHOSEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "options.h"
#include "state/reject_file.h"

struct chosen {
    char *path;
    struct reject_file *file; /* NULL: there is none, so nothing is chosen */
    size_t *list;             /* places in the file, from 0 */
    size_t n;
    bool said; /* something was asked for, so that it is not just all */
};

/* Reads the command's words behind its verb (numbers from 1, ranges as 2-5, the
 * name of a FILE that has a slash or ends in .jsonl, or is "-"; for `replay`
 * scripts, all else is an id) and its filters. What is gone is not chosen. -1:
 * what was said makes no sense, or the file cannot be read. */
int chosen_open(struct chosen *c, struct options *o, bool replay,
                struct error *err);
void chosen_close(struct chosen *c);

/* Reads the i-th chosen record; as reject_file_read. */
int chosen_read(struct chosen *c, size_t i, struct rejected *r,
                const char **line, size_t *len, struct error *err);

/* Marks all that are chosen as gone, but for those that are `left` (NULL: none
 * is). What came from standard input stays as it was. */
int chosen_drop(const struct chosen *c, const bool *left, struct error *err);

/* Whether the file is standard input. */
bool chosen_is_input(const struct chosen *c);

#endif
