/* worker.c -- a thread that does one thing at a time, off the loop. */
#include "action/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "base/mem.h"

struct worker {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;

    struct ev_loop *loop;
    ev_async told;

    pthread_t thread;
    bool begun; /* there is one */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool works, worked, ends;
};

/* The lock is what makes the work seen here. */
static void
on_told(struct ev_loop *loop, ev_async *async, int events)
{
    struct worker *w = async->data;
    bool worked;

    (void)loop;
    (void)events;
    pthread_mutex_lock(&w->lock);
    worked = w->worked;
    w->worked = false;
    pthread_mutex_unlock(&w->lock);
    if (worked)
        w->done(w->arg);
}

struct worker *
worker_new(struct ev_loop *loop, void (*work)(void *arg),
           void (*done)(void *arg), void *arg)
{
    struct worker *w = mem_new(sizeof *w);

    w->work = work;
    w->done = done;
    w->arg = arg;
    w->loop = loop;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    ev_async_init(&w->told, on_told);
    w->told.data = w;
    return w;
}

/* ---- the thread ---- */

/* Whether there is more to do. */
static bool
wait_for_work(struct worker *w)
{
    bool works;

    pthread_mutex_lock(&w->lock);
    while (!w->works && !w->ends)
        pthread_cond_wait(&w->changed, &w->lock);
    works = w->works;
    w->works = false;
    pthread_mutex_unlock(&w->lock);
    return works;
}

static void *
run(void *arg)
{
    struct worker *w = arg;

    while (wait_for_work(w)) {
        w->work(w->arg);
        pthread_mutex_lock(&w->lock);
        w->worked = true;
        pthread_mutex_unlock(&w->lock);
        ev_async_send(w->loop, &w->told);
    }
    return NULL;
}

/* Signals are for the loop. */
int
worker_begin(struct worker *w)
{
    sigset_t all, before;

    if (w->begun)
        return 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&w->thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->begun = errno == 0;
    if (w->begun)
        ev_async_start(w->loop, &w->told);
    return w->begun ? 0 : -1;
}

/* ---- the loop ---- */

void
worker_do(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->works = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

void
worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->ends = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    if (w->begun)
        pthread_join(w->thread, NULL);
    ev_async_stop(w->loop, &w->told);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    mem_free(w);
}
