/* sqlite_tables.c -- the tables of events as SQLite has them. */
#include "action/sqlite_tables.h"

#include "action/sink.h"
#include "base/mem.h"

static const char *const type_names[] = {
    [COLUMN_TEXT] = "TEXT", [COLUMN_INTEGER] = "INTEGER",
    [COLUMN_REAL] = "REAL", [COLUMN_BOOLEAN] = "BOOLEAN",
    [COLUMN_JSON] = "TEXT",
};

static void
add_create(const struct table *t, struct bytes *sql)
{
    bytes_add_format(sql, "CREATE TABLE IF NOT EXISTS \"%s\"", t->name);
    bytes_add_text(sql, " (\"cdr_id\" TEXT UNIQUE");
    for (size_t i = 0; i < t->n; i++)
        bytes_add_format(sql, ", \"%s\" %s", t->columns[i].name,
                         type_names[t->columns[i].type]);
    bytes_add_text(sql, ", \"more\" TEXT);");
}

/* Runs it, empties it. */
static int
run_bytes(sqlite3 *db, struct bytes *sql)
{
    int rc;

    bytes_add(sql, "", 1);
    rc = sqlite3_exec(db, sql->at, NULL, NULL, NULL);
    bytes_free(sql);
    return rc;
}

ssize_t
sqlite_fail(sqlite3 *db, const char *path, struct error *err)
{
    fail(err, "sqlite:%s: %s", path, sqlite3_errmsg(db));
    return SINK_FAILED;
}

static bool
has_column(sqlite3 *db, const char *table, const char *column)
{
    return sqlite3_table_column_metadata(db, "main", table, column, NULL, NULL,
                                         NULL, NULL, NULL) == SQLITE_OK;
}

/* A table that an earlier release made may have fewer columns. */
static int
add_missing(sqlite3 *db, const struct table *t)
{
    struct bytes sql = { 0 };

    for (size_t i = 0; i < t->n; i++)
        if (!has_column(db, t->name, t->columns[i].name))
            bytes_add_format(&sql, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s;",
                             t->name, t->columns[i].name,
                             type_names[t->columns[i].type]);
    return run_bytes(db, &sql);
}

ssize_t
sqlite_make_table(sqlite3 *db, const char *path, const struct table *t,
                  struct error *err)
{
    struct bytes sql = { 0 };

    add_create(t, &sql);
    if (run_bytes(db, &sql) != SQLITE_OK)
        return sqlite_fail(db, path, err);
    if (!has_column(db, t->name, "cdr_id") ||
        !has_column(db, t->name, "more")) {
        fail(err,
             "sqlite:%s: table %s has no columns cdr_id and more: it is "
             "not cdrlua's",
             path, t->name);
        return SINK_REFUSED;
    }
    if (add_missing(db, t) != SQLITE_OK)
        return sqlite_fail(db, path, err);
    return 0;
}

void
sqlite_add_insert(const struct table *t, struct bytes *sql)
{
    bytes_add_format(sql, "INSERT INTO \"%s\"(", t->name);
    table_add_names(t, sql);
    bytes_add_text(sql, ") VALUES (?");
    for (size_t i = 0; i < t->n + 1; i++)
        bytes_add_text(sql, ",?");
    bytes_add_text(sql, ") ON CONFLICT(\"cdr_id\") DO NOTHING");
}
