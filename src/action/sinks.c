/* sinks.c -- the destinations of a run, one outbox each. */
#include "action/sinks.h"

#include <string.h>

#include "base/mem.h"

#define SINKS_MOST 1024

struct entry {
    char *dest;
    struct outbox *outbox;
};

struct sinks {
    struct ev_loop *loop;
    const struct outbox_calls *calls;
    void *arg;
    struct entry *all;
    size_t n;
    bool opened;
    sinks_known_fn *known;
    void *known_arg;
};

struct sinks *
sinks_new(struct ev_loop *loop, const struct outbox_calls *calls, void *arg)
{
    struct sinks *s = mem_new(sizeof *s);

    s->loop = loop;
    s->calls = calls;
    s->arg = arg;
    return s;
}

void
sinks_free(struct sinks *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n; i++) {
        outbox_free(s->all[i].outbox);
        mem_free(s->all[i].dest);
    }
    mem_free(s->all);
    mem_free(s);
}

static int
open_one(struct sinks *s, struct outbox *o, struct error *err)
{
    const char *path = outbox_path(o);
    int64_t known = -1;

    if (path != NULL && s->known != NULL)
        known = s->known(s->known_arg, path);
    return outbox_open(o, known, err);
}

static struct outbox *
find(const struct sinks *s, const char *dest)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->all[i].dest, dest) == 0)
            return s->all[i].outbox;
    return NULL;
}

bool
sinks_has(const struct sinks *s, const char *dest)
{
    return find(s, dest) != NULL;
}

struct outbox *
sinks_get(struct sinks *s, const char *dest, struct error *err)
{
    struct outbox *o = find(s, dest);

    if (o != NULL)
        return o;
    if (s->n == SINKS_MOST) {
        fail(err, "%s: there are %d sinks already", dest, SINKS_MOST);
        return NULL;
    }
    o = outbox_new(s->loop, dest, s->calls, s->arg, err);
    if (o == NULL)
        return NULL;
    if (s->opened && open_one(s, o, err) < 0) {
        outbox_free(o);
        return NULL;
    }
    s->all = mem_grow(s->all, (s->n + 1) * sizeof *s->all);
    s->all[s->n++] = (struct entry){ mem_dup(dest), o };
    return o;
}

int
sinks_open(struct sinks *s, sinks_known_fn *known, void *arg, struct error *err)
{
    s->known = known;
    s->known_arg = arg;
    for (size_t i = 0; i < s->n; i++)
        if (open_one(s, s->all[i].outbox, err) < 0)
            return -1;
    s->opened = true;
    return 0;
}

void
sinks_flush(struct sinks *s)
{
    for (size_t i = 0; i < s->n; i++)
        outbox_flush(s->all[i].outbox);
}

bool
sinks_full(const struct sinks *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (outbox_full(s->all[i].outbox))
            return true;
    return false;
}

bool
sinks_empty(const struct sinks *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!outbox_empty(s->all[i].outbox))
            return false;
    return true;
}

int
sinks_sync(struct sinks *s, sinks_size_fn *each, void *arg, struct error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *path = outbox_path(s->all[i].outbox);
        uint64_t size = 0;

        if (outbox_sync(s->all[i].outbox, &size, err) < 0)
            return -1;
        if (path != NULL && each(arg, path, size, err) < 0)
            return -1;
    }
    return 0;
}
