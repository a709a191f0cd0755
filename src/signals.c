/* signals.c -- stop at the first signal, at once at the second. */
#include "signals.h"

#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/mem.h"

struct signals {
    struct ev_loop *loop;
    struct ev_signal interrupt, terminate, report;
    const struct signal_calls *calls;
    void *arg;
    bool stopping;
};

static void
on_stop(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
    struct signals *s = watcher->data;

    (void)loop;
    (void)events;
    if (s->stopping)
        _exit(128 + watcher->signum);
    s->stopping = true;
    s->calls->stop(s->arg);
}

static void
on_report(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
    struct signals *s = watcher->data;

    (void)loop;
    (void)events;
    s->calls->report(s->arg);
}

struct signals *
signals_new(struct ev_loop *loop, const struct signal_calls *calls, void *arg)
{
    struct signals *s = mem_new(sizeof *s);

    s->loop = loop;
    s->calls = calls;
    s->arg = arg;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    ev_signal_init(&s->interrupt, on_stop, SIGINT);
    ev_signal_init(&s->terminate, on_stop, SIGTERM);
    ev_signal_init(&s->report, on_report, SIGUSR1);
    s->interrupt.data = s->terminate.data = s->report.data = s;
    ev_signal_start(loop, &s->interrupt);
    ev_signal_start(loop, &s->terminate);
    ev_signal_start(loop, &s->report);
    return s;
}

void
signals_free(struct signals *s)
{
    if (s == NULL)
        return;
    ev_signal_stop(s->loop, &s->interrupt);
    ev_signal_stop(s->loop, &s->terminate);
    ev_signal_stop(s->loop, &s->report);
    mem_free(s);
}
