/* tell.c -- the host's own events, for the scripts that ask for them. */
#include "tell.h"

#include <string.h>

static struct host_field
word(const char *key, const char *text)
{
    return (struct host_field){ key, text, strlen(text), 0 };
}

static struct host_field
number(const char *key, uint64_t n)
{
    return (struct host_field){ key, NULL, 0, (int64_t)n };
}

void
tell_file(struct runtime *rt, const char *event, const char *path,
          uint64_t offset)
{
    struct host_field fields[] = { word("file", path),
                                   number("offset", offset) };

    runtime_host(rt, event, fields, 2);
}

void
tell_rejected(struct runtime *rt, const struct script_line *line,
              const char *reason)
{
    struct host_field fields[] = { word("file", line->path),
                                   number("offset", line->offset),
                                   number("line", line->number),
                                   word("reason", reason),
                                   { "text", line->text, line->len, 0 } };

    runtime_host(rt, "line.rejected", fields, 5);
}

void
tell_silences(struct runtime *rt)
{
    runtime_host(rt, "silences.changed", NULL, 0);
}

void
tell_ended(struct runtime *rt, const char *why)
{
    struct host_field field = word("why", why);

    runtime_host(rt, "input.ended", &field, 1);
}
