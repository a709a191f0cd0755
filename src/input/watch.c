/* watch.c -- changes in directories, told by the kernel (inotify). */
#include "input/watch.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <uthash.h>

#include "base/mem.h"

#define EVENTS                                                                 \
    (IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |         \
     IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct watched {
    int wd;
    char *dir;
    UT_hash_handle hh;
};

struct watch {
    int fd;
    ev_io io;
    struct ev_loop *loop;
    struct watch_calls calls;
    void *arg;
    struct watched *dirs; /* by wd */
};

static void
forget(struct watch *w, struct watched *d)
{
    HASH_DEL(w->dirs, d);
    mem_free(d->dir);
    mem_free(d);
}

/* Its name now means another directory, or none. */
static void
lose(struct watch *w, struct watched *d)
{
    char *dir = mem_dup(d->dir);

    inotify_rm_watch(w->fd, d->wd);
    forget(w, d);
    w->calls.gone(w->arg, dir);
    mem_free(dir);
}

static void
tell(struct watch *w, const struct inotify_event *e)
{
    struct watched *d;

    if (e->mask & IN_Q_OVERFLOW) {
        w->calls.overflow(w->arg);
        return;
    }
    HASH_FIND_INT(w->dirs, &e->wd, d);
    if (d == NULL)
        return;
    if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT))
        lose(w, d);
    else if (e->len == 0)
        return;
    else if (e->mask & IN_MODIFY)
        w->calls.written(w->arg, d->dir, e->name);
    else
        w->calls.changed(w->arg, d->dir, e->name, e->mask & IN_CLOSE_WRITE);
}

void
watch_read(struct watch *w)
{
    char buf[16 * 1024]
        __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n;

    while ((n = read(w->fd, buf, sizeof buf)) > 0) {
        for (char *p = buf; p < buf + n;) {
            const struct inotify_event *e = (const void *)p;
            tell(w, e);
            p += sizeof *e + e->len;
        }
        /* Most often that was all: do not ask again for nothing. */
        if ((size_t)n < sizeof buf / 2)
            break;
    }
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
    struct watch *w = io->data;

    (void)loop;
    (void)revents;
    watch_read(w);
    w->calls.told(w->arg);
}

struct watch *
watch_new(struct ev_loop *loop, const struct watch_calls *calls, void *arg,
          struct error *err)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    struct watch *w;

    if (fd < 0) {
        fail(err, "inotify: %s", strerror(errno));
        return NULL;
    }
    w = mem_new(sizeof *w);
    w->fd = fd;
    w->loop = loop;
    w->calls = *calls;
    w->arg = arg;
    ev_io_init(&w->io, on_readable, fd, EV_READ);
    w->io.data = w;
    ev_io_start(loop, &w->io);
    return w;
}

void
watch_free(struct watch *w)
{
    struct watched *d, *next;

    if (w == NULL)
        return;
    HASH_ITER(hh, w->dirs, d, next)
    {
        forget(w, d);
    }
    ev_io_stop(w->loop, &w->io);
    close(w->fd);
    mem_free(w);
}

int
watch_add(struct watch *w, const char *dir, struct error *err)
{
    int wd = inotify_add_watch(w->fd, dir, EVENTS);
    struct watched *d;

    if (wd < 0)
        return fail(err, "%s: %s", dir, strerror(errno));
    HASH_FIND_INT(w->dirs, &wd, d);
    if (d == NULL) {
        d = mem_new(sizeof *d);
        d->wd = wd;
        HASH_ADD_INT(w->dirs, wd, d);
    }
    /* The same directory may have moved. */
    mem_free(d->dir);
    d->dir = mem_dup(dir);
    return 0;
}
