/* sink_socket.c -- messages into sockets: lines, datagrams, syslog.
 *
 * None of these protocols acknowledges: what the kernel took counts as taken.
 * What is not sent whole when a connection breaks is sent anew. That nobody
 * listens at a UDP port is heard of after a datagram was sent, and at the same
 * machine at once: then all that was given is sent anew. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "action/sink.h"
#include "action/socket_url.h"
#include "base/mem.h"

#define MOST 1000

struct socket_sink {
    struct ev_loop *loop;
    void *outbox;
    struct socket_url url;
    struct connection *connection;
    ev_io writable;
    struct bytes out;  /* what was given, framed */
    size_t ends[MOST]; /* of the frames */
    size_t n, sent;    /* frames; bytes of `out` */
    bool later;        /* an answer is owed */
};

static bool
is_udp(const struct socket_sink *s)
{
    return s->url.to.type == SOCK_DGRAM && s->url.to.host != NULL;
}

/* How many frames were sent whole. */
static size_t
whole(const struct socket_sink *s)
{
    size_t n = 0;

    while (n < s->n && s->ends[n] <= s->sent)
        n++;
    return n;
}

/* The answer when it goes no further with this connection. */
static ssize_t
stopped(struct socket_sink *s, int why, struct error *err)
{
    bool too_big = why == EMSGSIZE && s->url.to.type == SOCK_DGRAM;
    size_t n = is_udp(s) && why == ECONNREFUSED ? 0 : whole(s);

    ev_io_stop(s->loop, &s->writable);
    if (!too_big)
        connection_drop(s->connection);
    if (n > 0)
        return (ssize_t)n;
    if (too_big)
        fail(err, "too large for a datagram");
    else
        fail(err, "%s: %s", s->url.shown, strerror(why));
    return too_big ? SINK_REFUSED : SINK_FAILED;
}

/* What an earlier datagram met with; 0: nothing that is known yet. */
static int
met_with(const struct socket_sink *s, int fd)
{
    socklen_t len = sizeof(int);
    int why = 0;

    if (is_udp(s))
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len);
    return why;
}

/* As much of a stream as there is, or the next datagram. */
static ssize_t
send_some(struct socket_sink *s)
{
    size_t until = s->out.len;

    if (s->url.to.type == SOCK_DGRAM)
        until = s->ends[whole(s)];
    return connection_send(s->connection, s->out.at + s->sent, until - s->sent);
}

static ssize_t
wait_for_room(struct socket_sink *s, int fd)
{
    ev_io_stop(s->loop, &s->writable);
    ev_io_set(&s->writable, fd, EV_WRITE);
    ev_io_start(s->loop, &s->writable);
    return SINK_LATER;
}

/* Sends what it can; an answer of `give`. */
static ssize_t
pump(struct socket_sink *s, struct error *err)
{
    int fd = connection_use(s->connection, err), why;

    if (fd < 0)
        return fd;
    while (s->sent < s->out.len) {
        ssize_t n = send_some(s);

        if (n >= 0)
            s->sent += (size_t)n;
        else if (errno == EAGAIN)
            return wait_for_room(s, fd);
        else if (errno != EINTR)
            return stopped(s, errno, err);
    }
    why = met_with(s, fd);
    return why == 0 ? (ssize_t)s->n : stopped(s, why, err);
}

static void
answer(struct socket_sink *s, ssize_t n, const struct error *why)
{
    if (n == SINK_LATER)
        return;
    s->later = false;
    ev_io_stop(s->loop, &s->writable);
    outbox_answer(s->outbox, n, 0., why);
}

static void
on_writable(struct ev_loop *loop, ev_io *io, int events)
{
    struct socket_sink *s = io->data;
    struct error why;
    ssize_t n;

    (void)events;
    ev_io_stop(loop, io);
    n = pump(s, &why);
    answer(s, n, &why);
}

/* Connected, or not; or it was connected and is so no more. */
static void
on_moved(void *arg)
{
    struct socket_sink *s = arg;
    struct error why;
    ssize_t n;

    ev_io_stop(s->loop, &s->writable);
    if (!s->later)
        return;
    n = s->sent > 0 ? stopped(s, ECONNRESET, &why) : pump(s, &why);
    answer(s, n, &why);
}

static void
unmake(void *sink)
{
    struct socket_sink *s = sink;

    if (s == NULL)
        return;
    ev_io_stop(s->loop, &s->writable);
    connection_free(s->connection);
    socket_url_free(&s->url);
    bytes_free(&s->out);
    mem_free(s);
}

static void *
make(struct ev_loop *loop, const char *dest, const struct sink_options *options,
     void (*ready)(void *arg), void *arg, struct error *err)
{
    struct socket_sink *s = mem_new(sizeof *s);

    (void)ready;
    s->loop = loop;
    s->outbox = arg;
    ev_io_init(&s->writable, on_writable, -1, EV_WRITE);
    s->writable.data = s;
    if (socket_url_read(&s->url, dest, options, err) < 0) {
        unmake(s);
        return NULL;
    }
    s->connection = connection_new(loop, &s->url.to, on_moved, s);
    return s;
}

/* It connects when there is something to send. */
static int
open_socket(void *sink, int64_t known, struct error *err)
{
    const struct socket_sink *s = sink;

    (void)known;
    return trust_check_files(&s->url.trust, s->url.shown, err);
}

static const char *
warning(const void *sink)
{
    const struct socket_sink *s = sink;

    return s->url.trust.insecure ? TRUST_WARNING : NULL;
}

static size_t
most(const void *sink)
{
    (void)sink;
    return MOST;
}

static ssize_t
give(void *sink, const struct message *messages, size_t n, struct error *err)
{
    struct socket_sink *s = sink;
    ssize_t got;

    s->out.len = s->sent = 0;
    s->n = n;
    for (size_t i = 0; i < n; i++) {
        frame_add(&s->out, &s->url.frame, &messages[i]);
        s->ends[i] = s->out.len;
    }
    got = pump(s, err);
    s->later = got == SINK_LATER;
    return got;
}

const struct sink_class sink_socket = {
    .schemes = "tcp tls unix syslog syslog+tcp syslog+tls",
    .options = socket_url_options,
    .make = make,
    .unmake = unmake,
    .open = open_socket,
    .give = give,
    .most = most,
    .waits = true,
    .warning = warning,
};
