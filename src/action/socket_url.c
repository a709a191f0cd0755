/* socket_url.c -- what a URL of a socket says: where it is and how to talk. */
#include "action/socket_url.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "action/path.h"

#define TIMEOUT_S 10.

static const char *const of_tls[] = { "ca", "cert", "key", "insecure" };

const char *const socket_url_options[] = { "timeout",  "datagram", "facility",
                                           "severity", "app",      "host",
                                           "ca",       "cert",     "key",
                                           "insecure", NULL };

static bool
has_scheme(const char *dest, const char *scheme)
{
    size_t n = path_scheme(dest);

    return strlen(scheme) == n && strncmp(dest, scheme, n) == 0;
}

/* "host:port", "[::1]:port", or without a port where there is a usual one. */
static int
read_host(struct socket_url *u, const char *text, const char *port,
          struct error *err)
{
    size_t len = strcspn(text, "/?");
    const char *from = text, *end;

    if (text[len] != '\0' && strcmp(text + len, "/") != 0)
        return fail(err, "%s: a host and a port have no path", u->shown);
    if (*text == '[') {
        from = text + 1;
        end = memchr(text, ']', len);
    } else {
        end = text + strcspn(text, ":/");
    }
    if (end == NULL || end == from || memchr(text, '@', len) != NULL)
        return fail(err, "%s: no host and port", u->shown);
    u->host = mem_dup_bytes(from, (size_t)(end - from));
    end += *end == ']';
    if (*end == ':')
        u->port = mem_dup_bytes(end + 1, (size_t)(text + len - end - 1));
    else if (end == text + len && port != NULL)
        u->port = mem_dup(port);
    if (u->port == NULL || !path_is_port(u->port))
        return fail(err, "%s: no port from 1 to 65535", u->shown);
    return 0;
}

static int
read_place(struct socket_url *u, const char *dest, struct error *err)
{
    const char *rest = path_behind_scheme(dest);
    bool slashes = strstr(dest, "://") == dest + path_scheme(dest);

    u->to.type = SOCK_STREAM;
    if (has_scheme(dest, "tcp") || has_scheme(dest, "tls") ||
        has_scheme(dest, "syslog+tcp"))
        return read_host(u, rest, NULL, err);
    if (has_scheme(dest, "syslog+tls"))
        return read_host(u, rest, "6514", err);
    if (has_scheme(dest, "syslog")) {
        u->to.type = SOCK_DGRAM;
        if (slashes && *rest != '/')
            return read_host(u, rest, "514", err);
        u->path = mem_dup(*rest == '\0' ? "/dev/log" : rest);
        return 0;
    }
    if (*rest == '\0')
        return fail(err, "%s: there is no path", u->shown);
    u->path = mem_dup(rest);
    return 0;
}

static int
read_trust(struct socket_url *u, const char *dest,
           const struct sink_options *options, struct error *err)
{
    struct error why;

    if (trust_read(&u->trust, options, &why) < 0)
        return fail(err, "%s: %s", u->shown, why.text);
    if (has_scheme(dest, "tls") || has_scheme(dest, "syslog+tls")) {
        u->to.trust = &u->trust;
        return 0;
    }
    for (size_t i = 0; i < sizeof of_tls / sizeof *of_tls; i++)
        if (sink_options_get(options, of_tls[i]) != NULL)
            return fail(err, "%s: %s: only with TLS (tls://, syslog+tls://)",
                        u->shown, of_tls[i]);
    return 0;
}

static int
read_priority(struct socket_url *u, const struct sink_options *options,
              struct error *err)
{
    const char *facility = sink_options_get(options, "facility");
    const char *severity = sink_options_get(options, "severity");
    int f = frame_facility(facility != NULL ? facility : "local0");
    int s = frame_severity(severity != NULL ? severity : "info");

    if (f < 0)
        return fail(err, "%s: no facility \"%s\"", u->shown, facility);
    if (s < 0)
        return fail(err, "%s: no severity \"%s\"", u->shown, severity);
    u->frame.priority = f * 8 + s;
    return 0;
}

static char *
own_name(void)
{
    char name[256] = "";

    gethostname(name, sizeof name - 1);
    return mem_dup(name);
}

static int
read_frame(struct socket_url *u, const char *dest,
           const struct sink_options *options, struct error *err)
{
    const char *app = sink_options_get(options, "app");
    const char *host = sink_options_get(options, "host");
    const char *datagram = sink_options_get(options, "datagram");

    u->frame.form = FRAME_LINE;
    if (strncmp(dest, "syslog", 6) == 0)
        u->frame.form = FRAME_SYSLOG;
    else if (datagram != NULL && strcmp(datagram, "true") == 0)
        u->frame.form = FRAME_TEXT;
    if (u->frame.form == FRAME_TEXT && u->path == NULL)
        return fail(err, "%s: datagram: only for unix:", u->shown);
    if (u->frame.form == FRAME_TEXT)
        u->to.type = SOCK_DGRAM;
    u->frame.counted =
        has_scheme(dest, "syslog+tcp") || has_scheme(dest, "syslog+tls");
    u->frame.pid = getpid();
    u->frame.app = u->app = mem_dup(app != NULL ? app : "cdrlua");
    u->frame.host = u->name = host != NULL ? mem_dup(host) : own_name();
    return read_priority(u, options, err);
}

int
socket_url_read(struct socket_url *u, const char *dest,
                const struct sink_options *options, struct error *err)
{
    *u = (struct socket_url){ .shown = path_shown(dest) };
    if (sink_options_number(options, "timeout", TIMEOUT_S, 0.01, 3600,
                            &u->to.timeout_s, err) < 0 ||
        read_place(u, dest, err) < 0 || read_trust(u, dest, options, err) < 0 ||
        read_frame(u, dest, options, err) < 0)
        return -1;
    u->to.shown = u->shown;
    u->to.host = u->host;
    u->to.port = u->port;
    u->to.path = u->path;
    return 0;
}

void
socket_url_free(struct socket_url *u)
{
    mem_free(u->shown);
    mem_free(u->host);
    mem_free(u->port);
    mem_free(u->path);
    mem_free(u->app);
    mem_free(u->name);
}
