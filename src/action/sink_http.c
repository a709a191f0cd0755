/* sink_http.c -- events posted to a URL.
 *
 * One request is on its way at a time, so that what arrives keeps its order;
 * while it is, what is sent gathers for the next. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "action/hook.h"
#include "action/sign.h"
#include "action/sink.h"
#include "base/clock.h"
#include "base/scan.h"
#include "base/text.h"

#define AFTER_MOST_S 3600
#define ANSWER_MOST  4096 /* bytes that are kept of it */
#define SHOWN_MOST   200  /* and in a reason */
#define OWN_MOST     6    /* headers besides those of the options */

struct http_sink {
    struct ev_loop *loop;
    void *outbox;
    struct http *http;
    struct hook hook;
    struct http_call *call; /* on its way, or NULL */
    size_t given;           /* the messages in it */
};

/* ---- birth and death ---- */

static void
unmake(void *sink)
{
    struct http_sink *s = sink;

    if (s == NULL)
        return;
    http_cancel(s->call);
    http_drop(s->http);
    hook_free(&s->hook);
    mem_free(s);
}

static void *
make(struct ev_loop *loop, const char *dest, const struct sink_options *options,
     void (*ready)(void *arg), void *arg, struct error *err)
{
    struct http_sink *s = mem_new(sizeof *s);

    (void)ready;
    s->loop = loop;
    s->outbox = arg;
    if (hook_read(&s->hook, dest, options, err) == 0)
        return s;
    unmake(s);
    return NULL;
}

static int
open_http(void *sink, int64_t known, struct error *err)
{
    struct http_sink *s = sink;

    (void)known;
    if (trust_check_files(&s->hook.access.trust, s->hook.shown, err) < 0)
        return -1;
    s->http = http_take(s->loop);
    return 0;
}

static const char *
warning(const void *sink)
{
    const struct http_sink *s = sink;

    return s->hook.access.trust.insecure ? TRUST_WARNING : NULL;
}

static size_t
most(const void *sink)
{
    const struct http_sink *s = sink;

    return s->hook.form == POST_SINGLE ? 1 : (size_t)s->hook.batch;
}

/* ---- what it answers ---- */

static double
no_longer_than_an_hour(double after_s)
{
    return after_s < AFTER_MOST_S ? after_s : AFTER_MOST_S;
}

/* 407 is a proxy's own: the receiver has not been asked. */
static bool
may_be_tried_again(int status)
{
    return status == 407 || status == 408 || status == 425 || status == 429 ||
           status >= 500 || status < 400;
}

/* The first words, each with a space before it; of a page (nginx's, a proxy's)
 * those outside of its tags. */
static void
add_words(const struct http_answer *a, struct bytes *out)
{
    const char *end = a->body + a->len, *p = scan_space(a->body, end);
    bool page = p < end && *p == '<', tag = false, space = true;

    for (; p < end && out->len < SHOWN_MOST; p++) {
        tag = tag || (page && *p == '<');
        if (tag || scan_is_space(*p)) {
            space = true;
        } else {
            bytes_add(out, " ", space);
            bytes_add(out, p, 1);
            space = false;
        }
        tag = tag && *p != '>';
    }
}

/* Why it did not take it: the status, and the beginning of what it says. */
static void
explain(const struct http_answer *a, struct error *why)
{
    struct bytes words = { 0 }, said = { 0 };

    add_words(a, &words);
    text_add_line(&said, words.at, words.len);
    if (a->status >= 300 && a->status < 400)
        fail(why, "answers %d, and redirects are not followed", a->status);
    else if (said.len > 0)
        fail(why, "answers %d:%.*s", a->status, (int)said.len, said.at);
    else
        fail(why, "answers %d", a->status);
    bytes_free(&words);
    bytes_free(&said);
}

static void
answered(struct http_sink *s, const struct http_answer *a)
{
    struct error cause, why;

    if (a->status >= 200 && a->status < 300) {
        outbox_answer(s->outbox, (ssize_t)s->given, 0., NULL);
        return;
    }
    explain(a, &cause);
    if (!may_be_tried_again(a->status)) {
        outbox_answer(s->outbox, SINK_REFUSED, 0., &cause);
        return;
    }
    fail(&why, "%.200s: %.300s", s->hook.shown, cause.text);
    outbox_answer(s->outbox, SINK_FAILED, no_longer_than_an_hour(a->after_s),
                  &why);
}

static void
on_done(void *arg, const struct http_answer *answer, const struct error *cause)
{
    struct http_sink *s = arg;
    struct error why;

    s->call = NULL;
    if (answer != NULL) {
        answered(s, answer);
        return;
    }
    if (strcmp(cause->text, HTTP_DEADLINE) == 0)
        fail(&why, "%.200s: no answer within %g s", s->hook.shown,
             s->hook.timeout_s);
    else
        fail(&why, "%.200s: %.300s", s->hook.shown, cause->text);
    outbox_answer(s->outbox, SINK_FAILED, 0., &why);
}

/* ---- what it is given ---- */

/* A request and what it is made of. */
struct posting {
    struct http_request request;
    struct http_header headers[HOOK_HEADERS_MOST + OWN_MOST];
    struct bytes body, signatures;
    char *id, seconds[24];
};

static void
add_header(struct posting *p, const char *name, const char *value)
{
    p->headers[p->request.n_headers++] = (struct http_header){ name, value };
}

/* What is signed is the body that its reader sees: before gzip. */
static void
sign(struct posting *p, const struct hook *h)
{
    int64_t seconds = clock_wall_ms() / 1000;
    struct span body = { p->body.at, p->body.len };

    for (size_t i = 0; i < 2; i++)
        if (h->keys[i].len > 0)
            sign_add(&p->signatures, &h->keys[i], p->id, seconds, body);
    if (p->signatures.len == 0)
        return;
    bytes_add(&p->signatures, "", 1);
    snprintf(p->seconds, sizeof p->seconds, "%" PRId64, seconds);
    add_header(p, "webhook-id", p->id);
    add_header(p, "webhook-timestamp", p->seconds);
    add_header(p, "webhook-signature", p->signatures.at);
}

static void
fill(struct posting *p, const struct hook *h, const struct message *messages,
     size_t n)
{
    p->request = (struct http_request){ .url = h->url,
                                        .headers = p->headers,
                                        .n_headers = h->n_headers,
                                        .body = &p->body,
                                        .access = h->access,
                                        .timeout_s = h->timeout_s,
                                        .most = ANSWER_MOST,
                                        .cuts = true };
    memcpy(p->headers, h->headers, sizeof h->headers);
    p->id = post_id(messages, n);
    post_body(&p->body, h->form, messages, n);
    if (!hook_has_header(h, "Content-Type"))
        add_header(p, "Content-Type", post_type(h->form));
    if (!hook_has_header(h, "Idempotency-Key"))
        add_header(p, "Idempotency-Key", p->id);
    sign(p, h);
    if (!h->gzip)
        return;
    post_gzip(&p->body);
    add_header(p, "Content-Encoding", "gzip");
}

static ssize_t
give(void *sink, const struct message *messages, size_t n, struct error *err)
{
    struct http_sink *s = sink;
    struct posting p = { 0 };
    struct error why;

    fill(&p, &s->hook, messages, n);
    s->given = n;
    s->call = http_start(s->http, &p.request, on_done, s, &why);
    if (s->call == NULL)
        fail(err, "%.200s: %.300s", s->hook.shown, why.text);
    bytes_free(&p.body);
    bytes_free(&p.signatures);
    mem_free(p.id);
    return s->call != NULL ? SINK_LATER : SINK_FAILED;
}

const struct sink_class sink_http = {
    .schemes = "http https",
    .options = hook_options,
    .make = make,
    .unmake = unmake,
    .open = open_http,
    .give = give,
    .most = most,
    .warning = warning,
    .shape = "webhook",
};
