/* connection.h -- a socket to one place, connected without waiting. */
#ifndef ACTION_CONNECTION_H
#define ACTION_CONNECTION_H

#include <ev.h>

#include "base/error.h"

/* Lent for the life of the connection. */
struct connection_to {
    const char *shown;       /* for sentences */
    const char *host, *port; /* both NULL: `path` */
    const char *path;        /* of a unix socket */
    int type;                /* SOCK_STREAM or SOCK_DGRAM */
    double timeout_s;        /* to connect */
};

struct connection;

/* `moved(arg)`: it came to something, or was lost; from the loop. */
struct connection *connection_new(struct ev_loop *loop,
                                  const struct connection_to *to,
                                  void (*moved)(void *arg), void *arg);
void connection_free(struct connection *c);

/* The socket, which does not block, or SINK_LATER until `moved`; it begins to
 * connect where there is none. SINK_FAILED once, with what came of it. */
int connection_use(struct connection *c, struct error *err);

/* It is of no use any more: the next use begins anew. */
void connection_drop(struct connection *c);

#endif
