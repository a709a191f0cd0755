/* postgres_rows.h -- messages as what PostgreSQL is sent: the rows of a batch,
 * by table. */
#ifndef ACTION_POSTGRES_ROWS_H
#define ACTION_POSTGRES_ROWS_H

#include <libpq-fe.h>

#include "action/message.h"

/* All zero is an empty one. */
struct postgres_rows {
    struct postgres_group *groups;
    size_t n_groups;
};

/* Copies them. */
void postgres_rows_fill(struct postgres_rows *r, const struct message *messages,
                        size_t n);
void postgres_rows_empty(struct postgres_rows *r);

/* Both put one command for each table into the connection's pipeline. 0: the
 * connection is no more. */
int postgres_rows_make_tables(const struct postgres_rows *r, PGconn *conn);
int postgres_rows_send(const struct postgres_rows *r, PGconn *conn);

#endif
