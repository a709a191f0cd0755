/* checkpoint.h -- the resume places and what scripts remember, kept in SQLite
 * under a lock. */
#ifndef STATE_CHECKPOINT_H
#define STATE_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/kept.h"
#include "base/place.h"

struct checkpoint;

/* Opens (makes, with parents, mode 0700) the directory, takes its lock and the
 * database DIR/state.db. NULL: locked by another process (whose number is
 * told), or not writable. A damaged database is moved aside to
 * state.db.damaged-TIME and a new one begun: `*moved` then holds the sentence
 * to tell the user (the caller frees it), else NULL. */
struct checkpoint *checkpoint_open(const char *dir, char **moved,
                                   struct error *err);
/* For a command beside the run that has the lock, or without one: the database
 * must be there, and is not moved when it is damaged. Its transactions should
 * be short. */
struct checkpoint *checkpoint_join(const char *dir, struct error *err);
void checkpoint_close(struct checkpoint *c);

/* Whether another process has written to the database since it was opened, or
 * since this was asked last. What cannot be told is no news. */
bool checkpoint_has_news(struct checkpoint *c);

/* Calls `each` with every record; `record` is lent for the call. Records not
 * seen for 40 days are dropped first. */
typedef void checkpoint_record_fn(void *arg, const struct record *record);
int checkpoint_records(struct checkpoint *c, checkpoint_record_fn *each,
                       void *arg, struct error *err);

/* How many bytes of an output file were there and whole at the last commit:
 * 1 and *size, or 0 when the file is not known, or -1. `path` is absolute. */
int checkpoint_output(struct checkpoint *c, const char *path, uint64_t *size,
                      struct error *err);

/* Calls `each` with every key of that table. -1: it cannot be read, or not all
 * of it. */
int checkpoint_states(struct checkpoint *c, const char *name, kept_fn *each,
                      void *arg, struct error *err);

/* One transaction: begin, then any number of puts, then commit. After a -1 of
 * any of them the transaction is rolled back, nothing of it is kept, and the
 * next begin starts anew. */
int checkpoint_begin(struct checkpoint *c, struct error *err);
int checkpoint_put_record(struct checkpoint *c, const struct record *record,
                          struct error *err);
int checkpoint_put_output(struct checkpoint *c, const char *path, uint64_t size,
                          struct error *err);
int checkpoint_put_state(struct checkpoint *c, const struct kept *state,
                         struct error *err);
int checkpoint_commit(struct checkpoint *c, struct error *err);
/* Gives the transaction up, when something else than a put failed. */
void checkpoint_rollback(struct checkpoint *c);

#endif
