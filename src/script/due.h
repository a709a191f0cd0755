/* due.h -- timers run when they are due, as far as the road has room.
 *
 * What is due runs before the line that moves the clock past it. Where the road
 * has no room for all of it, the line waits and the rest runs from the loop. */
#ifndef SCRIPT_DUE_H
#define SCRIPT_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "script/runtime.h"
#include "script/timers.h"

struct job;

struct due;
struct due *due_new(struct runtime *rt);
void due_free(struct due *d); /* takes NULL */

/* Copies the timer and returns its token. One that is TIMER_UNKNOWN has a
 * `next`, which tells its first due time behind the clock, now or when that
 * begins; 0: it has none. */
uint64_t due_add(struct due *d, const struct timer *timer);
bool due_cancel(struct due *d, uint64_t token);
int64_t due_next(const struct due *d);
bool due_is_empty(const struct due *d);

/* The clock stands there: runs what is due, unless it is behind already. False:
 * it is behind now, and catches up by itself. */
bool due_run(struct due *d, int64_t clock_ms);
bool due_is_behind(const struct due *d);
/* The road may have room again. */
void due_go_on(struct due *d);

/* Enters when nothing is due any more; the job's event is on the top of the
 * main state and is popped. */
void due_hold_line(struct due *d, const struct script_line *line);
void due_hold_job(struct due *d, struct job *job);

#endif
