/* sqlite_rows.h -- events as rows of a connection to SQLite. */
#ifndef ACTION_SQLITE_ROWS_H
#define ACTION_SQLITE_ROWS_H

#include <sqlite3.h>
#include <sys/types.h>

#include "action/split.h"

struct sqlite_insert;

/* All zero but the first two, which are lent. */
struct sqlite_rows {
    sqlite3 *db;
    const char *path; /* for what fails */
    struct sqlite_insert *inserts;
    struct split split; /* of the row in hand, and its texts unescaped */
    struct bytes room;
};

/* Puts a row into the table of the event, which is made if need be; one that
 * is there already stays. 0, or SINK_FAILED or SINK_REFUSED with the reason. */
ssize_t sqlite_rows_put(struct sqlite_rows *r, const struct message *m,
                        struct error *err);

/* Before the connection goes, or after tables that were made are gone again. */
void sqlite_rows_forget(struct sqlite_rows *r);
void sqlite_rows_free(struct sqlite_rows *r);

#endif
