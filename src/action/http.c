/* http.c -- requests over HTTP and their answers (by libcurl, on the loop).
 *
 * libcurl says which sockets and which time to wait for (http_loop.c); what has
 * ended it tells when asked. Deadlines are ours: they hold in line too. */
#include "action/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <string.h>
#include <utlist.h>

#include "action/http_loop.h"
#include "action/http_set.h"
#include "base/hash.h"

#define QUEUED_MOST      64
#define QUEUED_HOST_MOST 8
#define IDLE_MOST        8
#define DROPPED_MOST     ((size_t)256 << 10) /* bytes, then no more is read */
#define RENEWED_AFTER    499 /* requests: then their connection is closed */
#define COUNTERS         64

struct http_call {
    struct http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct bytes body;
    http_done_fn *done;
    void *arg;
    ev_timer deadline;
    size_t most, dropped; /* bytes of the answer */
    bool cuts, queues, running, too_long;
    char *host;
    struct bytes answer;
    char why[CURL_ERROR_SIZE];
    struct http_call *prev, *next;
};

struct http {
    struct ev_loop *loop;
    unsigned users;
    CURLM *multi;
    struct http_loop *glue;
    struct http_call *running, *line;
    CURL *idle[IDLE_MOST];
    size_t n_idle;
    uint16_t asked[COUNTERS]; /* requests, by a hash of the host */
    struct http *prev, *next;
};

static struct http *all; /* one for each loop */

/* ---- a call's end ---- */

static void
free_call(struct http_call *c)
{
    struct http *h = c->http;

    if (h->n_idle < IDLE_MOST) {
        curl_easy_reset(c->easy);
        h->idle[h->n_idle++] = c->easy;
    } else {
        curl_easy_cleanup(c->easy);
    }
    curl_slist_free_all(c->headers);
    curl_free(c->host);
    bytes_free(&c->body);
    bytes_free(&c->answer);
    mem_free(c);
}

/* It neither runs nor stands in line any more. */
static void
withdraw(struct http_call *c)
{
    struct http *h = c->http;

    ev_timer_stop(h->loop, &c->deadline);
    if (c->running) {
        curl_multi_remove_handle(h->multi, c->easy);
        DL_DELETE(h->running, c);
    } else {
        DL_DELETE(h->line, c);
    }
}

static void
run(struct http_call *c)
{
    c->running = true;
    DL_APPEND(c->http->running, c);
    curl_multi_add_handle(c->http->multi, c->easy);
}

/* Whether so many run already that a further one to that host must wait. */
static bool
must_wait(const struct http *h, const struct http_call *c)
{
    const struct http_call *other;
    size_t running = 0, to_host = 0;

    if (!c->queues)
        return false;
    DL_FOREACH(h->running, other)
    {
        running += other->queues;
        to_host += other->queues && strcmp(other->host, c->host) == 0;
    }
    return running >= QUEUED_MOST || to_host >= QUEUED_HOST_MOST;
}

static void
call_up_line(struct http *h)
{
    struct http_call *c, *next;

    DL_FOREACH_SAFE(h->line, c, next)
    {
        if (must_wait(h, c))
            continue;
        DL_DELETE(h->line, c);
        run(c);
    }
}

static void
finish(struct http_call *c, const struct http_answer *answer,
       const struct error *why)
{
    struct http *h = c->http;

    withdraw(c);
    call_up_line(h);
    c->done(c->arg, answer, why);
    free_call(c);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct error why;

    (void)loop;
    (void)events;
    fail(&why, HTTP_DEADLINE);
    finish(timer->data, NULL, &why);
}

static void
answered(struct http_call *c)
{
    struct http_answer a = { .call = c, .body = "", .len = c->answer.len };
    curl_off_t after_s = 0;
    long status = 0;

    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &after_s);
    a.status = (int)status;
    a.after_s = (double)after_s;
    if (a.len > 0) {
        *bytes_room(&c->answer, 1) = '\0';
        a.body = c->answer.at;
    }
    finish(c, &a, NULL);
}

/* Of a connection that is lost just after the handshake (as when our own
 * certificate is missed) libcurl complains that it cannot name its peer. */
static const char *
cause_of(const struct http_call *c, CURLcode code)
{
    bool tells = *c->why != '\0' && strncmp(c->why, "getpeername", 11) != 0;

    return tells ? c->why : curl_easy_strerror(code);
}

static void
failed(struct http_call *c, CURLcode code)
{
    struct error why;

    if (c->too_long)
        fail(&why, "the answer is longer than %zu bytes", c->most);
    else if (code == CURLE_OUT_OF_MEMORY) /* so libcurl calls it */
        fail(&why, "a header of the answer is longer than 100 KB");
    else
        fail(&why, "%s", cause_of(c, code));
    finish(c, NULL, &why);
}

/* Each that has ended is asked for anew: what is told may end others. */
static void
on_moved(void *arg)
{
    struct http *h = arg;
    struct http_call *c;
    CURLMsg *message;
    CURLcode code;
    int left;

    while ((message = curl_multi_info_read(h->multi, &left)) != NULL) {
        code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &c);
        if (code == CURLE_OK || c->dropped > DROPPED_MOST)
            answered(c);
        else
            failed(c, code);
    }
}

/* ---- birth and death ---- */

struct http *
http_take(struct ev_loop *loop)
{
    struct http *h;

    DL_FOREACH(all, h)
    if (h->loop == loop)
        break;
    if (h == NULL) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        h = mem_new(sizeof *h);
        h->loop = loop;
        h->multi = curl_multi_init();
        assert(h->multi != NULL);
        curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
        h->glue = http_loop_new(loop, h->multi, on_moved, h);
        DL_APPEND(all, h);
    }
    h->users++;
    return h;
}

void
http_drop(struct http *h)
{
    if (h == NULL || --h->users > 0)
        return;
    while (h->line != NULL)
        http_cancel(h->line);
    while (h->running != NULL)
        http_cancel(h->running);
    while (h->n_idle > 0)
        curl_easy_cleanup(h->idle[--h->n_idle]);
    curl_multi_cleanup(h->multi);
    http_loop_free(h->glue);
    DL_DELETE(all, h);
    mem_free(h);
}

void
http_cancel(struct http_call *c)
{
    struct http *h;

    if (c == NULL)
        return;
    h = c->http;
    withdraw(c);
    free_call(c);
    call_up_line(h);
}

/* ---- a request ---- */

static size_t
on_bytes(char *bytes, size_t one, size_t n, void *arg)
{
    struct http_call *c = arg;
    size_t room = c->most - c->answer.len;

    (void)one;
    if (n > room && !c->cuts) {
        c->too_long = true;
        return 0;
    }
    bytes_add(&c->answer, bytes, n < room ? n : room);
    c->dropped += n > room ? n - room : 0;
    return c->dropped > DROPPED_MOST ? 0 : n;
}

/* To libcurl 7.88 an answer over HTTP/2 whose length was not told ends with a
 * RST_STREAM of ours; after a thousand in short time servers take that for an
 * attack and close the connection, so that a request is lost. So it is closed
 * by us before, between two requests. */
static bool
is_last(struct http *h, const char *url)
{
    const char *host = url + sizeof "https://" - 1;
    uint16_t *asked;

    if (strncasecmp(url, "https://", (size_t)(host - url)) != 0)
        return false;
    asked = &h->asked[hash_bytes(host, strcspn(host, "/?#")) % COUNTERS];
    *asked = (uint16_t)(*asked + 1) % RENEWED_AFTER;
    return *asked == 0;
}

/* What the easy handle is given of the call. */
static void
hand_over(struct http_call *c, const struct http_request *r)
{
    if (r->body != NULL) {
        c->body = *r->body;
        *r->body = (struct bytes){ 0 };
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS,
                         c->body.at ? c->body.at : "");
    }
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->why);
    curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(c->easy, CURLOPT_FORBID_REUSE,
                     is_last(c->http, r->url) ? 1L : 0L);
}

static struct http_call *
new_call(struct http *h, const struct http_request *r)
{
    struct http_call *c = mem_new(sizeof *c);

    c->http = h;
    c->easy = h->n_idle > 0 ? h->idle[--h->n_idle] : curl_easy_init();
    assert(c->easy != NULL);
    c->most = r->most;
    c->cuts = r->cuts;
    c->queues = r->queues;
    ev_timer_init(&c->deadline, on_deadline, r->timeout_s, 0.);
    c->deadline.data = c;
    return c;
}

struct http_call *
http_start(struct http *h, const struct http_request *r, http_done_fn *done,
           void *arg, struct error *err)
{
    struct http_call *c = new_call(h, r);

    c->headers = http_set_headers(r, err);
    if (c->headers == NULL || http_set(c->easy, r, err) < 0 ||
        (r->queues && http_parse_url(r->url, &c->host, err) < 0)) {
        free_call(c);
        return NULL;
    }
    hand_over(c, r);
    c->done = done;
    c->arg = arg;
    ev_now_update(h->loop);
    ev_timer_start(h->loop, &c->deadline);
    if (must_wait(h, c))
        DL_APPEND(h->line, c);
    else
        run(c);
    return c;
}

void
http_each_header(const struct http_answer *answer, http_header_fn *each,
                 void *arg)
{
    struct curl_header *header = NULL;

    while ((header = curl_easy_nextheader(answer->call->easy, CURLH_HEADER, -1,
                                          header)) != NULL)
        each(arg, header->name, header->value);
}
