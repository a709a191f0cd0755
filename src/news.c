/* news.c -- another process has been in the run's database.
 *
 * A command closes the database behind its commit, while the run keeps it open:
 * so the closing (inotify) is told of each command and never of the run's own
 * commits, which would wake it for nothing. */
#include "news.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"

struct news {
    struct ev_loop *loop;
    ev_io io;
    void (*came)(void *arg);
    void *arg;
};

/* It does not matter how often that was. */
static void
on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
    struct news *n = io->data;
    char events[4096];

    (void)loop;
    (void)revents;
    while (read(io->fd, events, sizeof events) > 0)
        ;
    n->came(n->arg);
}

static int
watch(const char *dir, struct error *err)
{
    char *path = mem_format("%s/state.db", dir);
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    if (fd < 0) {
        fail(err, "inotify: %s", strerror(errno));
    } else if (inotify_add_watch(fd, path, IN_CLOSE_WRITE) < 0) {
        fail(err, "%s: %s", path, strerror(errno));
        close(fd);
        fd = -1;
    }
    mem_free(path);
    return fd;
}

struct news *
news_new(struct ev_loop *loop, const char *dir, void (*came)(void *arg),
         void *arg, struct error *err)
{
    int fd = watch(dir, err);
    struct news *n;

    if (fd < 0)
        return NULL;
    n = mem_new(sizeof *n);
    n->loop = loop;
    n->came = came;
    n->arg = arg;
    ev_io_init(&n->io, on_readable, fd, EV_READ);
    n->io.data = n;
    ev_io_start(loop, &n->io);
    ev_feed_event(loop, &n->io, EV_READ);
    return n;
}

void
news_free(struct news *n)
{
    if (n == NULL)
        return;
    ev_io_stop(n->loop, &n->io);
    close(n->io.fd);
    mem_free(n);
}
