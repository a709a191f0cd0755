/* hook.c -- what an HTTP sink is told: where to, who we are, in which form. */
#include "action/hook.h"

#include <string.h>

#include "action/path.h"
#include "action/sign.h"

#define BATCH_USUAL    100
#define BATCH_MOST     10000
#define TIMEOUT_S      30
#define TIMEOUT_MOST_S 86400

const char *const hook_options[] = {
    "body",        "batch",        "gzip",        "timeout",
    "headers.",    "user",         "password",    "password_env",
    "token",       "token_env",    "token_file",  "password_file",
    "ca",          "cert",         "key",         "insecure",
    "secret",      "secret_env",   "secret_file", "secret2",
    "secret2_env", "secret2_file", NULL
};

static int
read_form(struct hook *h, const struct sink_options *o, struct error *err)
{
    const char *word = sink_options_get(o, "body");

    if (word != NULL && post_form_parse(word, &h->form, err) < 0)
        return -1;
    return sink_options_number(o, "batch", BATCH_USUAL, 1, BATCH_MOST,
                               &h->batch, err);
}

static int
read_key(struct bytes *key, const struct sink_options *o, const char *name,
         struct error *err)
{
    struct error why;
    char *secret;
    int rc;

    if (sink_options_secret(o, name, &secret, err) < 0)
        return -1;
    if (secret == NULL)
        return 0;
    rc = sign_key(secret, key, &why);
    mem_free(secret);
    return rc < 0 ? fail(err, "%s: %s", name, why.text) : 0;
}

static int
read_secrets(struct hook *h, const struct sink_options *o, struct error *err)
{
    if (sink_options_secret(o, "password", &h->password, err) < 0 ||
        sink_options_secret(o, "token", &h->token, err) < 0 ||
        read_key(&h->keys[0], o, "secret", err) < 0 ||
        read_key(&h->keys[1], o, "secret2", err) < 0)
        return -1;
    h->access.password = h->password;
    h->access.token = h->token;
    if (h->password != NULL && h->access.user == NULL)
        return fail(err, "a password without the option user");
    if (h->token != NULL && h->access.user != NULL)
        return fail(err, "both a user and a token");
    return 0;
}

/* Of another length the body would be cut. */
static bool
is_ours(const char *header)
{
    return strcasecmp(header, "Content-Length") == 0 ||
           strcasecmp(header, "Transfer-Encoding") == 0;
}

/* All are counted, as many kept as there is room for. */
static void
add_header(void *arg, const char *name, const char *value)
{
    struct hook *h = arg;

    if (h->n_headers < HOOK_HEADERS_MOST)
        h->headers[h->n_headers] = (struct http_header){ name, value };
    h->n_headers++;
}

static int
read_headers(struct hook *h, const struct sink_options *o, struct error *err)
{
    sink_options_each(o, "headers.", add_header, h);
    if (h->n_headers > HOOK_HEADERS_MOST)
        return fail(err, "headers: more than %d", HOOK_HEADERS_MOST);
    for (size_t i = 0; i < h->n_headers; i++) {
        if (http_check_header(&h->headers[i], err) < 0)
            return -1;
        if (is_ours(h->headers[i].name))
            return fail(err, "header %s: is made here", h->headers[i].name);
    }
    return 0;
}

static int
read_options(struct hook *h, const struct sink_options *o, struct error *err)
{
    if (read_form(h, o, err) < 0 ||
        sink_options_number(o, "timeout", TIMEOUT_S, 0.001, TIMEOUT_MOST_S,
                            &h->timeout_s, err) < 0 ||
        sink_options_truth(o, "gzip", &h->gzip, err) < 0 ||
        trust_read(&h->access.trust, o, err) < 0)
        return -1;
    h->access.user = sink_options_get(o, "user");
    if (read_headers(h, o, err) < 0)
        return -1;
    return read_secrets(h, o, err);
}

int
hook_read(struct hook *h, const char *url, const struct sink_options *o,
          struct error *err)
{
    struct error why;

    h->url = mem_dup(url);
    h->shown = path_shown(url);
    if (http_check_url(url, err) < 0)
        return -1;
    if (read_options(h, o, &why) < 0)
        return fail(err, "%.200s: %.300s", h->shown, why.text);
    return 0;
}

void
hook_free(struct hook *h)
{
    for (size_t i = 0; i < 2; i++)
        bytes_free(&h->keys[i]);
    mem_free(h->password);
    mem_free(h->token);
    mem_free(h->url);
    mem_free(h->shown);
}

bool
hook_has_header(const struct hook *h, const char *name)
{
    for (size_t i = 0; i < h->n_headers; i++)
        if (strcasecmp(h->headers[i].name, name) == 0)
            return true;
    return false;
}
