/* trust.c -- whom a connection with TLS believes, and who we are to it. */
#include "action/trust.h"

#define CA_CACHE_S 60L /* a changed file of authorities is seen then */

int
trust_read(struct trust *t, const struct sink_options *o, struct error *err)
{
    t->ca = sink_options_get(o, "ca");
    t->cert = sink_options_get(o, "cert");
    t->key = sink_options_get(o, "key");
    return sink_options_truth(o, "insecure", &t->insecure, err);
}

int
trust_check_files(const struct trust *t, const char *shown, struct error *err)
{
    struct error why;

    if (sink_options_readable("ca", t->ca, &why) < 0 ||
        sink_options_readable("cert", t->cert, &why) < 0 ||
        sink_options_readable("key", t->key, &why) < 0)
        return fail(err, "%.200s: %.300s", shown, why.text);
    return 0;
}

void
trust_set(const struct trust *t, CURL *easy)
{
    if (t->ca != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, t->ca);
    curl_easy_setopt(easy, CURLOPT_SSLCERT, t->cert);
    curl_easy_setopt(easy, CURLOPT_SSLKEY, t->key);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, t->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, t->insecure ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_S);
}
