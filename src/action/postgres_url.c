/* postgres_url.c -- where a PostgreSQL database is. */
#include "action/postgres_url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "action/path.h"
#include "base/mem.h"

/* Of the URL, else of the environment. */
static const char *
said(const PQconninfoOption *all, const char *keyword, const char *variable)
{
    for (; all->keyword != NULL; all++)
        if (strcmp(all->keyword, keyword) == 0 && all->val != NULL)
            return all->val;
    return getenv(variable);
}

static bool
is_name(const char *host)
{
    return host != NULL && *host != '\0' && *host != '/' && *host != '@';
}

int
postgres_url_host(const char *url, const char *shown, char **host,
                  struct error *err)
{
    /* libpq's own reason may hold the password */
    PQconninfoOption *all = PQconninfoParse(url, NULL);
    const char *name, *port;
    bool several, wrong;

    if (all == NULL)
        return fail(err, "%s: is no URL of a PostgreSQL database", shown);
    name = said(all, "host", "PGHOST");
    port = said(all, "port", "PGPORT");
    wrong = port != NULL && *port != '\0' && !path_is_port(port);
    several = is_name(name) && strchr(name, ',') != NULL;
    if (is_name(name) && said(all, "hostaddr", "PGHOSTADDR") == NULL)
        *host = mem_dup(name);
    PQconninfoFree(all);
    if (several)
        return fail(err, "%s: one host only", shown);
    return wrong ? fail(err, "%s: no port from 1 to 65535", shown) : 0;
}

/* libpq wants as many hosts as addresses. */
static char *
join(const char *const *texts, const char *same, int n)
{
    struct bytes list = { 0 };

    for (int i = 0; i < n; i++)
        bytes_add_format(&list, "%s%s", i > 0 ? "," : "",
                         texts != NULL ? texts[i] : same);
    bytes_add(&list, "", 1);
    return list.at;
}

PGconn *
postgres_url_start(const char *url, const char *password, const char *host,
                   const char *const *addresses, int n)
{
    char *hosts = join(NULL, host, n), *list = join(addresses, NULL, n);
    const char *keys[8] = { "dbname", "client_encoding",
                            "fallback_application_name" };
    const char *values[8] = { url, "UTF8", "cdrlua" };
    int i = 3;
    PGconn *conn;

    if (n > 0) {
        keys[i] = "host", values[i++] = hosts;
        keys[i] = "hostaddr", values[i++] = list;
    }
    if (password != NULL)
        keys[i] = "password", values[i++] = password;
    conn = PQconnectStartParams(keys, values, 1);
    mem_free(hosts);
    mem_free(list);
    return conn;
}
