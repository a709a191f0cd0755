/* connection.c -- a socket to one place, connected without waiting.
 *
 * What the other side says is read and thrown away; that it closed is so seen
 * before the next writing, which would else be lost. */
#include "action/connection.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "action/resolve.h"
#include "action/sink.h"
#include "action/tls.h"
#include "base/clock.h"
#include "base/mem.h"

#define GOODBYE_S 1. /* until the other side has closed too */

struct connection {
    struct ev_loop *loop;
    const struct connection_to *to;
    void (*moved)(void *arg);
    void *arg;
    struct resolve *resolve;
    struct addrinfo *found, *next; /* the next address to try */
    struct tls *tls;               /* or NULL; then the socket is its own */
    ev_io io;                      /* first connected, then readable */
    ev_timer deadline;
    int fd;
    bool connected, failed;
    struct error why; /* of `failed` */
};

static void
close_socket(struct connection *c)
{
    ev_io_stop(c->loop, &c->io);
    if (c->tls == NULL && c->fd >= 0)
        close(c->fd);
    tls_free(c->tls);
    c->tls = NULL;
    c->fd = -1;
    c->connected = false;
}

/* Ends the trying, whatever came of it. */
static void
settle(struct connection *c)
{
    ev_timer_stop(c->loop, &c->deadline);
    resolve_free(c->resolve);
    c->resolve = NULL;
    if (c->found != NULL)
        freeaddrinfo(c->found);
    c->found = c->next = NULL;
}

static void
give_up(struct connection *c, const char *why)
{
    settle(c);
    close_socket(c);
    c->failed = true;
    fail(&c->why, "%.300s: %.150s", c->to->shown, why);
}

/* ---- connected ---- */

static ssize_t
receive(struct connection *c, char *to, size_t size)
{
    if (c->tls != NULL)
        return tls_receive(c->tls, to, size);
    return recv(c->fd, to, size, MSG_DONTWAIT);
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int events)
{
    struct connection *c = io->data;
    char ignored[4096];
    ssize_t n = receive(c, ignored, sizeof ignored);

    (void)loop;
    (void)events;
    if (n > 0 || (n == 0 && c->to->type == SOCK_DGRAM) ||
        (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    if (c->to->type == SOCK_DGRAM)
        give_up(c, strerror(errno));
    else
        close_socket(c);
    c->moved(c->arg);
}

/* A peer that is gone without a word is noticed within two minutes. */
static void
keep_alive(int fd)
{
    int on = 1, idle_s = 60, again_s = 15, times = 4;

    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &again_s, sizeof again_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

static void
became_connected(struct connection *c)
{
    settle(c);
    c->connected = true;
    if (c->to->host != NULL && c->to->type == SOCK_STREAM)
        keep_alive(c->fd);
    ev_io_stop(c->loop, &c->io);
    ev_io_init(&c->io, on_readable, c->fd, EV_READ);
    ev_io_start(c->loop, &c->io);
}

/* ---- connecting ---- */

static void try_next(struct connection *c, int why);

static void
on_connected(struct ev_loop *loop, ev_io *io, int events)
{
    struct connection *c = io->data;
    socklen_t len = sizeof(int);
    int why = 0;

    (void)loop;
    (void)events;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &why, &len);
    if (why == 0)
        became_connected(c);
    else
        try_next(c, why);
    if (c->connected || c->failed)
        c->moved(c->arg);
}

/* Begins to connect; -1 and errno when that fails at once. */
static int
begin(struct connection *c, const struct sockaddr *address, socklen_t len)
{
    int type = c->to->type | SOCK_NONBLOCK | SOCK_CLOEXEC;

    close_socket(c);
    c->fd = socket(address->sa_family, type, 0);
    if (c->fd < 0)
        return -1;
    if (connect(c->fd, address, len) == 0) {
        became_connected(c);
        return 0;
    }
    if (errno != EINPROGRESS)
        return -1;
    ev_io_init(&c->io, on_connected, c->fd, EV_WRITE);
    ev_io_start(c->loop, &c->io);
    return 0;
}

static void
try_next(struct connection *c, int why)
{
    while (c->next != NULL) {
        const struct addrinfo *a = c->next;

        c->next = a->ai_next;
        if (begin(c, a->ai_addr, a->ai_addrlen) == 0)
            return;
        why = errno;
    }
    give_up(c, strerror(why));
}

/* Puts the address behind those that were found. */
static void
add_address(struct connection *c, const char *text)
{
    struct addrinfo hints = { .ai_socktype = c->to->type,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo **end = &c->found;

    while (*end != NULL)
        end = &(*end)->ai_next;
    if (getaddrinfo(text, c->to->port, &hints, end) != 0)
        *end = NULL;
}

static void
on_resolved(void *arg, const char *const *addresses, int n,
            const struct error *why)
{
    struct connection *c = arg;

    for (int i = 0; i < n; i++)
        add_address(c, addresses[i]);
    c->next = c->found;
    if (n == 0)
        give_up(c, why->text);
    else
        try_next(c, EADDRNOTAVAIL);
    resolve_free(c->resolve);
    c->resolve = NULL;
    if (c->connected || c->failed)
        c->moved(c->arg);
}

static void
on_secured(void *arg, int fd, const struct error *why)
{
    struct connection *c = arg;

    c->fd = fd;
    if (fd >= 0)
        became_connected(c);
    else
        give_up(c, why->text);
    c->moved(c->arg);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct connection *c = timer->data;
    struct error why;

    (void)loop;
    (void)events;
    fail(&why, "no connection within %g s", c->to->timeout_s);
    give_up(c, why.text);
    c->moved(c->arg);
}

static void
start_path(struct connection *c)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(c->to->path) >= sizeof address.sun_path) {
        give_up(c, strerror(ENAMETOOLONG));
        return;
    }
    strcpy(address.sun_path, c->to->path);
    if (begin(c, (struct sockaddr *)&address, sizeof address) < 0)
        give_up(c, strerror(errno));
}

static void
start(struct connection *c)
{
    struct error why;

    ev_now_update(c->loop);
    ev_timer_set(&c->deadline, c->to->timeout_s, 0.);
    ev_timer_start(c->loop, &c->deadline);
    if (c->to->path != NULL) {
        start_path(c);
        return;
    }
    if (c->to->trust != NULL) {
        c->tls = tls_new(c->loop, c->to, on_secured, c);
        return;
    }
    c->resolve = resolve_new(c->loop, c->to->host, on_resolved, c, &why);
    if (c->resolve == NULL)
        give_up(c, why.text);
}

/* ---- for others ---- */

struct connection *
connection_new(struct ev_loop *loop, const struct connection_to *to,
               void (*moved)(void *arg), void *arg)
{
    struct connection *c = mem_new(sizeof *c);

    c->loop = loop;
    c->to = to;
    c->moved = moved;
    c->arg = arg;
    c->fd = -1;
    ev_io_init(&c->io, on_connected, -1, EV_WRITE);
    ev_timer_init(&c->deadline, on_deadline, 0., 0.);
    c->io.data = c->deadline.data = c;
    return c;
}

/* A socket that is closed while something comes in is reset, and what the other
 * side has not read yet is lost to it. */
static void
say_goodbye(struct connection *c)
{
    double until_s = clock_steady_s() + GOODBYE_S, left_s;
    struct pollfd p = { .fd = dup(c->fd), .events = POLLIN };
    char ignored[4096];

    close_socket(c);
    shutdown(p.fd, SHUT_WR);
    while (p.fd >= 0 && (left_s = until_s - clock_steady_s()) > 0. &&
           poll(&p, 1, (int)(left_s * 1000) + 1) >= 0 &&
           recv(p.fd, ignored, sizeof ignored, MSG_DONTWAIT) > 0)
        continue;
    close(p.fd);
}

void
connection_free(struct connection *c)
{
    if (c == NULL)
        return;
    if (c->connected && c->to->type == SOCK_STREAM)
        say_goodbye(c);
    connection_drop(c);
    mem_free(c);
}

int
connection_use(struct connection *c, struct error *err)
{
    if (c->fd < 0 && !c->failed && c->resolve == NULL && c->tls == NULL)
        start(c);
    if (c->failed) {
        c->failed = false;
        fail(err, "%s", c->why.text);
        return SINK_FAILED;
    }
    return c->connected ? c->fd : SINK_LATER;
}

ssize_t
connection_send(struct connection *c, const char *bytes, size_t len)
{
    if (c->tls != NULL)
        return tls_send(c->tls, bytes, len);
    return send(c->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
connection_drop(struct connection *c)
{
    settle(c);
    close_socket(c);
    c->failed = false;
}
