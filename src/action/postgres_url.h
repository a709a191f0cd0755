/* postgres_url.h -- where a PostgreSQL database is. */
#ifndef ACTION_POSTGRES_URL_H
#define ACTION_POSTGRES_URL_H

#include <libpq-fe.h>

#include "base/error.h"

/* The host to be resolved, of the URL or the environment, which the caller
 * frees; NULL: a socket, or an address that is said besides. -1: no URL of
 * one host. */
int postgres_url_host(const char *url, const char *shown, char **host,
                      struct error *err);

/* Starts to connect, to the addresses of the host in turn; none where it has
 * none. What URL and password (it may be NULL) leave open libpq finds. */
PGconn *postgres_url_start(const char *url, const char *password,
                           const char *host, const char *const *addresses,
                           int n);

#endif
