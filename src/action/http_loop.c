/* http_loop.c -- libcurl's sockets and its time, on the loop. */
#include "action/http_loop.h"

#include "base/mem.h"

/* What is due at once comes before the reading of files: then the next request
 * is on its way while they are read. */
#define FIRST 1

struct http_loop {
    struct ev_loop *loop;
    CURLM *multi;
    ev_timer timer;
    void (*moved)(void *arg);
    void *arg;
};

static void
step(struct http_loop *g, curl_socket_t fd, int what)
{
    int running;

    curl_multi_socket_action(g->multi, fd, what, &running);
    g->moved(g->arg);
}

static void
on_io(struct ev_loop *loop, ev_io *io, int events)
{
    int what = (events & EV_READ ? CURL_CSELECT_IN : 0) |
               (events & EV_WRITE ? CURL_CSELECT_OUT : 0);

    (void)loop;
    step(io->data, io->fd, what);
}

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    step(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static ev_io *
new_io(struct http_loop *g, curl_socket_t fd)
{
    ev_io *io = mem_new(sizeof *io);

    ev_io_init(io, on_io, fd, 0);
    ev_set_priority(io, FIRST);
    io->data = g;
    curl_multi_assign(g->multi, fd, io);
    return io;
}

static int
watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
    struct http_loop *g = arg;
    ev_io *io = of_socket;

    (void)easy;
    if (io != NULL)
        ev_io_stop(g->loop, io);
    if (what == CURL_POLL_REMOVE) {
        mem_free(io);
        return 0;
    }
    if (io == NULL)
        io = new_io(g, fd);
    ev_io_set(io, fd,
              (what & CURL_POLL_IN ? EV_READ : 0) |
                  (what & CURL_POLL_OUT ? EV_WRITE : 0));
    if (what != CURL_POLL_NONE)
        ev_io_start(g->loop, io);
    return 0;
}

static int
set_timer(CURLM *multi, long ms, void *arg)
{
    struct http_loop *g = arg;

    (void)multi;
    ev_timer_stop(g->loop, &g->timer);
    if (ms < 0)
        return 0;
    ev_now_update(g->loop);
    ev_timer_set(&g->timer, (double)ms / 1000, 0.);
    ev_timer_start(g->loop, &g->timer);
    return 0;
}

struct http_loop *
http_loop_new(struct ev_loop *loop, CURLM *multi, void (*moved)(void *arg),
              void *arg)
{
    struct http_loop *g = mem_new(sizeof *g);

    g->loop = loop;
    g->multi = multi;
    g->moved = moved;
    g->arg = arg;
    ev_timer_init(&g->timer, on_timer, 0., 0.);
    ev_set_priority(&g->timer, FIRST);
    g->timer.data = g;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, g);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, g);
    return g;
}

void
http_loop_free(struct http_loop *g)
{
    ev_timer_stop(g->loop, &g->timer);
    mem_free(g);
}
