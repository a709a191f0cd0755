/* changed.c -- says when something in a few folders may have changed. */
#include "action/changed.h"

#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"

#define MOMENT_S 0.2
#define EVENTS                                                                 \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE |    \
     IN_DELETE_SELF | IN_MOVE_SELF)

struct changed {
    struct ev_loop *loop;
    changed_fn *fn;
    void *arg;
    int fd; /* -1: only sweeps */
    ev_io io;
    ev_timer moment, sweep;
    char **dirs;
    size_t n;
};

static void
on_event(struct ev_loop *loop, ev_io *io, int events)
{
    struct changed *c = io->data;
    char ignored[4096]; /* what it was is seen by looking */

    (void)loop;
    (void)events;
    while (read(c->fd, ignored, sizeof ignored) > 0)
        ;
    changed_again(c);
}

static void
on_moment(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct changed *c = timer->data;

    (void)loop;
    (void)events;
    c->fn(c->arg);
}

/* The folder of that name may be another by now; for the same one the kernel
 * makes no second watch. */
static void
watch_again(struct changed *c)
{
    for (size_t i = 0; c->fd >= 0 && i < c->n; i++)
        inotify_add_watch(c->fd, c->dirs[i], EVENTS);
}

static void
on_sweep(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct changed *c = timer->data;

    (void)loop;
    (void)events;
    watch_again(c);
    c->fn(c->arg);
}

struct changed *
changed_new(struct ev_loop *loop, double sweep_s, changed_fn *fn, void *arg)
{
    struct changed *c = mem_new(sizeof *c);

    c->loop = loop;
    c->fn = fn;
    c->arg = arg;
    c->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ev_io_init(&c->io, on_event, c->fd, EV_READ);
    ev_timer_init(&c->moment, on_moment, MOMENT_S, 0.);
    ev_timer_init(&c->sweep, on_sweep, sweep_s, sweep_s);
    c->io.data = c->moment.data = c->sweep.data = c;
    if (c->fd >= 0)
        ev_io_start(loop, &c->io);
    ev_timer_start(loop, &c->sweep);
    return c;
}

void
changed_free(struct changed *c)
{
    if (c == NULL)
        return;
    ev_timer_stop(c->loop, &c->moment);
    ev_timer_stop(c->loop, &c->sweep);
    if (c->fd >= 0) {
        ev_io_stop(c->loop, &c->io);
        close(c->fd);
    }
    for (size_t i = 0; i < c->n; i++)
        mem_free(c->dirs[i]);
    mem_free(c->dirs);
    mem_free(c);
}

void
changed_watch(struct changed *c, const char *dir)
{
    c->dirs = mem_grow(c->dirs, (c->n + 1) * sizeof *c->dirs);
    c->dirs[c->n++] = mem_dup(dir);
    if (c->fd >= 0)
        inotify_add_watch(c->fd, dir, EVENTS);
}

void
changed_again(struct changed *c)
{
    if (ev_is_active(&c->moment))
        return;
    ev_timer_set(&c->moment, MOMENT_S, 0.);
    ev_timer_start(c->loop, &c->moment);
}
