/* trust.h -- whom a connection with TLS believes, and who we are to it. */
#ifndef ACTION_TRUST_H
#define ACTION_TRUST_H

#include <curl/curl.h>
#include <stdbool.h>

#include "action/sink_options.h"
#include "base/error.h"

/* PEM files, each may be NULL: the system's authorities; nobody. */
struct trust {
    const char *ca, *cert, *key;
    bool insecure; /* any certificate will do */
};

/* What is told once where `insecure` is. */
#define TRUST_WARNING "certificates are not verified (insecure)"

/* From the options "ca", "cert", "key" and "insecure", which lend the paths. */
int trust_read(struct trust *t, const struct sink_options *o,
               struct error *err);

/* Whether the files can be read; the sentence begins with `shown`. */
int trust_check_files(const struct trust *t, const char *shown,
                      struct error *err);

/* Tells it to libcurl. */
void trust_set(const struct trust *t, CURL *easy);

#endif
