/* sink.c -- which sink a destination is for. */
#include "action/sink.h"

#include <string.h>

#include "action/path.h"
#include "base/mem.h"

static const struct sink_class *const classes[] = {
    &sink_file,     &sink_http, &sink_sqlite, &sink_socket, &sink_smtp,
#ifndef WITHOUT_kafka
    &sink_kafka,
#endif
#ifndef WITHOUT_postgres
    &sink_postgres,
#endif
};

/* The schemes of sinks that a build may leave out. */
static const struct sink_class optional = {
    .schemes = "postgres postgresql kafka",
};

static bool
has_scheme(const struct sink_class *class, const char *scheme, size_t len)
{
    const char *at = class->schemes;

    for (size_t n; *at != '\0'; at += n + (at[n] == ' ')) {
        n = strcspn(at, " ");
        if (n == len && strncmp(at, scheme, n) == 0)
            return true;
    }
    return false;
}

const struct sink_class *
sink_class_of(const char *dest, struct error *err)
{
    size_t n = path_scheme(dest);
    char *shown;

    if (strcmp(dest, "-") == 0)
        return &sink_stdout;
    if (path_is_folder(dest))
        return &sink_folder;
    if (n == 0)
        return &sink_file;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (has_scheme(classes[i], dest, n))
            return classes[i];
    shown = path_shown(dest);
    fail(err, "%s: there is no sink for %.*s://%s", shown, (int)n, dest,
         has_scheme(&optional, dest, n) ? " (left out of this build)" : "");
    mem_free(shown);
    return NULL;
}
