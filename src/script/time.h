/* time.h -- the events' clock of a run, and what moves it. */
#ifndef SCRIPT_TIME_H
#define SCRIPT_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "script/due.h"

struct time;
struct time *time_new(struct runtime *rt);
void time_free(struct time *t); /* takes NULL */

/* What scripts call now, in milliseconds: the greatest timestamp seen (0
 * before the first), or with --clock wall the machine's time. */
int64_t time_now(const struct time *t);

/* The time before which no event is expected any more, 0 before the first. */
int64_t time_watermark(const struct time *t);

/* A script speaks of time: from now on each line moves the clock. */
void time_use(struct time *t);
/* It wants the clock to survive a restart, too. -1: it cannot be read. */
int time_keep(struct time *t, struct error *err);
bool time_is_kept(const struct time *t);

/* Adds a timer, see due_add; cancels it. */
uint64_t time_schedule(struct time *t, const struct timer *timer);
bool time_cancel(struct time *t, uint64_t token);

/* A line, or an event that a source made, moves the clock: what is due runs
 * first. False: not all of it could; the line or job enters by itself later. */
bool time_line(struct time *t, const struct script_line *line);
bool time_job(struct time *t, struct job *job, uint32_t series, int64_t ms);
uint32_t time_source_series(size_t source); /* of that source's events */

/* Timers that are due still wait for room. */
bool time_is_behind(const struct time *t);
/* When the first is due has changed, or whether silence counts. */
void time_arm(struct time *t);

/* Tells `put` where the clock stands, if that changed. */
void time_cut(struct time *t, kept_fn *put, void *arg);

#endif
