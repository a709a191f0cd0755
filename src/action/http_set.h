/* http_set.h -- a request as libcurl wants to be told of it. */
#ifndef ACTION_HTTP_SET_H
#define ACTION_HTTP_SET_H

#include <curl/curl.h>

#include "action/http.h"

/* All but the body's bytes and the headers. -1: the method is none, or the
 * token cannot be sent. */
int http_set(CURL *easy, const struct http_request *r, struct error *err);

/* The headers as libcurl's list, which the caller frees; NULL: one is none. */
struct curl_slist *http_set_headers(const struct http_request *r,
                                    struct error *err);

/* Who we are and whom we believe. */
void http_set_access(CURL *easy, const struct http_access *a);

/* The parts of a URL with one of two schemes, freed by curl_url_cleanup. NULL:
 * it is none. */
CURLU *http_url_parts(const char *url, const char *const schemes[2],
                      struct error *err);

/* -1: it is no URL of http or https. Else the caller frees the host (by
 * curl_free). */
int http_parse_url(const char *url, char **host, struct error *err);

#endif
