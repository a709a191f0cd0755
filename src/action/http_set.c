/* http_set.c -- a request as libcurl wants to be told of it. */
#include "action/http_set.h"

#include <string.h>

#include "action/path.h"

/* ---- the URL ---- */

static void
no_url(const char *url, const char *cause, struct error *err)
{
    char *shown = path_shown(url);

    fail(err, "%.200s: %s", shown, cause);
    mem_free(shown);
}

static bool
has_scheme(CURLU *parts, const char *const schemes[2])
{
    char *scheme = NULL;
    bool has;

    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
    has = scheme != NULL &&
          (strcmp(scheme, schemes[0]) == 0 || strcmp(scheme, schemes[1]) == 0);
    curl_free(scheme);
    return has;
}

CURLU *
http_url_parts(const char *url, const char *const schemes[2], struct error *err)
{
    CURLU *parts = curl_url();
    CURLUcode rc = curl_url_set(parts, CURLUPART_URL, url, 0);
    struct error none;

    if (rc == CURLUE_OK && has_scheme(parts, schemes))
        return parts;
    fail(&none, "no %s:// or %s:// URL", schemes[0], schemes[1]);
    no_url(url, rc != CURLUE_OK ? curl_url_strerror(rc) : none.text, err);
    curl_url_cleanup(parts);
    return NULL;
}

int
http_parse_url(const char *url, char **host, struct error *err)
{
    static const char *const schemes[2] = { "http", "https" };
    CURLU *parts = http_url_parts(url, schemes, err);
    CURLUcode rc;

    *host = NULL;
    if (parts == NULL)
        return -1;
    rc = curl_url_get(parts, CURLUPART_HOST, host, 0);
    curl_url_cleanup(parts);
    if (rc == CURLUE_OK)
        return 0;
    no_url(url, curl_url_strerror(rc), err);
    return -1;
}

int
http_check_url(const char *url, struct error *err)
{
    char *host;
    int rc = http_parse_url(url, &host, err);

    curl_free(host);
    return rc;
}

/* ---- headers ---- */

/* Letters, digits and what else a name may have (RFC 9110, token). */
static bool
is_token(const char *text)
{
    return *text != '\0' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789!#$%&'*+-.^_`|~")] == '\0';
}

/* To libcurl "Name;" is one that is empty, "Name:" one that is not sent. */
static struct curl_slist *
add_header(struct curl_slist *to, const char *name, const char *value)
{
    char *line = *value != '\0' ? mem_format("%s: %s", name, value)
                                : mem_format("%s;", name);

    to = curl_slist_append(to, line);
    mem_free(line);
    return to;
}

int
http_check_header(const struct http_header *h, struct error *err)
{
    if (!is_token(h->name))
        return fail(err, "no name of a header: %.40s", h->name);
    if (strpbrk(h->value, "\r\n") != NULL)
        return fail(err, "header %.40s: has a newline", h->name);
    return 0;
}

struct curl_slist *
http_set_headers(const struct http_request *r, struct error *err)
{
    struct curl_slist *all = curl_slist_append(NULL, "Expect:");
    bool typed = false;

    for (size_t i = 0; i < r->n_headers; i++) {
        const struct http_header *h = &r->headers[i];
        if (http_check_header(h, err) < 0) {
            curl_slist_free_all(all);
            return NULL;
        }
        typed = typed || strcasecmp(h->name, "Content-Type") == 0;
        all = add_header(all, h->name, h->value);
    }
    return typed ? all : curl_slist_append(all, "Content-Type:");
}

/* ---- the rest ---- */

static int
set_method(CURL *easy, const struct http_request *r, struct error *err)
{
    if (r->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)r->body->len);
    }
    if (r->method == NULL)
        return 0;
    if (!is_token(r->method))
        return fail(err, "no method: %.40s", r->method);
    if (strcmp(r->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
    return 0;
}

void
http_set_access(CURL *easy, const struct http_access *a)
{
    if (a->user != NULL || a->password != NULL) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, a->user ? a->user : "");
        curl_easy_setopt(easy, CURLOPT_PASSWORD, a->password);
    } else if (a->token != NULL) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, a->token);
    }
    trust_set(&a->trust, easy);
}

/* Signals are the program's; a name that is still being resolved does not hold
 * up who gives up. Over TLS it is known before the first answer whether several
 * requests can share a connection: worth waiting for. */
static void
set_ways(CURL *easy, const struct http_request *r)
{
    curl_easy_setopt(easy, CURLOPT_URL, r->url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT,
                     strncasecmp(r->url, "https:", 6) == 0 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "cdrlua/" CDRLUA_VERSION);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, r->redirects > 0 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)r->redirects);
}

int
http_set(CURL *easy, const struct http_request *r, struct error *err)
{
    /* A user and a password are sent in base64, a token as it is. */
    if (r->access.token != NULL && strpbrk(r->access.token, "\r\n") != NULL)
        return fail(err, "token: has a newline");
    set_ways(easy, r);
    http_set_access(easy, &r->access);
    return set_method(easy, r, err);
}
