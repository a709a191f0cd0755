/* sinks.c -- the destinations of a run, one outbox each. */
#include "action/sinks.h"

#include <string.h>
#include <sys/resource.h>

#include "action/path.h"
#include "base/mem.h"

#define SINKS_MOST   1024
#define KEEP_FOR_ALL 64 /* descriptors for input, state and rejects */

struct entry {
    char *dest;
    struct sink_options *options;
    struct outbox *outbox;
    bool late;
};

struct sinks {
    struct ev_loop *loop;
    const struct outbox_calls *calls;
    void *arg;
    struct entry *all;
    size_t n, most, n_full;
    bool opened, lost;
    outbox_known_fn *known;
    void *known_arg;
};

static size_t
most_sinks(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
        limit.rlim_cur >= SINKS_MOST + KEEP_FOR_ALL)
        return SINKS_MOST;
    return limit.rlim_cur > 2 * KEEP_FOR_ALL
               ? (size_t)limit.rlim_cur - KEEP_FOR_ALL
               : KEEP_FOR_ALL / 4;
}

struct sinks *
sinks_new(struct ev_loop *loop, const struct outbox_calls *calls, void *arg)
{
    struct sinks *s = mem_new(sizeof *s);

    s->loop = loop;
    s->calls = calls;
    s->arg = arg;
    s->most = most_sinks();
    return s;
}

void
sinks_free(struct sinks *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n; i++) {
        outbox_free(s->all[i].outbox);
        sink_options_free(s->all[i].options);
        mem_free(s->all[i].dest);
    }
    mem_free(s->all);
    mem_free(s);
}

static int
open_one(struct sinks *s, struct entry *e, struct error *err)
{
    const char *path = outbox_path(e->outbox);
    int64_t known = -1;

    if (path != NULL && s->known != NULL)
        known = s->known(s->known_arg, path);
    outbox_know(e->outbox, s->known, s->known_arg);
    if (!e->late)
        return outbox_open(e->outbox, known, err);
    outbox_open_late(e->outbox, known);
    return 0;
}

static struct outbox *
find(const struct sinks *s, const char *dest,
     const struct sink_options *options)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->all[i].dest, dest) == 0 &&
            sink_options_equal(s->all[i].options, options))
            return s->all[i].outbox;
    return NULL;
}

bool
sinks_has(const struct sinks *s, const char *dest)
{
    return find(s, dest, NULL) != NULL;
}

/* Keeps the options if that succeeds. */
static struct outbox *
add(struct sinks *s, const char *dest, struct sink_options *options, bool late,
    struct error *err)
{
    struct entry e = { .options = options, .late = late };

    e.outbox = outbox_new(s->loop, dest, options, s->calls, s->arg, err);
    if (e.outbox == NULL)
        return NULL;
    outbox_count_full(e.outbox, &s->n_full);
    if (s->opened && open_one(s, &e, err) < 0) {
        outbox_free(e.outbox);
        return NULL;
    }
    e.dest = mem_dup(dest);
    s->all = mem_grow(s->all, (s->n + 1) * sizeof *s->all);
    s->all[s->n++] = e;
    return e.outbox;
}

static void
fail_too_many(const struct sinks *s, const char *dest, struct error *err)
{
    char *shown = path_shown(dest);

    fail(err, "%s: there are %zu sinks already", shown, s->n);
    mem_free(shown);
}

/* Takes the options. */
static struct outbox *
get(struct sinks *s, const char *dest, struct sink_options *options,
    struct error *err)
{
    struct outbox *o = find(s, dest, options);
    bool added = false;

    if (o == NULL && s->n >= s->most) {
        fail_too_many(s, dest, err);
    } else if (o == NULL) {
        o = add(s, dest, options, false, err);
        added = o != NULL;
    }
    if (!added)
        sink_options_free(options);
    return o;
}

/* A destination in the one way in which it is known here. */
static char *
canonical(const char *dest, struct sink_options *options, struct error *err)
{
    if (path_is_folder(dest))
        return path_folder(dest, err);
    return sink_options_split(options, dest);
}

struct outbox *
sinks_get(struct sinks *s, const char *dest, struct sink_options *options,
          struct error *err)
{
    struct outbox *o;
    char *name;

    if (options == NULL)
        options = sink_options_new();
    name = canonical(dest, options, err);
    if (name == NULL) {
        sink_options_free(options);
        return NULL;
    }
    o = get(s, name, options, err);
    mem_free(name);
    return o;
}

void
sinks_begin_file(struct sinks *s)
{
    for (size_t i = 0; i < s->n; i++)
        outbox_begin_file(s->all[i].outbox);
}

struct outbox *
sinks_get_late(struct sinks *s, const char *dest, struct error *err)
{
    struct outbox *o = find(s, dest, NULL);

    return o != NULL ? o : add(s, dest, NULL, true, err);
}

int
sinks_each_path(const struct sinks *s, sinks_path_fn *each, void *arg,
                struct error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *path = outbox_path(s->all[i].outbox);
        if (path != NULL && each(arg, path, err) < 0)
            return -1;
    }
    return 0;
}

int
sinks_open(struct sinks *s, outbox_known_fn *known, void *arg,
           struct error *err)
{
    s->known = known;
    s->known_arg = arg;
    for (size_t i = 0; i < s->n; i++)
        if (open_one(s, &s->all[i], err) < 0)
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
    return s->n_full > 0;
}

static const struct entry *
find_behind(const struct sinks *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!outbox_empty(s->all[i].outbox))
            return &s->all[i];
    return NULL;
}

bool
sinks_empty(const struct sinks *s)
{
    return find_behind(s) == NULL;
}

char *
sinks_behind(const struct sinks *s)
{
    const struct entry *e = find_behind(s);

    return e != NULL ? path_shown(e->dest) : NULL;
}

uint64_t
sinks_outages(const struct sinks *s, uint64_t *last)
{
    uint64_t outages = 0;

    *last = 0;
    for (size_t i = 0; i < s->n; i++) {
        bool lasts;

        outages += outbox_outages(s->all[i].outbox, &lasts);
        *last += lasts;
    }
    return outages;
}

int
sinks_sync(struct sinks *s, sinks_size_fn *each, void *arg, struct error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *path = outbox_path(s->all[i].outbox);
        uint64_t size = 0;

        if (s->all[i].late && !outbox_is_open(s->all[i].outbox))
            continue;
        if (outbox_sync(s->all[i].outbox, &size, err) < 0) {
            s->lost = true;
            return -1;
        }
        if (path != NULL && each(arg, path, size, err) < 0)
            return -1;
        path = outbox_present(s->all[i].outbox, &size);
        if (path != NULL && each(arg, path, size, err) < 0)
            return -1;
    }
    return 0;
}

bool
sinks_lost(const struct sinks *s)
{
    return s->lost;
}
