/* checkpoint.c -- the resume places and what scripts remember, in SQLite.
 *
 * A lost database costs work done twice, never a line. So a damaged one does
 * not stop the program: it is kept aside for whoever wants to look. */
#include "state/checkpoint.h"

#include <sqlite3.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "state/database.h"
#include "state/lock.h"

#define KEEP_MS (40 * INT64_C(86400000))

enum statement {
    BEGIN,
    COMMIT,
    PUT_RECORD,
    PUT_OUTPUT,
    GET_OUTPUT,
    GET_RECORDS,
    DROP_RECORDS,
    PUT_STATE,
    DROP_STATE,
    GET_STATES,
    GET_NEWS,
    STATEMENTS
};

static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [PUT_RECORD] = "REPLACE INTO files (number, path, dev, ino, offset, head,"
                   " tail, seen_ms, line)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [PUT_OUTPUT] = "REPLACE INTO outputs (path, size) VALUES (?, ?)",
    [GET_OUTPUT] = "SELECT size FROM outputs WHERE path = ?",
    [GET_RECORDS] = "SELECT * FROM files WHERE seen_ms >= ? ORDER BY number",
    [DROP_RECORDS] = "DELETE FROM files WHERE seen_ms < ?",
    [PUT_STATE] = "REPLACE INTO state VALUES (?, ?, ?, ?)",
    [DROP_STATE] = "DELETE FROM state WHERE name = ? AND key = ?",
    [GET_STATES] = "SELECT key, value, seen_ms FROM state WHERE name = ?",
    [GET_NEWS] = "PRAGMA data_version",
};

/* Numbers of 64 bits stand in SQLite's signed ones, bit for bit. */
static const char files[] =
    "CREATE TABLE files (number INTEGER PRIMARY KEY, path TEXT NOT NULL,"
    " dev INTEGER NOT NULL, ino INTEGER NOT NULL, offset INTEGER NOT NULL,"
    " head INTEGER NOT NULL, tail INTEGER NOT NULL,"
    " seen_ms INTEGER NOT NULL, line INTEGER NOT NULL);"
    "CREATE TABLE outputs (path TEXT PRIMARY KEY, size INTEGER NOT NULL)"
    " WITHOUT ROWID;";

/* A key has no type of the table's, so that 1 and "1" stay apart. */
static const char state[] =
    "CREATE TABLE state (name TEXT NOT NULL, key NOT NULL, value TEXT NOT NULL,"
    " seen_ms INTEGER NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID;";

static const char *const schema[] = { files, state };

static const struct database_plan plan = { 2, schema, sql, STATEMENTS };

struct checkpoint {
    struct database db;
    int lock;         /* -1: somebody else may have it */
    int data_version; /* another one once another process has written */
};

struct checkpoint *
checkpoint_open(const char *dir, char **moved, struct error *err)
{
    struct checkpoint *c = mem_new(sizeof *c);
    char *path = mem_format("%s/state.db", dir);

    *moved = NULL;
    c->lock = lock_directory(dir, err);
    if (c->lock < 0 || database_open(&c->db, path, &plan, moved, err) < 0) {
        checkpoint_close(c);
        c = NULL;
    }
    mem_free(path);
    if (c != NULL)
        checkpoint_has_news(c);
    return c;
}

struct checkpoint *
checkpoint_join(const char *dir, struct error *err)
{
    struct checkpoint *c = mem_new(sizeof *c);
    char *path = mem_format("%s/state.db", dir);

    c->lock = -1;
    if (database_join(&c->db, path, &plan, err) < 0) {
        checkpoint_close(c);
        c = NULL;
    }
    mem_free(path);
    return c;
}

void
checkpoint_close(struct checkpoint *c)
{
    if (c == NULL)
        return;
    database_close(&c->db);
    if (c->lock >= 0)
        close(c->lock);
    mem_free(c);
}

bool
checkpoint_has_news(struct checkpoint *c)
{
    sqlite3_stmt *s = c->db.statements[GET_NEWS];
    int before = c->data_version;

    if (sqlite3_step(s) == SQLITE_ROW)
        c->data_version = sqlite3_column_int(s, 0);
    sqlite3_reset(s);
    return c->data_version != before;
}

static void
bind(struct checkpoint *c, enum statement which, int column, uint64_t value)
{
    sqlite3_bind_int64(c->db.statements[which], column, (sqlite3_int64)value);
}

static void
bind_text(struct checkpoint *c, enum statement which, int column,
          const char *text)
{
    sqlite3_bind_text(c->db.statements[which], column, text, -1, SQLITE_STATIC);
}

/* Outside of a transaction a put would be one of its own. */
static int
need_transaction(struct checkpoint *c, struct error *err)
{
    if (!sqlite3_get_autocommit(c->db.db))
        return 0;
    return fail(err, "%s: no transaction was begun", c->db.path);
}

static uint64_t
column(sqlite3_stmt *s, int i)
{
    return (uint64_t)sqlite3_column_int64(s, i);
}

static void
tell_record(sqlite3_stmt *s, checkpoint_record_fn *each, void *arg)
{
    char *path = mem_dup((const char *)sqlite3_column_text(s, 1));
    struct record record = {
        .place = { .file = (uint32_t)column(s, 0),
                   .offset = column(s, 4),
                   .line = column(s, 8),
                   .tail = column(s, 6) },
        .path = path,
        .dev = column(s, 2),
        .ino = column(s, 3),
        .head = column(s, 5),
        .seen_ms = sqlite3_column_int64(s, 7),
    };

    each(arg, &record);
    mem_free(path);
}

int
checkpoint_records(struct checkpoint *c, checkpoint_record_fn *each, void *arg,
                   struct error *err)
{
    int64_t oldest = clock_wall_ms() - KEEP_MS;
    sqlite3_stmt *s = c->db.statements[GET_RECORDS];
    int rc;

    /* Where there is no room to drop them, they are only passed over. */
    bind(c, DROP_RECORDS, 1, (uint64_t)oldest);
    database_run(&c->db, DROP_RECORDS, NULL);
    bind(c, GET_RECORDS, 1, (uint64_t)oldest);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        tell_record(s, each, arg);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? 0 : database_fail(&c->db, err);
}

int
checkpoint_output(struct checkpoint *c, const char *path, uint64_t *size,
                  struct error *err)
{
    sqlite3_stmt *s = c->db.statements[GET_OUTPUT];
    int found = 0;

    bind_text(c, GET_OUTPUT, 1, path);
    switch (sqlite3_step(s)) {
    case SQLITE_ROW:
        *size = column(s, 0);
        found = 1;
        break;
    case SQLITE_DONE:
        break;
    default:
        found = database_fail(&c->db, err);
    }
    sqlite3_reset(s);
    return found;
}

int
checkpoint_begin(struct checkpoint *c, struct error *err)
{
    int rc;

    database_roll_back(&c->db);
    if (!database_is_there(&c->db))
        return fail(err, "%s: was taken away or replaced", c->db.path);
    rc = database_run(&c->db, BEGIN, err);
    /* Whoever holds it for long is not waited for again and again. */
    database_be_patient(&c->db, rc == 0);
    return rc;
}

int
checkpoint_put_record(struct checkpoint *c, const struct record *record,
                      struct error *err)
{
    if (need_transaction(c, err) < 0)
        return -1;
    bind(c, PUT_RECORD, 1, record->place.file);
    bind_text(c, PUT_RECORD, 2, record->path);
    bind(c, PUT_RECORD, 3, record->dev);
    bind(c, PUT_RECORD, 4, record->ino);
    bind(c, PUT_RECORD, 5, record->place.offset);
    bind(c, PUT_RECORD, 6, record->head);
    bind(c, PUT_RECORD, 7, record->place.tail);
    bind(c, PUT_RECORD, 8, (uint64_t)record->seen_ms);
    bind(c, PUT_RECORD, 9, record->place.line);
    return database_run(&c->db, PUT_RECORD, err);
}

int
checkpoint_put_output(struct checkpoint *c, const char *path, uint64_t size,
                      struct error *err)
{
    if (need_transaction(c, err) < 0)
        return -1;
    bind_text(c, PUT_OUTPUT, 1, path);
    bind(c, PUT_OUTPUT, 2, size);
    return database_run(&c->db, PUT_OUTPUT, err);
}

static void
bind_key(struct checkpoint *c, enum statement which, const struct kept *state)
{
    sqlite3_stmt *s = c->db.statements[which];

    bind_text(c, which, 1, state->name);
    if (state->text != NULL)
        sqlite3_bind_text(s, 2, state->text, (int)state->text_len,
                          SQLITE_STATIC);
    else
        sqlite3_bind_int64(s, 2, state->number);
}

int
checkpoint_put_state(struct checkpoint *c, const struct kept *state,
                     struct error *err)
{
    enum statement which = state->value != NULL ? PUT_STATE : DROP_STATE;

    if (need_transaction(c, err) < 0)
        return -1;
    bind_key(c, which, state);
    if (state->value != NULL) {
        sqlite3_bind_text(c->db.statements[which], 3, state->value,
                          (int)state->value_len, SQLITE_STATIC);
        bind(c, which, 4, (uint64_t)state->seen_ms);
    }
    return database_run(&c->db, which, err);
}

static void
tell_state(sqlite3_stmt *s, const char *name, kept_fn *each, void *arg)
{
    bool number = sqlite3_column_type(s, 0) == SQLITE_INTEGER;
    struct kept state = {
        .name = name,
        .text = number ? NULL : (const char *)sqlite3_column_text(s, 0),
        .text_len = number ? 0 : (size_t)sqlite3_column_bytes(s, 0),
        .number = number ? sqlite3_column_int64(s, 0) : 0,
        .value = (const char *)sqlite3_column_text(s, 1),
        .value_len = (size_t)sqlite3_column_bytes(s, 1),
        .seen_ms = sqlite3_column_int64(s, 2),
    };

    each(arg, &state);
}

int
checkpoint_states(struct checkpoint *c, const char *name, kept_fn *each,
                  void *arg, struct error *err)
{
    sqlite3_stmt *s = c->db.statements[GET_STATES];
    int rc;

    /* Who was told the last time may have left by an error of Lua's. */
    sqlite3_reset(s);
    bind_text(c, GET_STATES, 1, name);
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        tell_state(s, name, each, arg);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? 0 : database_fail(&c->db, err);
}

int
checkpoint_commit(struct checkpoint *c, struct error *err)
{
    if (need_transaction(c, err) < 0)
        return -1;
    return database_run(&c->db, COMMIT, err);
}

void
checkpoint_rollback(struct checkpoint *c)
{
    database_roll_back(&c->db);
}
