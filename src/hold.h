/* hold.h -- new lines wait until the handlers that wait are done.
 *
 * What scripts remember is kept at a moment at which no handler stands in the
 * middle of a line. Where none comes by itself, new lines are held, and timers
 * that are due without one; not for ever, as a handler may wait for long. If it
 * was given up because too many waited, fewer may from then on. */
#ifndef HOLD_H
#define HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "script/runtime.h"

struct hold {
    struct runtime *runtime; /* lent */
    double since_s;          /* such a moment is waited for; 0: it is not */
    bool on;
    uint64_t times; /* it began to be on */
    size_t waited;  /* lines, when it began */
    size_t most;    /* so many may wait */
    struct log_limit limit;
};

void hold_init(struct hold *h, struct runtime *runtime);

/* There is no such moment now; to be asked about once a second. True: it was
 * waited for too long, and new lines may come again. */
bool hold_await(struct hold *h);

/* There is one. True: lines were held, and may come again. */
bool hold_end(struct hold *h);

/* Whether no new line should come. */
bool hold_is_on(const struct hold *h);

#endif
