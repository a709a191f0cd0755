/* split.h -- an event's JSON, cut into the columns of its table. */
#ifndef ACTION_SPLIT_H
#define ACTION_SPLIT_H

#include "action/tables.h"
#include "base/error.h"

/* All zero is an empty one. */
struct split {
    /* The values, as the JSON spells them; `at` is NULL where the field is
     * missing or null. A string has its quotes. */
    struct span columns[TABLE_COLUMNS_MOST];
    struct bytes more; /* an object of all other fields; empty without any */
};

/* The columns point into the message. -1: it can be no row, in no database. */
int split_message(const struct table *t, const struct message *m,
                  struct split *to, struct error *err);

/* The text of a value that is a string, what stands in the JSON of any other;
 * `room` holds it if need be, and does not move while it has as much room as
 * the message has bytes. -1: it has an escape that is none. */
int split_text(struct span value, struct bytes *room, struct span *text);

void split_free(struct split *s);

#endif
