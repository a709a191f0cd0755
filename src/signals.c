/* signals.c -- stop at the first signal, at once at the second.
 *
 * The second must work while a script keeps the loop from turning, so these
 * two have a handler of their own, which wakes the loop at the first. */
#include "signals.h"

#include <signal.h>
#include <unistd.h>

#include "base/mem.h"

struct signals {
    struct ev_loop *loop;
    struct ev_async stop;
    struct ev_signal report;
    const struct signal_calls *calls;
    void *arg;
};

/* A handler can be given nothing: there is one `signals` at a time. */
static struct signals *only;
static volatile sig_atomic_t came;

static void
on_signal(int number)
{
    if (came)
        _exit(128 + number);
    came = 1;
    ev_async_send(only->loop, &only->stop);
}

static void
on_stop(struct ev_loop *loop, struct ev_async *watcher, int events)
{
    struct signals *s = watcher->data;

    (void)loop;
    (void)events;
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

static void
handle(int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

struct signals *
signals_new(struct ev_loop *loop, const struct signal_calls *calls, void *arg)
{
    struct signals *s = mem_new(sizeof *s);

    s->loop = loop;
    s->calls = calls;
    s->arg = arg;
    ev_async_init(&s->stop, on_stop);
    ev_signal_init(&s->report, on_report, SIGUSR1);
    s->stop.data = s->report.data = s;
    ev_async_start(loop, &s->stop);
    ev_signal_start(loop, &s->report);
    only = s;
    handle(SIGPIPE, SIG_IGN);
    handle(SIGXFSZ, SIG_IGN);
    handle(SIGINT, on_signal);
    handle(SIGTERM, on_signal);
    return s;
}

bool
signals_came(void)
{
    return came;
}

void
signals_free(struct signals *s)
{
    if (s == NULL)
        return;
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    ev_async_stop(s->loop, &s->stop);
    ev_signal_stop(s->loop, &s->report);
    mem_free(s);
}
