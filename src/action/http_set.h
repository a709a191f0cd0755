/* http_set.h -- a request as libcurl wants to be told of it. */
#ifndef ACTION_HTTP_SET_H
#define ACTION_HTTP_SET_H

#include <curl/curl.h>

#include "action/http.h"

/* All but the body's bytes and the headers. */
int http_set(CURL *easy, const struct http_request *r, struct error *err);

/* The headers as libcurl's list, which the caller frees; NULL: one is none. */
struct curl_slist *http_set_headers(const struct http_request *r,
                                    struct error *err);

/* -1: it is no URL of http or https. Else the caller frees the host (by
 * curl_free). */
int http_parse_url(const char *url, char **host, struct error *err);

#endif
