/* visit.h -- a command looks into the state of a run, which may go on
 * meanwhile. */
#ifndef COMMAND_VISIT_H
#define COMMAND_VISIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "decode/tree.h"
#include "options.h"
#include "state/checkpoint.h"

/* Whether the word names a script, and by it a run: it ends in .lua, has a
 * slash, or is a built-in. */
bool visit_is_script(const char *word);

/* Opens the state of the run that --state, --name or the scripts name. NULL:
 * none does, or no run has kept anything there. */
struct checkpoint *visit_open(const struct options *o, struct error *err);

/* A row of a state table whose value is an object. */
struct kept_row {
    char *key; /* an integer as its digits */
    char *text;
    size_t len;
    struct tree *tree;
};
struct kept_rows {
    struct kept_row *list;
    size_t n;
};

/* Reads all rows of that table, by their keys: texts first. What cannot be read
 * of them is warned of and left out. Freed by kept_free, also after a failure
 * (-1: the table cannot be read). */
int visit_rows(struct checkpoint *c, const char *table, struct kept_rows *rows,
               struct error *err);
void kept_free(struct kept_rows *rows);

/* The text of that field; "" where there is none. */
const char *kept_text(const struct kept_row *row, const char *field);
/* The number of that field; 0 where there is none. */
int64_t kept_number(const struct kept_row *row, const char *field);

/* Prints it as one JSON object, its `status` in front unless that is NULL. */
void kept_print(const struct kept_row *row, const char *status);

#endif
