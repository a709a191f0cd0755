/* commit.h -- about once a second, the places that are safe are kept. */
#ifndef COMMIT_H
#define COMMIT_H

#include <ev.h>

#include "action/sinks.h"
#include "base/error.h"
#include "input/tail.h"
#include "state/checkpoint.h"
#include "state/ledger.h"

/* The parts are lent. */
struct commit;
struct commit *commit_new(struct ev_loop *loop, struct ledger *ledger,
                          struct sinks *sinks, struct tail *tail);
void commit_free(struct commit *c);

/* Where the places are kept from now on; lent. Until then nowhere. */
void commit_to(struct commit *c, struct checkpoint *checkpoint);

/* Something is done: a commit comes within a second. Cheap. */
void commit_soon(struct commit *c);

/* -1: the places are not kept, and stay for the next try. */
int commit_now(struct commit *c, struct error *err);

#endif
