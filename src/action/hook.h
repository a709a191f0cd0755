/* hook.h -- what an HTTP sink is told: where to, who we are, in which form. */
#ifndef ACTION_HOOK_H
#define ACTION_HOOK_H

#include "action/http.h"
#include "action/post.h"
#include "action/sink_options.h"

#define HOOK_HEADERS_MOST 32

struct hook {
    char *url, *shown; /* the second without its secrets */
    enum post_form form;
    double batch, timeout_s;
    bool gzip;
    struct http_access access;
    char *password, *token; /* owned for `access` */
    struct bytes keys[2];   /* of the signatures; empty: none */
    struct http_header headers[HOOK_HEADERS_MOST]; /* lent by the options */
    size_t n_headers;
};

/* The keys of the options, ended by NULL. */
extern const char *const hook_options[];

/* All zero before. Freed by hook_free, also after a failure, whose sentence
 * begins with the URL. */
int hook_read(struct hook *h, const char *url, const struct sink_options *o,
              struct error *err);
void hook_free(struct hook *h);

/* Whether the options have a header of that name. */
bool hook_has_header(const struct hook *h, const char *name);

#endif
