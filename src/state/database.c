/* database.c -- an SQLite file that is whole, or begun anew. */
#include "state/database.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define PATIENCE_MS      250  /* with others who look into the database */
#define JOIN_PATIENCE_MS 5000 /* with the one whose database it is */

/* Written through at each of SQLite's own checkpoints, not at each commit: a
 * power cut may cost the last commits, never the database. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = NORMAL;"
                               "PRAGMA cache_size = -128;"
                               "PRAGMA temp_store = MEMORY";

int
database_fail(struct database *d, struct error *err)
{
    return fail(err, "%s: %s", d->path, sqlite3_errmsg(d->db));
}

bool
database_is_there(const struct database *d)
{
    int moved = 0;

    sqlite3_file_control(d->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return !moved;
}

static int
ask_version(struct database *d, int *version)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(d->db, "PRAGMA user_version", -1, &s, NULL);

    if (rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        *version = sqlite3_column_int(s, 0);
    return rc == SQLITE_OK ? sqlite3_finalize(s) : rc;
}

static int
connect_file(struct database *d, int flags, int *version)
{
    int rc = sqlite3_open_v2(d->path, &d->db, flags, NULL);

    if (rc != SQLITE_OK)
        return rc;
    database_be_patient(d, true);
    return ask_version(d, version);
}

static void
disconnect(struct database *d)
{
    for (int i = 0; d->statements != NULL && i < d->plan->n_sql; i++) {
        sqlite3_finalize(d->statements[i]);
        d->statements[i] = NULL;
    }
    sqlite3_close(d->db);
    d->db = NULL;
}

/* What did not open stays as it was found, the log too. */
static void
let_go(struct database *d)
{
    if (d->db != NULL)
        sqlite3_db_config(d->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    disconnect(d);
}

/* An error of SQLite's; SQLITE_CORRUPT with the first thing that is wrong, if
 * it finds one by reading all. */
static int
check(struct database *d, struct error *err)
{
    sqlite3_stmt *s = NULL;
    const char *answer = NULL;
    int rc = sqlite3_prepare_v2(d->db, "PRAGMA quick_check(1)", -1, &s, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        answer = (const char *)sqlite3_column_text(s, 0);
    if (answer == NULL) {
        database_fail(d, err);
    } else if (strcmp(answer, "ok") == 0) {
        rc = SQLITE_OK;
    } else {
        rc = SQLITE_CORRUPT;
        fail(err, "%s: damaged: %.200s", d->path, answer);
    }
    sqlite3_finalize(s);
    return rc;
}

/* One step of the schema and its number, or nothing of both. */
static int
step_up(struct database *d, int version)
{
    char *sql = mem_format("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; "
                           "COMMIT",
                           d->plan->schema[version], version + 1);
    int rc = sqlite3_exec(d->db, sql, NULL, NULL, NULL);

    mem_free(sql);
    return rc;
}

static int
compile(struct database *d)
{
    const struct database_plan *plan = d->plan;
    int rc = SQLITE_OK;

    for (int i = 0; rc == SQLITE_OK && i < plan->n_sql; i++)
        rc = sqlite3_prepare_v3(d->db, plan->sql[i], -1,
                                SQLITE_PREPARE_PERSISTENT, &d->statements[i],
                                NULL);
    return rc;
}

static int
set_up(struct database *d, int version, struct error *err)
{
    int rc = sqlite3_exec(d->db, settings, NULL, NULL, NULL);

    for (int v = version; rc == SQLITE_OK && v < d->plan->version; v++)
        rc = step_up(d, v);
    if (rc == SQLITE_OK)
        rc = compile(d);
    if (rc != SQLITE_OK)
        database_fail(d, err);
    return rc;
}

static int
is_newer(const struct database *d, int version, struct error *err)
{
    return fail(err,
                "%s: written by a newer cdrlua (version %d, this one knows %d)",
                d->path, version, d->plan->version);
}

/* 0, or -1 and whether that is for damage. A file that is no database of ours
 * is as good as a damaged one. */
static int
try_open(struct database *d, bool *damage, struct error *err)
{
    int version = 0;
    int rc =
        connect_file(d, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &version);

    *damage = false;
    if (rc != SQLITE_OK) {
        database_fail(d, err);
    } else if (version > d->plan->version) {
        rc = SQLITE_MISUSE;
        is_newer(d, version, err);
    } else if ((rc = check(d, err)) == SQLITE_OK) {
        rc = set_up(d, version, err);
    }
    if (rc == SQLITE_OK)
        return 0;
    *damage = rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_ERROR;
    let_go(d);
    return -1;
}

/* `suffix`: of the database itself, of its log, of the log's index. */
static int
move(struct database *d, const char *aside, const char *suffix,
     struct error *err)
{
    char *from = mem_format("%s%s", d->path, suffix);
    char *to = mem_format("%s%s", aside, suffix);
    int rc = 0;

    if (rename(from, to) < 0 && errno != ENOENT)
        rc = fail(err, "%s: damaged, and cannot be moved: %s", from,
                  strerror(errno));
    mem_free(from);
    mem_free(to);
    return rc;
}

/* The log goes first: with a new database it would be one more damage. */
static int
move_aside(struct database *d, char **moved, struct error *err)
{
    char time[CLOCK_ISO_SIZE];
    char *aside;
    int rc = -1;

    clock_iso(time, clock_wall_ms());
    aside = mem_format("%s.damaged-%s", d->path, time);
    if (move(d, aside, "-wal", err) == 0 && move(d, aside, "-shm", err) == 0 &&
        move(d, aside, "", err) == 0) {
        *moved =
            mem_format("%s; moved to %s, a new one begun", err->text, aside);
        rc = 0;
    }
    mem_free(aside);
    return rc;
}

static void
begin(struct database *d, const char *path, const struct database_plan *plan)
{
    d->patience_ms = PATIENCE_MS;
    d->plan = plan;
    d->path = mem_dup(path);
    d->statements = mem_new((size_t)plan->n_sql * sizeof *d->statements);
}

int
database_open(struct database *d, const char *path,
              const struct database_plan *plan, char **moved, struct error *err)
{
    struct error cause;
    bool damage;

    *moved = NULL;
    begin(d, path, plan);
    if (try_open(d, &damage, &cause) == 0)
        return 0;
    if (damage && move_aside(d, moved, &cause) == 0 &&
        try_open(d, &damage, &cause) == 0)
        return 0;
    mem_free(*moved);
    *moved = NULL;
    return fail(err, "%s", cause.text);
}

/* As an URI has it. */
static void
add_escaped(struct bytes *out, const char *path)
{
    for (; *path != '\0'; path++)
        bytes_add_format(out, strchr("%?#", *path) ? "%%%02x" : "%c",
                         (unsigned char)*path);
}

/* Where the folder may not be written to, SQLite cannot make the log that it
 * wants for reading too. If there is none, the file alone holds all. */
static int
connect_frozen(struct database *d, int *version)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, rc;
    char *log = mem_format("%s-wal", d->path);
    bool has_log = access(log, F_OK) == 0;
    struct bytes uri = { 0 };

    mem_free(log);
    if (has_log)
        return SQLITE_READONLY;
    let_go(d);
    bytes_add_text(&uri, "file:");
    add_escaped(&uri, d->path);
    bytes_add(&uri, "?immutable=1", sizeof "?immutable=1");
    rc = sqlite3_open_v2(uri.at, &d->db, flags, NULL);
    bytes_free(&uri);
    return rc == SQLITE_OK ? ask_version(d, version) : rc;
}

static int
connect_other(struct database *d, int *version)
{
    int rc = connect_file(d, SQLITE_OPEN_READWRITE, version);

    return rc == SQLITE_READONLY ? connect_frozen(d, version) : rc;
}

static int
check_version(const struct database *d, int version, struct error *err)
{
    if (version > d->plan->version)
        return is_newer(d, version, err);
    if (version == 0)
        return fail(err, "%s: empty: no run has kept its state there yet",
                    d->path);
    if (version < d->plan->version)
        return fail(err, "%s: of an older cdrlua; a run brings it up to date",
                    d->path);
    return 0;
}

static int
try_to_join(struct database *d, struct error *err)
{
    int version = 0;

    if (access(d->path, R_OK) < 0)
        return fail(err, "%s: %s", d->path, strerror(errno));
    if (connect_other(d, &version) != SQLITE_OK)
        return database_fail(d, err);
    if (check_version(d, version, err) < 0)
        return -1;
    return compile(d) == SQLITE_OK ? 0 : database_fail(d, err);
}

int
database_join(struct database *d, const char *path,
              const struct database_plan *plan, struct error *err)
{
    begin(d, path, plan);
    d->patience_ms = JOIN_PATIENCE_MS;
    if (try_to_join(d, err) == 0)
        return 0;
    let_go(d);
    return -1;
}

void
database_be_patient(struct database *d, bool patient)
{
    sqlite3_busy_timeout(d->db, patient ? d->patience_ms : 0);
}

void
database_close(struct database *d)
{
    disconnect(d);
    mem_free(d->statements);
    mem_free(d->path);
    *d = (struct database){ 0 };
}

void
database_roll_back(struct database *d)
{
    if (!sqlite3_get_autocommit(d->db))
        sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
}

int
database_run(struct database *d, int statement, struct error *err)
{
    int rc, cause;

    errno = 0;
    rc = sqlite3_step(d->statements[statement]);
    cause = errno;
    sqlite3_reset(d->statements[statement]);
    if (rc == SQLITE_DONE)
        return 0;
    if ((rc & 0xff) == SQLITE_IOERR && cause != 0)
        fail(err, "%s: %s (%s)", d->path, sqlite3_errmsg(d->db),
             strerror(cause));
    else
        database_fail(d, err);
    database_roll_back(d);
    return -1;
}
