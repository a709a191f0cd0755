/* commit.h -- the places that are safe are kept, about once a second. */
#ifndef COMMIT_H
#define COMMIT_H

#include <ev.h>

#include "action/sinks.h"
#include "base/error.h"
#include "input/tail.h"
#include "state/ledger.h"

/* The parts are lent. */
struct commit;
struct commit *commit_new(struct ev_loop *loop, struct ledger *ledger,
                          struct sinks *sinks, struct tail *tail);
void commit_free(struct commit *c);

/* Opens the state folder and tells the tail what it knows. Until then nothing
 * is kept. -1: in use by another process, or not writable. */
int commit_open(struct commit *c, const char *dir, struct error *err);

/* How many bytes of an output file are known to be whole lines; -1: it is not
 * known. An outbox_known_fn. */
int64_t commit_known_size(void *commit, const char *path);

/* Something is done: a commit comes within a second. Cheap. */
void commit_soon(struct commit *c);

/* -1: the places are not kept, and stay for the next try. */
int commit_now(struct commit *c, struct error *err);

#endif
