/* commit.h -- what is safe is kept, about once a second: the places of the
 * files and, in the same transaction, what scripts remember.
 *
 * Where scripts remember nothing, a place is safe when every line before it is
 * done. Where they do, both are taken at one moment, the cut, at which no
 * handler stands in the middle of a line, and are kept once the sinks have
 * taken all that was sent before. */
#ifndef COMMIT_H
#define COMMIT_H

#include <ev.h>

#include "action/sinks.h"
#include "base/error.h"
#include "input/tail.h"
#include "options.h"
#include "script/runtime.h"
#include "state/ledger.h"

struct commit_parts {
    const struct options *options;
    struct ev_loop *loop;
    struct ledger *ledger;
    struct sinks *sinks;
    struct tail *tail;
    struct runtime *runtime;
};

/* The parts are lent. `room(arg)` is called when new lines may come again that
 * commit_holds kept away. */
struct commit;
struct commit *commit_new(const struct commit_parts *parts,
                          void (*room)(void *arg), void *arg);
void commit_free(struct commit *c);

/* For a run that keeps its places: opens the state folder, if that is not done,
 * and tells the tail the places that are kept there. Until then none are kept.
 * From then on scripts are told when another process has written there.
 * -1: in use by another process, or not writable. */
int commit_open(struct commit *c, struct error *err);
/* The folder, lent; NULL before it is opened. */
const char *commit_dir(const struct commit *c);

/* Calls `each` with what is kept of a script's state table. A first table opens
 * the folder, unless the run keeps nothing: `--once` without `--state`. */
int commit_state(struct commit *c, const char *name, kept_fn *each, void *arg,
                 struct error *err);

/* An outbox_known_fn. */
int64_t commit_known_size(void *commit, const char *path);

/* Before anything is written: keeps how long the outputs are, so that a half
 * line that a kill leaves behind that is known to be ours. */
void commit_outputs(struct commit *c);

/* Something is done: a commit comes within a second. Cheap. */
void commit_soon(struct commit *c);

/* No new line should come, as handlers that wait have let no moment pass at
 * which a cut could be made (hold.h). */
bool commit_holds(const struct commit *c);
/* How often that began. */
uint64_t commit_held(const struct commit *c);

/* At the end. -1: it is not kept. What is still in hand is not, and comes
 * again at the next start. */
int commit_last(struct commit *c, struct error *err);

#endif
