/* database.h -- an SQLite file that is whole, or begun anew. */
#ifndef STATE_DATABASE_H
#define STATE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/error.h"

/* schema[0] brings an empty file to version 1, schema[1] that to version 2, and
 * so on. The statements are compiled at opening, which also proves that the
 * tables are the ones they expect. */
struct database_plan {
    int version; /* as many as there are in `schema` */
    const char *const *schema;
    const char *const *sql;
    int n_sql;
};

struct database {
    const struct database_plan *plan;
    char *path;
    int patience_ms; /* how long a lock is waited for */
    sqlite3 *db;
    sqlite3_stmt **statements; /* as many as plan->sql */
};

/* Opens or makes the file at `path`; `d` is all zero before. -1: it cannot be
 * opened, or is of a newer version. A damaged one is moved to
 * PATH.damaged-TIME with its log and a new one begun: *moved then holds the
 * sentence about it (the caller frees it), else NULL. */
int database_open(struct database *d, const char *path,
                  const struct database_plan *plan, char **moved,
                  struct error *err);
/* Opens the file of somebody else, who may have it open too: it is neither made
 * nor brought to another version nor moved away. Locks are waited for up to
 * five seconds. It may be one that can only be read. */
int database_join(struct database *d, const char *path,
                  const struct database_plan *plan, struct error *err);
/* Takes an all zero one, and one that did not open. */
void database_close(struct database *d);

/* Whether a lock of somebody else's is waited for: true from the start. */
void database_be_patient(struct database *d, bool patient);

/* What SQLite said last, as a sentence about the file; returns -1. */
int database_fail(struct database *d, struct error *err);

/* Whether the file still has its name: what is written to it else is lost. */
bool database_is_there(const struct database *d);

/* Runs a statement that gives no rows. If it fails, the transaction that is
 * open, if any, is rolled back: -1. */
int database_run(struct database *d, int statement, struct error *err);
void database_roll_back(struct database *d);

#endif
