/* http_loop.h -- libcurl's sockets and its time, on the loop. */
#ifndef ACTION_HTTP_LOOP_H
#define ACTION_HTTP_LOOP_H

#include <curl/curl.h>
#include <ev.h>

struct http_loop;

/* `moved` is called after each step: something may have ended. */
struct http_loop *http_loop_new(struct ev_loop *loop, CURLM *multi,
                                void (*moved)(void *arg), void *arg);

/* After curl_multi_cleanup, which still gives its sockets back. */
void http_loop_free(struct http_loop *g);

#endif
