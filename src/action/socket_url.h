/* socket_url.h -- what a URL of a socket says: where it is and how to talk. */
#ifndef ACTION_SOCKET_URL_H
#define ACTION_SOCKET_URL_H

#include "action/connection.h"
#include "action/frame.h"
#include "action/sink_options.h"

struct socket_url {
    struct connection_to to;
    struct trust trust;
    struct frame frame;
    char *shown, *host, *port, *path; /* what those two lend */
    char *app, *name;                 /* of the program and of this machine */
};

/* The keys that socket_url_read takes. */
extern const char *const socket_url_options[];

/* "tcp://host:port", "unix:PATH" (a stream of lines; datagrams where the option
 * says so), "syslog:" and "syslog:PATH" (datagrams to /dev/log or there),
 * "syslog://host:port" (UDP), "syslog+tcp://host:port"; with TLS
 * "tls://host:port" and "syslog+tls://host:port". It is lent to itself, so that
 * it stays where it is. -1: it is none. */
int socket_url_read(struct socket_url *u, const char *dest,
                    const struct sink_options *options, struct error *err);
void socket_url_free(struct socket_url *u);

#endif
