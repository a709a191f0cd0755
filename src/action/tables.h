/* tables.h -- which table of a database an event is a row of, and its columns.
 *
 * Tables and columns are named as OpenVidu spells events and keys. Beside its
 * keys a table has "cdr_id", which tells an event that comes once more, and
 * "more", an object with the fields that have no column. */
#ifndef ACTION_TABLES_H
#define ACTION_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "action/message.h"
#include "base/mem.h"

#define TABLE_NAME_SIZE    64 /* as long as PostgreSQL has them */
#define TABLE_COLUMNS_MOST 24

enum column_type {
    COLUMN_TEXT,
    COLUMN_INTEGER,
    COLUMN_REAL,
    COLUMN_BOOLEAN,
    COLUMN_JSON
};

struct column {
    char name[32];
    size_t len; /* of the name */
    enum column_type type;
};

struct table {
    char name[TABLE_NAME_SIZE];
    struct column columns[TABLE_COLUMNS_MOST]; /* without cdr_id and more */
    size_t n;
};

/* The table of events of that name. An event that is not known has a table of
 * its own with few columns, or, where its name is no plain word (or one that is
 * no table's name in some database), is a row of "other". */
void table_of(struct span event, struct table *t);

/* Only its name, which is much quicker. */
void table_name_of(struct span event, char name[TABLE_NAME_SIZE]);

/* The name of the event that is known with that number, NULL behind the last.
 */
const char *tables_known(size_t i);

/* The number of the column of that name, looked for from column `from` on and
 * then from the first; t->n: there is none. */
size_t table_column(const struct table *t, struct span name, size_t from);

/* Adds "cdr_id","sessionId",...,"more". */
void table_add_names(const struct table *t, struct bytes *sql);

#endif
