/* ending.h -- how a run ends: what is in hand is done first, or left. */
#ifndef ENDING_H
#define ENDING_H

#include <ev.h>
#include <stdbool.h>

#include "action/sinks.h"
#include "commit.h"
#include "input/tail.h"
#include "options.h"
#include "progress.h"
#include "script/runtime.h"
#include "state/ledger.h"

/* All lent for its life. */
struct ending_parts {
    const struct options *options;
    struct ev_loop *loop;
    struct ledger *ledger;
    struct sinks *sinks;
    struct tail *tail;
    struct runtime *runtime;
    struct progress *progress;
    struct commit *commit;
};

struct ending;
struct ending *ending_new(const struct ending_parts *parts);
void ending_free(struct ending *e); /* takes NULL */

/* All was read: what is due at the time of the last line still runs, and the
 * loop ends when all is done and taken. */
void ending_at_end(struct ending *e);
/* It was told to stop: what is in hand may take --grace seconds. */
void ending_stop(struct ending *e);
/* Nothing more can be written: the loop ends at once. */
void ending_broken(struct ending *e);

bool ending_has_begun(const struct ending *e);
bool ending_is_broken(const struct ending *e);

#endif
