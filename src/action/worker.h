/* worker.h -- a thread that does one thing at a time, off the loop. */
#ifndef ACTION_WORKER_H
#define ACTION_WORKER_H

#include <ev.h>

struct worker;

/* `work(arg)` runs in the thread, `done(arg)` on the loop after it. */
struct worker *worker_new(struct ev_loop *loop, void (*work)(void *arg),
                          void (*done)(void *arg), void *arg);

/* Waits until the work is done, of which nothing is told then. Takes NULL. */
void worker_free(struct worker *w);

/* Starts the thread, once. -1 with errno. */
int worker_begin(struct worker *w);

/* Begins the work; not before the last was told to be done. */
void worker_do(struct worker *w);

#endif
