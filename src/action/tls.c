/* tls.c -- a connection with TLS, made and verified by libcurl.
 *
 * In TLS 1.3 the other side looks at our certificate after we are done, and
 * what was sent by then is lost when it does not like it. So it is first given
 * a moment to say something: that, or what servers send who are content. */
#include "action/tls.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "action/http_loop.h"
#include "base/mem.h"

#define MOMENT_S    0.2   /* and twice what the handshake took */
#define RECORD_SIZE 16384 /* what TLS takes at a time */

struct tls {
    struct ev_loop *loop;
    CURLM *multi;
    CURL *easy;
    struct http_loop *glue;
    tls_done_fn *done;
    void *arg;
    ev_io said;
    ev_timer moment;
    char why[CURL_ERROR_SIZE];
};

/* ---- when it has come to something ---- */

static void
succeed(struct tls *t)
{
    ev_io_stop(t->loop, &t->said);
    ev_timer_stop(t->loop, &t->moment);
    t->done(t->arg, t->said.fd, NULL);
}

static void
give_up(struct tls *t, const char *usual)
{
    struct error why;

    ev_io_stop(t->loop, &t->said);
    ev_timer_stop(t->loop, &t->moment);
    fail(&why, "%s", *t->why != '\0' ? t->why : usual);
    t->done(t->arg, -1, &why);
}

/* The last sentence is the cause: libcurl keeps the first, and a socket that is
 * reset behind an alert has it complain of that before it reads the alert. */
static int
on_text(CURL *easy, curl_infotype type, char *text, size_t len, void *arg)
{
    struct tls *t = arg;

    (void)easy;
    while (len > 0 && text[len - 1] == '\n')
        len--;
    if (type == CURLINFO_TEXT)
        snprintf(t->why, sizeof t->why, "%.*s", (int)len, text);
    return 0;
}

static void
on_said(struct ev_loop *loop, ev_io *io, int events)
{
    struct tls *t = io->data;
    char ignored[RECORD_SIZE];
    ssize_t n;

    (void)loop;
    (void)events;
    curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 1L);
    n = tls_receive(t, ignored, sizeof ignored);
    curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 0L);
    if (n == 0)
        *t->why = '\0'; /* what libcurl says then is no cause */
    if (n > 0 || (n < 0 && errno == EAGAIN))
        succeed(t);
    else
        give_up(t, "closed by the other side");
}

static void
on_moment_over(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    succeed(timer->data);
}

static void
listen_a_moment(struct tls *t)
{
    curl_off_t reached_us = 0, agreed_us = 0;
    curl_socket_t fd = CURL_SOCKET_BAD;
    double took_s;

    curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd);
    curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &reached_us);
    curl_easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &agreed_us);
    took_s = (double)(agreed_us - reached_us) / 1e6;
    ev_io_set(&t->said, fd, EV_READ);
    ev_io_start(t->loop, &t->said);
    ev_now_update(t->loop);
    ev_timer_set(&t->moment, MOMENT_S + 2 * took_s, 0.);
    ev_timer_start(t->loop, &t->moment);
}

static void
on_moved(void *arg)
{
    struct tls *t = arg;
    int left;
    CURLMsg *message = curl_multi_info_read(t->multi, &left);
    CURLcode code;

    if (message == NULL)
        return;
    code = message->data.result;
    if (code == CURLE_OK)
        listen_a_moment(t);
    else
        give_up(t, curl_easy_strerror(code));
}

/* ---- birth and death ---- */

/* No protocol is spoken behind the handshake, so none is offered; nor is a
 * proxy asked, as no plain socket asks one. */
static void
set(struct tls *t, const struct connection_to *to)
{
    bool is_ipv6 = strchr(to->host, ':') != NULL;
    char *url = mem_format(is_ipv6 ? "https://[%s]:%s" : "https://%s:%s",
                           to->host, to->port);

    curl_easy_setopt(t->easy, CURLOPT_URL, url);
    curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(t->easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->why);
    curl_easy_setopt(t->easy, CURLOPT_DEBUGFUNCTION, on_text);
    curl_easy_setopt(t->easy, CURLOPT_DEBUGDATA, t);
    trust_set(to->trust, t->easy);
    mem_free(url);
}

struct tls *
tls_new(struct ev_loop *loop, const struct connection_to *to, tls_done_fn *done,
        void *arg)
{
    struct tls *t = mem_new(sizeof *t);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    t->loop = loop;
    t->done = done;
    t->arg = arg;
    ev_io_init(&t->said, on_said, -1, EV_READ);
    ev_timer_init(&t->moment, on_moment_over, 0., 0.);
    t->said.data = t->moment.data = t;
    t->multi = curl_multi_init();
    t->easy = curl_easy_init();
    assert(t->multi != NULL && t->easy != NULL);
    t->glue = http_loop_new(loop, t->multi, on_moved, t);
    set(t, to);
    curl_multi_add_handle(t->multi, t->easy);
    return t;
}

void
tls_free(struct tls *t)
{
    if (t == NULL)
        return;
    ev_io_stop(t->loop, &t->said);
    ev_timer_stop(t->loop, &t->moment);
    curl_multi_remove_handle(t->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_multi_cleanup(t->multi);
    http_loop_free(t->glue);
    mem_free(t);
}

/* ---- bytes ---- */

static ssize_t
answer(CURLcode code, size_t n)
{
    if (code == CURLE_OK)
        return (ssize_t)n;
    errno = code == CURLE_AGAIN ? EAGAIN : ECONNRESET;
    return -1;
}

/* A record at a time, so that it is known how far it came. */
ssize_t
tls_send(struct tls *t, const char *bytes, size_t len)
{
    size_t n = 0;
    CURLcode code = curl_easy_send(t->easy, bytes,
                                   len < RECORD_SIZE ? len : RECORD_SIZE, &n);

    return answer(code, n);
}

ssize_t
tls_receive(struct tls *t, char *to, size_t size)
{
    size_t n = 0;
    CURLcode code = curl_easy_recv(t->easy, to, size, &n);

    return answer(code, n);
}
