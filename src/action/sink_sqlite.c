/* sink_sqlite.c -- events as rows of an SQLite database, a table per event.
 *
 * What is given is one transaction, on the disk before it counts as taken; a
 * row that is there already, by its id, stays as it is. SQLite works in a
 * thread, since it waits for the disk and for others who write. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/path.h"
#include "action/sink.h"
#include "action/sqlite_rows.h"
#include "action/sqlite_tables.h"
#include "action/worker.h"
#include "base/folder.h"
#include "base/mem.h"

#define PATIENCE_MS 20 /* with others who write */
#define MOST_ROWS   10000
#define BATCH_SIZE  ((size_t)2 << 20)

struct sqlite {
    char *path; /* absolute */
    sqlite3 *db;
    dev_t dev;
    ino_t ino; /* of the file that is open */
    bool busy; /* the last failure: others wrote */
    struct sqlite_rows rows;

    struct worker *worker; /* has all above while it works */
    void *outbox;
    struct row given; /* copies of the messages */
    size_t n;
    ssize_t got; /* what became of them */
    struct error why;
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
        table_of(span_of(name), &t);
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
disconnect(struct sqlite *s)
{
    sqlite_rows_forget(&s->rows);
    sqlite3_close(s->db);
    s->db = s->rows.db = NULL;
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
    rc = sqlite3_open_v2(s->path, &s->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(s->db, PATIENCE_MS);
        rc = run(s, settings);
    }
    if (rc != SQLITE_OK || stat(s->path, &st) < 0) {
        fail_sqlite(s, err);
        disconnect(s);
        return -1;
    }
    s->rows.db = s->db;
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

/* ---- the sink ---- */

static void
unmake_sqlite(void *sink)
{
    struct sqlite *s = sink;

    if (s == NULL)
        return;
    worker_free(s->worker);
    disconnect(s);
    sqlite_rows_free(&s->rows);
    row_free(&s->given);
    mem_free(s->path);
    mem_free(s);
}

static void
give_up(struct sqlite *s)
{
    run(s, "ROLLBACK");
    if (sqlite3_errcode(s->db) != SQLITE_OK)
        disconnect(s);
}

static ssize_t
put_all(struct sqlite *s)
{
    const char *at = row_front(&s->given);
    struct message m;
    ssize_t got = 0;

    for (size_t i = 0; got == 0 && i < s->n; i++) {
        at += message_unpack(at, &m);
        got = sqlite_rows_put(&s->rows, &m, &s->why);
    }
    return got;
}

static ssize_t
commit_all(struct sqlite *s)
{
    ssize_t got;

    if (be_connected(s, &s->why) < 0)
        return SINK_FAILED;
    if (run(s, "BEGIN IMMEDIATE") != SQLITE_OK) {
        fail_sqlite(s, &s->why);
        return SINK_FAILED;
    }
    got = put_all(s);
    if (got == 0 && run(s, "COMMIT") != SQLITE_OK) {
        fail_sqlite(s, &s->why);
        got = SINK_FAILED;
    }
    if (got == 0)
        return (ssize_t)s->n;
    sqlite_rows_forget(&s->rows); /* tables that were made are gone again */
    give_up(s);
    return got;
}

/* In the thread. */
static void
work(void *arg)
{
    struct sqlite *s = arg;

    s->got = commit_all(s);
}

static void
on_done(void *arg)
{
    struct sqlite *s = arg;
    struct error why = s->why;

    row_take(&s->given, row_waiting(&s->given));
    row_shrink(&s->given, 2 * BATCH_SIZE);
    outbox_answer(s->outbox, s->got, 0., &why);
}

static void *
make_sqlite(struct ev_loop *loop, const char *dest,
            const struct sink_options *options, void (*ready)(void *arg),
            void *arg, struct error *err)
{
    const char *path = path_behind_scheme(dest);
    struct sqlite *s;

    (void)ready;
    if (sink_options_shape(options, "webhook", dest, err) < 0)
        return NULL;
    if (*path == '\0') {
        fail(err, "%s: there is no path", dest);
        return NULL;
    }
    s = mem_new(sizeof *s);
    s->outbox = arg;
    s->worker = worker_new(loop, work, on_done, s);
    s->rows.path = s->path = path_absolute(path, err);
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
    if (be_connected(s, err) < 0 && !s->busy)
        return -1;
    if (worker_begin(s->worker) == 0)
        return 0;
    return fail(err, "sqlite:%s: %s", s->path, strerror(errno));
}

static size_t
most_rows(const void *sink)
{
    (void)sink;
    return MOST_ROWS;
}

static ssize_t
give_sqlite(void *sink, const struct message *messages, size_t n,
            struct error *err)
{
    struct sqlite *s = sink;

    (void)err;
    for (size_t i = 0; i < n; i++)
        message_pack(&s->given, 0, &messages[i]);
    s->n = n;
    worker_do(s->worker);
    return SINK_LATER;
}

const struct sink_class sink_sqlite = {
    .schemes = "sqlite",
    .make = make_sqlite,
    .unmake = unmake_sqlite,
    .open = open_sqlite,
    .give = give_sqlite,
    .most = most_rows,
    .batch = BATCH_SIZE,
    .lingers = true,
    .shape = "webhook",
};
