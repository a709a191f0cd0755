/* progress.h -- what a person is told: at the start, meanwhile, at the end. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <ev.h>
#include <stdint.h>

#include "commit.h"
#include "input/tail.h"
#include "options.h"
#include "rejects.h"
#include "script/runtime.h"

/* What it tells of; all lent. */
struct progress_parts {
    struct ev_loop *loop;
    const struct options *options;
    const struct tail *tail;
    const struct runtime *runtime;
    const struct rejects *rejects;
    const struct sinks *sinks;
    const struct commit *commit;
    const uint64_t *lines; /* where their count stands */
};

struct progress;
struct progress *progress_new(const struct progress_parts *parts);
void progress_free(struct progress *p);

/* What is followed, and from where (`state_dir` NULL: nothing is kept). With
 * --once on a terminal a line of progress follows when it takes longer than a
 * second. */
void progress_begin(struct progress *p, const char *state_dir);

/* Wipes the line of progress: no more of it. */
void progress_stop(struct progress *p);

/* Says how much was done, and what went wrong. */
void progress_end(struct progress *p);

/* The same figures at any time (SIGUSR1). */
void progress_summary(const struct progress *p);

#endif
