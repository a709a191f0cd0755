/* postgres_rows.h -- messages as what PostgreSQL is sent: the rows of a batch,
 * by table. */
#ifndef ACTION_POSTGRES_ROWS_H
#define ACTION_POSTGRES_ROWS_H

#include <libpq-fe.h>

#include "action/split.h"

/* All zero is an empty one. */
struct postgres_rows {
    double timeout_s; /* to be set: until who waits for an answer gives up */
    struct postgres_group *groups; /* they stay; most have rows in each batch */
    size_t n_groups;
    size_t answered;    /* so many of the groups */
    struct split split; /* of the row in hand, and a text of it unescaped */
    struct bytes room;
};

/* Copies them. -1: one of them can be no row. */
int postgres_rows_fill(struct postgres_rows *r, const struct message *messages,
                       size_t n, struct error *err);
void postgres_rows_empty(struct postgres_rows *r);
void postgres_rows_free(struct postgres_rows *r);

/* The next command that was sent made so many rows. */
void postgres_rows_put(struct postgres_rows *r, size_t n);

/* Whose rows the next command that was sent has, while there is one. */
const char *postgres_rows_table(const struct postgres_rows *r);

/* That rows are new is not taken for granted when they are sent next; answers
 * whether it was for one of these. */
bool postgres_rows_doubt(struct postgres_rows *r);

/* Both put one command for each table with rows into the connection's pipeline,
 * and before them one that says how long locks of others are waited for.
 * 0: the connection is no more. */
int postgres_rows_make_tables(const struct postgres_rows *r, PGconn *conn);
int postgres_rows_send(struct postgres_rows *r, PGconn *conn);

#endif
