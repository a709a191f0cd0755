/* sqlite_tables.h -- the tables of events as SQLite has them. */
#ifndef ACTION_SQLITE_TABLES_H
#define ACTION_SQLITE_TABLES_H

#include <sqlite3.h>
#include <sys/types.h>

#include "action/tables.h"
#include "base/error.h"
#include "base/mem.h"

/* The reason why the last call failed. Gives SINK_FAILED. */
ssize_t sqlite_fail(sqlite3 *db, const char *path, struct error *err);

/* Makes the table, or adds the columns that an earlier release's lacks.
 * SINK_FAILED: not now; SINK_REFUSED: the table is somebody else's. */
ssize_t sqlite_make_table(sqlite3 *db, const char *path, const struct table *t,
                          struct error *err);

/* Adds the statement that puts a row in. Its values are those of
 * table_add_names. */
void sqlite_add_insert(const struct table *t, struct bytes *sql);

#endif
