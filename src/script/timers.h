/* timers.h -- what is due when: a heap of timers. */
#ifndef SCRIPT_TIMERS_H
#define SCRIPT_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

struct station;

/* Timers of one moment run in the order of their stations, then of their
 * numbers, so that a run over the same events has them in the same order. */
struct timer {
    int64_t due_ms; /* TIMER_UNKNOWN: told when the clock has begun */
    struct station *station;
    int64_t number;     /* of its script */
    uint64_t origin;    /* in whose stead it runs, see job_origin; 0: none */
    int function, next; /* references; `next` tells the due time after this */
    uint64_t token;     /* of all timers; what cancels it */
};

#define TIMER_UNKNOWN INT64_MAX

struct timers;
struct timers *timers_new(void);
void timers_free(struct timers *t);

/* Copies the timer, and returns its token; one that is put in again keeps its
 * own. */
uint64_t timers_add(struct timers *t, const struct timer *timer);

/* The first that is due at or before `ms`, taken out, or NULL; given back with
 * mem_free. */
struct timer *timers_take(struct timers *t, int64_t ms);
/* That timer, taken out, or NULL: it has run or was cancelled. */
struct timer *timers_cancel(struct timers *t, uint64_t token);

/* When the first is due; TIMER_UNKNOWN: none is known to be. */
int64_t timers_next(const struct timers *t);
bool timers_is_empty(const struct timers *t);

#endif
