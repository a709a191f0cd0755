/* resolve.c -- the addresses of a host, asked for beside the loop.
 *
 * The C library asks in a thread of its own, which may end long after nobody
 * wants to know any more. So what it writes to is freed by whoever is last. */
#include "action/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"

struct resolve {
    struct gaicb request;
    struct gaicb *list[1];
    struct addrinfo hints;
    char *host;

    struct ev_loop *loop;
    ev_async answered;
    resolve_fn *on_done;
    void *arg;

    pthread_mutex_t lock;
    bool ended; /* the library is done with it */
    bool left;  /* nobody wants to know */
};

static void
destroy(struct resolve *r)
{
    if (r->request.ar_result != NULL)
        freeaddrinfo(r->request.ar_result);
    pthread_mutex_destroy(&r->lock);
    mem_free(r->host);
    mem_free(r);
}

/* In a thread of the library. */
static void
on_notify(union sigval value)
{
    struct resolve *r = value.sival_ptr;
    bool left;

    pthread_mutex_lock(&r->lock);
    r->ended = true;
    left = r->left;
    if (!left)
        ev_async_send(r->loop, &r->answered);
    pthread_mutex_unlock(&r->lock);
    if (left)
        destroy(r);
}

static void
tell(struct resolve *r)
{
    char texts[RESOLVE_MOST][NI_MAXHOST];
    const char *addresses[RESOLVE_MOST];
    struct error why;
    int rc = gai_error(&r->request), n = 0;

    for (struct addrinfo *a = r->request.ar_result;
         rc == 0 && a != NULL && n < RESOLVE_MOST; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, texts[n], NI_MAXHOST, NULL,
                        0, NI_NUMERICHOST) == 0) {
            addresses[n] = texts[n];
            n++;
        }
    if (n == 0)
        fail(&why, "%s: %s", r->host,
             rc != 0 ? gai_strerror(rc) : "has no address");
    r->on_done(r->arg, addresses, n, &why);
}

static void
on_answered(struct ev_loop *loop, ev_async *async, int events)
{
    struct resolve *r = async->data;

    (void)loop;
    (void)events;
    tell(r);
}

struct resolve *
resolve_new(struct ev_loop *loop, const char *host, resolve_fn *on_done,
            void *arg, struct error *err)
{
    struct resolve *r = mem_new(sizeof *r);
    struct sigevent how = { .sigev_notify = SIGEV_THREAD };
    int rc;

    r->host = mem_dup(host);
    r->loop = loop;
    r->on_done = on_done;
    r->arg = arg;
    r->hints.ai_socktype = SOCK_STREAM;
    r->request.ar_name = r->host;
    r->request.ar_request = &r->hints;
    r->list[0] = &r->request;
    pthread_mutex_init(&r->lock, NULL);
    ev_async_init(&r->answered, on_answered);
    r->answered.data = r;
    ev_async_start(loop, &r->answered);
    how.sigev_notify_function = on_notify;
    how.sigev_value.sival_ptr = r;
    rc = getaddrinfo_a(GAI_NOWAIT, r->list, 1, &how);
    if (rc == 0)
        return r;
    fail(err, "%s: %s", host, gai_strerror(rc));
    ev_async_stop(loop, &r->answered);
    destroy(r);
    return NULL;
}

void
resolve_free(struct resolve *r)
{
    bool ended;

    if (r == NULL)
        return;
    ev_async_stop(r->loop, &r->answered);
    pthread_mutex_lock(&r->lock);
    r->left = true;
    ended = r->ended;
    pthread_mutex_unlock(&r->lock);
    if (ended)
        destroy(r);
}
