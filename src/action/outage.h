/* outage.h -- what is told of a destination that takes nothing.
 *
 * It fails (breaker.h), or it does neither, as a receiver that stopped reading:
 * that is waited for, and told after half a minute. */
#ifndef ACTION_OUTAGE_H
#define ACTION_OUTAGE_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/log.h"

struct breaker;

struct outage {
    struct breaker *breaker;
    const char *dest; /* as it may be shown; lent, as the breaker */
    log_note_fn *note;
    void *arg;
    struct ev_loop *loop;
    ev_timer silence; /* runs while an answer is owed */
    double since_s;
    bool told; /* of the silence */
};

void outage_begin(struct outage *o, struct ev_loop *loop);
void outage_end(struct outage *o);

/* It failed, while so many bytes wait, and wants a pause of `after_s` (0: it
 * did not say). Told once, however often the tries fail. */
void outage_failed(struct outage *o, const struct error *why, size_t waiting,
                   double after_s);
/* It took of so many that were given, and there is `more`: the outage may be
 * over. */
void outage_took(struct outage *o, size_t given, bool more);

/* An answer is owed by who has no deadline of its own; and it came. */
void outage_silence(struct outage *o);
void outage_answer(struct outage *o);

#endif
