/* tls.h -- a connection with TLS, made and verified by libcurl. */
#ifndef ACTION_TLS_H
#define ACTION_TLS_H

#include <sys/types.h>

#include "action/connection.h"

struct tls;

/* The socket, which may be watched but not read or written; or -1 and why not.
 * Called once, from the loop; it may free. */
typedef void tls_done_fn(void *arg, int fd, const struct error *why);

/* Begins to connect to the host and port there, believing its `trust`. */
struct tls *tls_new(struct ev_loop *loop, const struct connection_to *to,
                    tls_done_fn *done, void *arg);

/* Says goodbye and closes the socket. Takes NULL. */
void tls_free(struct tls *t);

/* As send(2) and recv(2) of a socket that does not block. What could not be
 * sent must be tried again with the same bytes. */
ssize_t tls_send(struct tls *t, const char *bytes, size_t len);
ssize_t tls_receive(struct tls *t, char *to, size_t size);

#endif
