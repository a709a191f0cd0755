/* sqlite_rows.c -- events as rows of a connection to SQLite. */
#include "action/sqlite_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "action/sink.h"
#include "action/sqlite_tables.h"
#include "base/mem.h"

#define MOST_STATEMENTS 256

struct sqlite_insert {
    struct table table;
    sqlite3_stmt *statement;
    UT_hash_handle hh; /* by the table's name */
};

void
sqlite_rows_forget(struct sqlite_rows *r)
{
    struct sqlite_insert *i, *next;

    HASH_ITER(hh, r->inserts, i, next)
    {
        HASH_DEL(r->inserts, i);
        sqlite3_finalize(i->statement);
        mem_free(i);
    }
}

/* The database is told at once what it can never take. */
static ssize_t
failed_row(struct sqlite_rows *r, int rc, struct error *err)
{
    ssize_t failed = sqlite_fail(r->db, r->path, err);

    if (rc == SQLITE_CONSTRAINT || rc == SQLITE_MISMATCH || rc == SQLITE_TOOBIG)
        return SINK_REFUSED;
    return failed;
}

static ssize_t
prepare(struct sqlite_rows *r, struct sqlite_insert *i, struct error *err)
{
    struct bytes sql = { 0 };
    ssize_t got = sqlite_make_table(r->db, r->path, &i->table, err);
    int rc;

    if (got != 0)
        return got;
    sqlite_add_insert(&i->table, &sql);
    rc = sqlite3_prepare_v3(r->db, sql.at, (int)sql.len,
                            SQLITE_PREPARE_PERSISTENT, &i->statement, NULL);
    bytes_free(&sql);
    if (rc == SQLITE_OK)
        return 0;
    fail(err, "sqlite:%s: table %s: %s", r->path, i->table.name,
         sqlite3_errmsg(r->db));
    return SINK_FAILED;
}

/* How such events are put; NULL with `got`. */
static struct sqlite_insert *
insert_for(struct sqlite_rows *r, struct span event, ssize_t *got,
           struct error *err)
{
    char name[TABLE_NAME_SIZE];
    struct sqlite_insert *i;

    table_name_of(event, name);
    HASH_FIND_STR(r->inserts, name, i);
    if (i != NULL)
        return i;
    if (HASH_COUNT(r->inserts) >= MOST_STATEMENTS)
        sqlite_rows_forget(r);
    i = mem_new(sizeof *i);
    table_of(event, &i->table);
    *got = prepare(r, i, err);
    if (*got != 0) {
        mem_free(i);
        return NULL;
    }
    HASH_ADD_STR(r->inserts, table.name, i);
    return i;
}

static ssize_t
refuse(struct sqlite_rows *r, const char *why, struct error *err)
{
    fail(err, "sqlite:%s: %s", r->path, why);
    return SINK_REFUSED;
}

static int
bind_text(sqlite3_stmt *row, int at, struct span text)
{
    return sqlite3_bind_text(row, at, text.at, (int)text.len, SQLITE_STATIC);
}

/* A real where 64 bits are too few. -1: it is no number. */
static int
bind_number(sqlite3_stmt *row, int at, struct span value)
{
    char *end;
    long long n;

    errno = 0;
    n = strtoll(value.at, &end, 10);
    if (errno == 0 && end == value.at + value.len)
        return sqlite3_bind_int64(row, at, n);
    if (strspn(value.at, "+-.0123456789eE") < value.len)
        return -1;
    sqlite3_bind_double(row, at, strtod(value.at, &end));
    return end == value.at + value.len ? 0 : -1;
}

/* Of the column `c`. In a column of texts all is what it is in PostgreSQL's:
 * true is the word, a number is as the JSON spells it. */
static int
bind_value(struct sqlite_rows *r, const struct sqlite_insert *i, size_t c)
{
    struct span value = r->split.columns[c], text;
    bool is_text = i->table.columns[c].type == COLUMN_TEXT;
    int at = (int)c + 2;

    if (value.at == NULL)
        return 0; /* NULL, as all that is not bound */
    if (!is_text && (*value.at == 't' || *value.at == 'f'))
        return sqlite3_bind_int(i->statement, at, *value.at == 't');
    if (!is_text && strchr("\"{[", *value.at) == NULL)
        return bind_number(i->statement, at, value);
    if (split_text(value, &r->room, &text) < 0)
        return -1;
    return bind_text(i->statement, at, text);
}

/* The row's first value is its id, NULL where there is none. */
static int
bind(struct sqlite_rows *r, const struct sqlite_insert *i,
     const struct message *m)
{
    const struct bytes *more = &r->split.more;
    int bad = 0;

    r->room.len = 0;
    bytes_room(&r->room, m->text.len);
    if (m->id.len > 0)
        bad |= bind_text(i->statement, 1, m->id);
    for (size_t c = 0; c < i->table.n; c++)
        bad |= bind_value(r, i, c);
    if (more->len > 0)
        bad |= bind_text(i->statement, (int)i->table.n + 2,
                         (struct span){ more->at, more->len });
    return bad;
}

/* Nothing that the statement has points into the message afterwards. */
static ssize_t
step(struct sqlite_rows *r, sqlite3_stmt *row, struct error *err)
{
    int rc = sqlite3_step(row);
    ssize_t got = rc == SQLITE_DONE ? 0 : failed_row(r, rc, err);

    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    return got;
}

ssize_t
sqlite_rows_put(struct sqlite_rows *r, const struct message *m,
                struct error *err)
{
    struct sqlite_insert *i;
    struct error why;
    ssize_t got;

    if (m->event.len == 0)
        return refuse(r, "only events have a table", err);
    i = insert_for(r, m->event, &got, err);
    if (i == NULL)
        return got;
    if (split_message(&i->table, m, &r->split, &why) < 0)
        return refuse(r, why.text, err);
    if (bind(r, i, m) == 0)
        return step(r, i->statement, err);
    sqlite3_clear_bindings(i->statement);
    return refuse(r, "malformed JSON", err);
}

void
sqlite_rows_free(struct sqlite_rows *r)
{
    sqlite_rows_forget(r);
    split_free(&r->split);
    bytes_free(&r->room);
}
