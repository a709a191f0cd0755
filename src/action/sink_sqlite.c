/* sink_sqlite.c -- events as rows of an SQLite database, a table per event.
 *
 * SQLite itself takes the fields out of the JSON. What is given is one
 * transaction, on the disk before it counts as taken; a row that is there
 * already, by its id, stays as it is. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#include "action/path.h"
#include "action/sink.h"
#include "action/sqlite_tables.h"
#include "base/folder.h"
#include "base/mem.h"

#define PATIENCE_MS     20 /* with others who write; the loop stands still */
#define MOST_ROWS       2000
#define BATCH_SIZE      ((size_t)512 << 10)
#define MOST_STATEMENTS 256

struct insert {
    struct table table;
    sqlite3_stmt *statement;
    UT_hash_handle hh; /* by the table's name */
};

struct sqlite {
    char *path; /* absolute */
    sqlite3 *db;
    dev_t dev;
    ino_t ino; /* of the file that is open */
    bool busy; /* the last failure: others wrote */
    struct insert *inserts;
};

static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA wal_autocheckpoint = 4000;"
                               "PRAGMA cache_size = -16000;"
                               "PRAGMA temp_store = MEMORY";

static int
run(struct sqlite *s, const char *sql)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static int
fail_sqlite(struct sqlite *s, struct error *err)
{
    s->busy = sqlite3_errcode(s->db) == SQLITE_BUSY;
    return fail(err, "sqlite:%s: %s", s->path, sqlite3_errmsg(s->db));
}

static int
make_known_tables(struct sqlite *s, struct error *err)
{
    const char *name;
    struct table t;
    ssize_t got = 0;

    if (run(s, "BEGIN IMMEDIATE") != SQLITE_OK)
        return fail_sqlite(s, err);
    for (size_t i = 0; got != SINK_FAILED && (name = tables_known(i)); i++) {
        table_of((struct span){ name, strlen(name) }, &t);
        got = sqlite_make_table(s->db, s->path, &t, err);
    }
    if (got != SINK_FAILED && run(s, "COMMIT") == SQLITE_OK)
        return 0;
    if (got != SINK_FAILED)
        fail_sqlite(s, err);
    run(s, "ROLLBACK");
    return -1;
}

/* ---- the file ---- */

static void
drop_statements(struct sqlite *s)
{
    struct insert *i, *next;

    HASH_ITER(hh, s->inserts, i, next)
    {
        HASH_DEL(s->inserts, i);
        sqlite3_finalize(i->statement);
        mem_free(i);
    }
}

static void
disconnect(struct sqlite *s)
{
    drop_statements(s);
    sqlite3_close(s->db);
    s->db = NULL;
}

/* As readable as other output files; SQLite's own files beside it follow it.
 * Only when it is new, for to close it takes SQLite's locks away. */
static int
make_file(struct sqlite *s, struct error *err)
{
    int fd;

    if (folder_make_parents(s->path, PATH_FOLDER_MODE, err) < 0)
        return -1;
    fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST)
        return fail(err, "sqlite:%s: %s", s->path, strerror(errno));
    path_sync_parent(s->path);
    return 0;
}

static int
connect_file(struct sqlite *s, struct error *err)
{
    struct stat st = { 0 };
    int rc;

    s->busy = false;
    if (make_file(s, err) < 0)
        return -1;
    rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(s->db, PATIENCE_MS);
        rc = run(s, settings);
    }
    if (rc != SQLITE_OK || stat(s->path, &st) < 0) {
        fail_sqlite(s, err);
        disconnect(s);
        return -1;
    }
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    if (make_known_tables(s, err) == 0)
        return 0;
    disconnect(s);
    return -1;
}

/* A file that somebody took away is made anew. */
static bool
is_in_place(const struct sqlite *s)
{
    struct stat st;

    return stat(s->path, &st) == 0 && st.st_dev == s->dev &&
           st.st_ino == s->ino;
}

static int
be_connected(struct sqlite *s, struct error *err)
{
    if (s->db != NULL && !is_in_place(s))
        disconnect(s);
    return s->db != NULL ? 0 : connect_file(s, err);
}

/* ---- rows ---- */

/* The database is told at once what it can never take. */
static ssize_t
failed_row(struct sqlite *s, int rc, struct error *err)
{
    bool broken_json = rc == SQLITE_ERROR &&
                       strcmp(sqlite3_errmsg(s->db), "malformed JSON") == 0;

    fail_sqlite(s, err);
    if (broken_json || rc == SQLITE_CONSTRAINT || rc == SQLITE_MISMATCH ||
        rc == SQLITE_TOOBIG)
        return SINK_REFUSED;
    return SINK_FAILED;
}

static ssize_t
prepare(struct sqlite *s, struct insert *i, struct error *err)
{
    struct bytes sql = { 0 };
    ssize_t got = sqlite_make_table(s->db, s->path, &i->table, err);
    int rc;

    if (got != 0)
        return got;
    sqlite_add_insert(&i->table, &sql);
    rc = sqlite3_prepare_v3(s->db, sql.at, (int)sql.len,
                            SQLITE_PREPARE_PERSISTENT, &i->statement, NULL);
    bytes_free(&sql);
    if (rc == SQLITE_OK)
        return 0;
    fail_sqlite(s, err);
    return SINK_FAILED;
}

/* The statement for such events; NULL with `got`. */
static sqlite3_stmt *
statement_for(struct sqlite *s, struct span event, ssize_t *got,
              struct error *err)
{
    char name[TABLE_NAME_SIZE];
    struct insert *i;

    table_name_of(event, name);
    HASH_FIND_STR(s->inserts, name, i);
    if (i != NULL)
        return i->statement;
    if (HASH_COUNT(s->inserts) >= MOST_STATEMENTS)
        drop_statements(s);
    i = mem_new(sizeof *i);
    table_of(event, &i->table);
    *got = prepare(s, i, err);
    if (*got != 0) {
        mem_free(i);
        return NULL;
    }
    HASH_ADD_STR(s->inserts, table.name, i);
    return i->statement;
}

/* SQLite ends a text at a NUL, so that the rest would be lost. */
static bool
has_nul(struct span text)
{
    const char *at = text.at, *end = text.at + text.len;

    while ((at = memmem(at, (size_t)(end - at), "\\u0000", 6)) != NULL) {
        const char *first = at;

        while (first > text.at && first[-1] == '\\')
            first--;
        if ((at - first) % 2 == 0)
            return true;
        at++;
    }
    return false;
}

static int
refuse(struct sqlite *s, const char *why, struct error *err)
{
    fail(err, "sqlite:%s: %s", s->path, why);
    return SINK_REFUSED;
}

static ssize_t
put(struct sqlite *s, const struct message *m, struct error *err)
{
    sqlite3_stmt *row;
    ssize_t got;
    int rc;

    if (m->event.len == 0)
        return refuse(s, "only events have a table", err);
    if (has_nul(m->text))
        return refuse(s, "a text with \\u0000 cannot be a row", err);
    row = statement_for(s, m->event, &got, err);
    if (row == NULL)
        return got;
    sqlite3_bind_text(row, 1, m->id.at, (int)m->id.len, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, m->text.at, (int)m->text.len, SQLITE_STATIC);
    rc = sqlite3_step(row);
    got = rc == SQLITE_DONE ? 0 : failed_row(s, rc, err);
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    return got;
}

/* ---- the sink ---- */

static void
unmake_sqlite(void *sink)
{
    struct sqlite *s = sink;

    if (s == NULL)
        return;
    disconnect(s);
    mem_free(s->path);
    mem_free(s);
}

static void *
make_sqlite(struct ev_loop *loop, const char *dest,
            const struct sink_options *options, void (*ready)(void *arg),
            void *arg, struct error *err)
{
    const char *path = path_behind_scheme(dest);
    struct sqlite *s;

    (void)loop;
    (void)ready;
    (void)arg;
    if (sink_options_shape(options, "webhook", dest, err) < 0)
        return NULL;
    if (*path == '\0') {
        fail(err, "%s: there is no path", dest);
        return NULL;
    }
    s = mem_new(sizeof *s);
    s->path = path_absolute(path, err);
    if (s->path != NULL)
        return s;
    unmake_sqlite(s);
    return NULL;
}

static int
open_sqlite(void *sink, int64_t known, struct error *err)
{
    struct sqlite *s = sink;

    (void)known;
    return be_connected(s, err) == 0 || s->busy ? 0 : -1;
}

static size_t
most_rows(const void *sink)
{
    (void)sink;
    return MOST_ROWS;
}

static void
give_up(struct sqlite *s)
{
    run(s, "ROLLBACK");
    if (sqlite3_errcode(s->db) != SQLITE_OK)
        disconnect(s);
}

static ssize_t
give_sqlite(void *sink, const struct message *messages, size_t n,
            struct error *err)
{
    struct sqlite *s = sink;
    ssize_t got = 0;

    if (be_connected(s, err) < 0)
        return SINK_FAILED;
    if (run(s, "BEGIN IMMEDIATE") != SQLITE_OK) {
        fail_sqlite(s, err);
        return SINK_FAILED;
    }
    for (size_t i = 0; got == 0 && i < n; i++)
        got = put(s, &messages[i], err);
    if (got == 0 && run(s, "COMMIT") != SQLITE_OK) {
        fail_sqlite(s, err);
        got = SINK_FAILED;
    }
    if (got == 0)
        return (ssize_t)n;
    drop_statements(s); /* tables that were made are gone again */
    give_up(s);
    return got;
}

const struct sink_class sink_sqlite = {
    .schemes = "sqlite",
    .make = make_sqlite,
    .unmake = unmake_sqlite,
    .open = open_sqlite,
    .give = give_sqlite,
    .most = most_rows,
    .batch = BATCH_SIZE,
    .shape = "webhook",
};
