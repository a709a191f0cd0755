/* silences.h -- the rows of silences: what they match, and from when to when.
 */
#ifndef COMMAND_SILENCES_H
#define COMMAND_SILENCES_H

#include <stdint.h>

#include "command/visit.h"

#define SILENCES_TABLE "cdr.silences"

/* A label of an alert, and what it must be: that text, or like that pattern
 * with * and ?. */
struct matcher {
    const char *label, *value;
    bool is_pattern;
};

/* Times are in milliseconds of the wall clock. Words are lent, by the row that
 * it was read from or by who filled it in; NULL: not said. */
struct silence {
    const char *id, *comment, *by;
    struct matcher *matchers;
    size_t n;
    int64_t from_ms, until_ms, created_ms;
};

/* False: the row is no silence. */
bool silence_read(struct silence *s, const struct kept_row *row);
void silence_free(struct silence *s);

/* Puts it in the place of the one with its id, or drops that, in the
 * transaction that was begun. -1: that is rolled back. */
int silence_put(struct checkpoint *c, const struct silence *s,
                struct error *err);
int silence_drop(struct checkpoint *c, const char *id, struct error *err);

/* "pending", "active" or "expired". */
const char *silence_status(const struct silence *s, int64_t now_ms);

#endif
