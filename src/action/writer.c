/* writer.c -- whole lines into a file descriptor that may be slow. */
#include "action/writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "action/sink.h"
#include "base/mem.h"

struct writer {
    struct ev_loop *loop;
    void (*ready)(void *arg);
    void *arg;
    ev_io io;
    int fd;
    enum writer_way way;
    bool lent;
    bool end_line;   /* a newline goes first */
    size_t begun;    /* bytes written of the line that is offered next */
    bool dirty;      /* written since the last sync */
    int sync_failed; /* errno of the first failure, for ever */
};

static void
on_writable(struct ev_loop *loop, ev_io *io, int events)
{
    struct writer *w = io->data;

    (void)events;
    ev_io_stop(loop, io);
    w->ready(w->arg);
}

struct writer *
writer_new(struct ev_loop *loop, void (*ready)(void *arg), void *arg)
{
    struct writer *w = mem_new(sizeof *w);

    w->loop = loop;
    w->ready = ready;
    w->arg = arg;
    w->fd = -1;
    ev_io_init(&w->io, on_writable, -1, EV_WRITE);
    w->io.data = w;
    return w;
}

void
writer_free(struct writer *w)
{
    if (w == NULL)
        return;
    writer_set(w, -1, WRITER_PLAIN, false);
    mem_free(w);
}

void
writer_set(struct writer *w, int fd, enum writer_way way, bool lent)
{
    ev_io_stop(w->loop, &w->io);
    if (w->fd >= 0 && !w->lent)
        close(w->fd);
    w->fd = fd;
    w->way = way;
    w->lent = lent;
    w->end_line = false;
    w->begun = 0;
    ev_io_set(&w->io, fd, EV_WRITE);
}

void
writer_end_line(struct writer *w)
{
    w->end_line = true;
}

int
writer_fd(const struct writer *w)
{
    return w->fd;
}

size_t
writer_begun(const struct writer *w)
{
    return w->begun;
}

void
writer_forget_begun(struct writer *w)
{
    w->begun = 0;
    w->end_line = false;
}

/* A pipe that can be written to has room for PIPE_BUF bytes. */
static ssize_t
write_polled(int fd, const char *bytes, size_t len)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };

    if (poll(&p, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, bytes, len < PIPE_BUF ? len : PIPE_BUF);
}

static ssize_t
write_once(struct writer *w, const char *bytes, size_t len)
{
    switch (w->way) {
    case WRITER_POLLED:
        return write_polled(w->fd, bytes, len);
    case WRITER_SENT:
        return send(w->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    default:
        return write(w->fd, bytes, len);
    }
}

/* More than 0, or -1 and errno. */
static ssize_t
put(struct writer *w, const char *bytes, size_t len)
{
    ssize_t n;

    do
        n = write_once(w, bytes, len);
    while (n < 0 && errno == EINTR);
    if (n == 0) {
        errno = EIO;
        return -1;
    }
    w->dirty = true;
    return n;
}

/* Writes once more; how many bytes of whole lines that makes, or -1. */
static ssize_t
put_lines(struct writer *w, const char *bytes, size_t len)
{
    ssize_t n = put(w, bytes + w->begun, len - w->begun);
    const char *newline;
    size_t whole;

    if (n < 0)
        return -1;
    w->begun += (size_t)n;
    newline = memrchr(bytes, '\n', w->begun);
    whole = newline == NULL ? 0 : (size_t)(newline - bytes) + 1;
    w->begun -= whole;
    return (ssize_t)whole;
}

ssize_t
writer_offer(struct writer *w, const char *bytes, size_t len)
{
    ssize_t n = 0;

    if (w->end_line) {
        n = put(w, "\n", 1);
        w->end_line = n < 0;
    }
    for (n = n < 0 ? n : 0; n == 0;)
        n = put_lines(w, bytes, len);
    if (n > 0)
        return n;
    if (errno != EAGAIN)
        return SINK_FAILED;
    ev_io_start(w->loop, &w->io);
    return SINK_LATER;
}

/* What is no file has no disk behind it. */
static bool
has_no_disk(int why)
{
    return why == EINVAL || why == EROFS || why == ENOTSUP;
}

int
writer_sync(struct writer *w)
{
    if (w->sync_failed == 0 && w->dirty && w->fd >= 0 && fdatasync(w->fd) < 0 &&
        !has_no_disk(errno))
        w->sync_failed = errno;
    w->dirty = false;
    errno = w->sync_failed;
    return w->sync_failed == 0 ? 0 : -1;
}
