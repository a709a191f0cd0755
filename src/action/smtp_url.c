/* smtp_url.c -- what a mail sink is told: which server, from whom, to whom. */
#include "action/smtp_url.h"

#include <stdlib.h>
#include <string.h>

#include "action/address.h"
#include "action/http_set.h"
#include "action/path.h"

#define TIMEOUT_S      60
#define TIMEOUT_MOST_S 3600

const char *const smtp_url_options[] = {
    "from",          "to",  "subject", "user",     "password", "password_env",
    "password_file", "tls", "ca",      "insecure", "timeout",  NULL
};

/* ---- the URL ---- */

static bool
is_loopback(CURLU *parts)
{
    struct address a;
    const char *kind = NULL;
    char *host = NULL;
    size_t len;
    bool is;

    curl_url_get(parts, CURLUPART_HOST, &host, 0);
    len = host != NULL ? strcspn(host, "]") : 0;
    if (len > 0 &&
        address_parse(&a, host + (*host == '['), len - (*host == '[')))
        kind = address_special(&a);
    is = (host != NULL && strcasecmp(host, "localhost") == 0) ||
         (kind != NULL && strcmp(kind, "a loopback address") == 0);
    curl_free(host);
    return is;
}

/* A part as libcurl has it, as memory of ours; NULL: it is not there. */
static char *
part(CURLU *parts, CURLUPart which, unsigned flags)
{
    char *got = NULL, *copy;

    if (curl_url_get(parts, which, &got, flags) != CURLUE_OK)
        return NULL;
    copy = mem_dup(got);
    curl_free(got);
    return copy;
}

/* The user and the password are told apart from the URL, so that there is one
 * place for them. */
static int
read_parts(struct smtp_url *u, CURLU *parts, struct error *err)
{
    char *path = part(parts, CURLUPART_PATH, 0);
    bool has_path = path != NULL && strcmp(path, "/") != 0;

    mem_free(path);
    if (has_path)
        return fail(err, "a mail server has no path");
    u->is_local = is_loopback(parts);
    u->tls = u->is_local ? SMTP_TLS_NONE : SMTP_TLS_REQUIRED;
    u->user = part(parts, CURLUPART_USER, CURLU_URLDECODE);
    u->password = part(parts, CURLUPART_PASSWORD, CURLU_URLDECODE);
    curl_url_set(parts, CURLUPART_USER, NULL, 0);
    curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
    u->url = part(parts, CURLUPART_URL, 0);
    return 0;
}

/* ---- the options ---- */

static int
read_tls(struct smtp_url *u, const struct sink_options *o, struct error *err)
{
    static const char *const words[] = { "required", "try", "none" };
    const char *word = sink_options_get(o, "tls");

    if (word == NULL)
        return 0;
    if (strncmp(u->url, "smtps:", 6) == 0)
        return fail(err, "tls: smtps:// has it always");
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            u->tls = (enum smtp_tls)i;
            return 0;
        }
    }
    return fail(err, "no tls \"%.40s\" (there are required, try and none)",
                word);
}

static int
read_addresses(struct mail_addresses *a, const char *key,
               const struct sink_options *o, struct error *err)
{
    const char *text = sink_options_get(o, key);
    struct error why;

    if (text == NULL)
        return fail(err, "%s: is missing", key);
    if (mail_addresses_read(a, text, &why) < 0)
        return fail(err, "%s: %.300s", key, why.text);
    return 0;
}

/* A password goes out in clear only where that is said, or stays on this
 * machine: who is in between can take "STARTTLS" out of what a server offers.
 */
static int
read_access(struct smtp_url *u, const struct sink_options *o, struct error *err)
{
    const char *user = sink_options_get(o, "user");
    char *password;

    if (sink_options_secret(o, "password", &password, err) < 0 ||
        trust_read(&u->access.trust, o, err) < 0)
        return -1;
    if (password != NULL) {
        mem_free(u->password);
        u->password = password;
    }
    u->access.user = user != NULL ? user : u->user;
    u->access.password = u->password;
    if (u->password != NULL && u->tls == SMTP_TLS_TRY)
        return fail(err, "tls: a password needs required (or none)");
    return 0;
}

static int
read_options(struct smtp_url *u, const struct sink_options *o,
             struct error *err)
{
    u->head.subject = sink_options_get(o, "subject");
    if (read_tls(u, o, err) < 0 || read_access(u, o, err) < 0 ||
        read_addresses(&u->head.from, "from", o, err) < 0 ||
        read_addresses(&u->head.to, "to", o, err) < 0 ||
        sink_options_number(o, "timeout", TIMEOUT_S, 0.01, TIMEOUT_MOST_S,
                            &u->timeout_s, err) < 0)
        return -1;
    if (u->head.from.n > 1)
        return fail(err, "from: more than one address");
    if (u->password != NULL && u->tls == SMTP_TLS_NONE && !u->is_local)
        u->warning = "the password is sent without TLS (tls)";
    if (u->access.trust.insecure)
        u->warning = TRUST_WARNING;
    return 0;
}

int
smtp_url_read(struct smtp_url *u, const char *url, const struct sink_options *o,
              struct error *err)
{
    static const char *const schemes[2] = { "smtp", "smtps" };
    CURLU *parts = http_url_parts(url, schemes, err);
    struct error why;
    int rc;

    if (parts == NULL)
        return -1;
    u->shown = path_shown(url);
    rc = read_parts(u, parts, &why);
    curl_url_cleanup(parts);
    if (rc < 0 || read_options(u, o, &why) < 0)
        return fail(err, "%.200s: %.300s", u->shown, why.text);
    return 0;
}

void
smtp_url_free(struct smtp_url *u)
{
    mail_addresses_free(&u->head.from);
    mail_addresses_free(&u->head.to);
    mem_free(u->user);
    mem_free(u->password);
    mem_free(u->url);
    mem_free(u->shown);
}
