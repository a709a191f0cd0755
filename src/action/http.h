/* http.h -- requests over HTTP and their answers (by libcurl, on the loop).
 *
 * Certificates are verified, redirects are not followed unless asked for, and
 * an answer has a deadline and a size. Nothing here blocks: names are resolved
 * in threads of libcurl's. */
#ifndef ACTION_HTTP_H
#define ACTION_HTTP_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "action/trust.h"
#include "base/error.h"
#include "base/mem.h"

/* The one of that loop, made for the first who asks: connections are shared.
 * Each drops what it took (or NULL); what still runs then must be its last
 * user's own, and is given up. */
struct http *http_take(struct ev_loop *loop);
void http_drop(struct http *h);

/* Who asks, and whom it believes; each may be NULL. */
struct http_access {
    const char *user, *password; /* basic */
    const char *token;           /* bearer */
    struct trust trust;
};

struct http_header {
    const char *name, *value;
};

struct http_request {
    const char *method; /* NULL: GET, or with a body POST */
    const char *url;
    const struct http_header *headers;
    size_t n_headers;
    struct bytes *body; /* its bytes are taken, but on failure; NULL: none */
    struct http_access access;
    double timeout_s; /* waiting in line is a part of it */
    size_t most;      /* bytes of the answer */
    bool cuts;        /* the rest of it is dropped, and beyond 256 KiB not
                         waited for; else it is a failure */
    bool queues;   /* 64 of these at a time, 8 to a host; more wait in line */
    int redirects; /* so many are followed */
};

struct http_call;

/* Lent for the call of `done`. */
struct http_answer {
    int status;
    const char *body; /* ends in a NUL besides */
    size_t len;
    double after_s; /* by Retry-After; 0: it does not say */
    struct http_call *call;
};

/* What stands here when the deadline is over. */
#define HTTP_DEADLINE "deadline"

/* `answer` is NULL when there was none; then `why` is the cause, without the
 * URL. The call has ended. */
typedef void http_done_fn(void *arg, const struct http_answer *answer,
                          const struct error *why);

/* Starts a request; `done` is called later, once, from the loop. All but the
 * body is copied. NULL: the URL, the method or a header is none. */
struct http_call *http_start(struct http *h, const struct http_request *r,
                             http_done_fn *done, void *arg, struct error *err);

/* Gives it up: `done` is not called. Takes NULL. */
void http_cancel(struct http_call *c);

/* Calls `each` with the headers of the answer, names as they were sent. */
typedef void http_header_fn(void *arg, const char *name, const char *value);
void http_each_header(const struct http_answer *answer, http_header_fn *each,
                      void *arg);

/* Whether that is a URL that can be asked, and a header that can be sent. */
int http_check_url(const char *url, struct error *err);
int http_check_header(const struct http_header *h, struct error *err);

#endif
