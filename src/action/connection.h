/* connection.h -- a socket to one place, connected without waiting. */
#ifndef ACTION_CONNECTION_H
#define ACTION_CONNECTION_H

#include <ev.h>

#include <sys/types.h>

#include "action/trust.h"
#include "base/error.h"

/* Lent for the life of the connection. */
struct connection_to {
    const char *shown;         /* for sentences */
    const char *host, *port;   /* both NULL: `path` */
    const char *path;          /* of a unix socket */
    int type;                  /* SOCK_STREAM or SOCK_DGRAM */
    double timeout_s;          /* to connect */
    const struct trust *trust; /* NULL: no TLS */
};

struct connection;

/* `moved(arg)`: it came to something, or was lost; from the loop. */
struct connection *connection_new(struct ev_loop *loop,
                                  const struct connection_to *to,
                                  void (*moved)(void *arg), void *arg);
/* What was sent is brought to the other side, which may take a second. */
void connection_free(struct connection *c);

/* The socket, to be watched, or SINK_LATER until `moved`; it begins to connect
 * where there is none. SINK_FAILED once, with what came of it. */
int connection_use(struct connection *c, struct error *err);

/* As send(2) of that socket, which does not block. What could not be sent must
 * be tried again with the same bytes. */
ssize_t connection_send(struct connection *c, const char *bytes, size_t len);

/* It is of no use any more: the next use begins anew. */
void connection_drop(struct connection *c);

#endif
