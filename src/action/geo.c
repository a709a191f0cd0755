/* geo.c -- where addresses are: a list of databases that may be replaced.
 *
 * A file is taken when it looked the same twice, a moment apart: who is still
 * writing it is left in peace. */
#include "action/geo.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "action/changed.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/mem.h"

#define OLD_DAYS 90
#define DAY_S    (24 * 3600)

/* What tells one content of a file from another; all zero: no file. */
struct stamp {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec written, touched;
};

struct file {
    char *path;
    struct mmdb *db;
    struct stamp used, seen, refused; /* in use, when last looked, told of */
    bool told_old;
};

struct geo {
    struct changed *changed;
    log_note_fn *note;
    void *arg;
    struct file files[GEO_DATABASES_MOST];
    size_t n;
    uint64_t swaps;
};

static void note(struct geo *g, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
note(struct geo *g, enum log_level level, const char *fmt, ...)
{
    char text[640];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    g->note(g->arg, level, text);
}

/* ---- stamps ---- */

static struct stamp
stamp_of(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return (struct stamp){ 0 };
    return (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim,
                           st.st_ctim };
}

static bool
same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same(const struct stamp *a, const struct stamp *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           same_time(a->written, b->written) &&
           same_time(a->touched, b->touched);
}

/* ---- age ---- */

static int64_t
age_s(const struct file *f)
{
    uint64_t epoch = mmdb_epoch(f->db);
    int64_t age;

    if (epoch == 0 || epoch > INT64_MAX)
        return -1;
    age = clock_wall_ms() / 1000 - (int64_t)epoch;
    return age < 0 ? 0 : age;
}

int64_t
geo_age_s(const struct geo *g)
{
    int64_t oldest = -1;

    for (size_t i = 0; i < g->n; i++)
        if (age_s(&g->files[i]) > oldest)
            oldest = age_s(&g->files[i]);
    return oldest;
}

static void
tell_age(struct geo *g, struct file *f)
{
    long long days = age_s(f) / DAY_S;

    if (f->told_old || days <= OLD_DAYS)
        return;
    f->told_old = true;
    note(g, LOG_INFO, "%s: its data are %lld days old", f->path, days);
}

/* ---- swapping ---- */

static void
refuse(struct geo *g, struct file *f, const struct stamp *now,
       const char *cause)
{
    f->refused = *now;
    note(g, LOG_WARN, "%s; what was read of it before stays in use", cause);
}

static void
swap(struct geo *g, struct file *f, const struct stamp *now)
{
    struct error err;
    struct mmdb *db = mmdb_open(f->path, &err);

    if (db == NULL) {
        refuse(g, f, now, err.text);
        return;
    }
    mmdb_close(f->db);
    f->db = db;
    f->used = f->refused = *now;
    f->told_old = false;
    g->swaps++;
    note(g, LOG_INFO, "%s: read anew", f->path);
}

static void
look(struct geo *g, struct file *f)
{
    struct stamp now = stamp_of(f->path);

    if (!same(&now, &f->seen)) {
        f->seen = now;
        changed_again(g->changed);
    } else if (same(&now, &f->used)) {
        f->refused = f->used; /* whatever comes next is told of */
    } else if (!same(&now, &f->refused)) {
        swap(g, f, &now);
    }
}

static void
on_change(void *arg)
{
    struct geo *g = arg;

    for (size_t i = 0; i < g->n; i++) {
        look(g, &g->files[i]);
        tell_age(g, &g->files[i]);
    }
}

/* ---- birth ---- */

static void
watch(struct geo *g, const char *path)
{
    char *dir = folder_of(path);

    changed_watch(g->changed, dir);
    mem_free(dir);
}

static int
add(struct geo *g, const char *path, struct error *err)
{
    struct file *f = &g->files[g->n];

    f->used = f->seen = f->refused = stamp_of(path);
    f->db = mmdb_open(path, err);
    if (f->db == NULL)
        return -1;
    f->path = mem_dup(path);
    g->n++;
    watch(g, path);
    tell_age(g, f);
    return 0;
}

struct geo *
geo_open(struct ev_loop *loop, const struct geo_options *options,
         log_note_fn *note, void *arg, struct error *err)
{
    struct geo *g;

    if (options->n == 0 || options->n > GEO_DATABASES_MOST) {
        fail(err, "geolocation: %zu databases, must be 1 to %d", options->n,
             GEO_DATABASES_MOST);
        return NULL;
    }
    g = mem_new(sizeof *g);
    g->note = note;
    g->arg = arg;
    g->changed = changed_new(loop, options->sweep_s, on_change, g);
    for (size_t i = 0; i < options->n; i++) {
        if (add(g, options->paths[i], err) == 0)
            continue;
        geo_free(g);
        return NULL;
    }
    return g;
}

void
geo_free(struct geo *g)
{
    if (g == NULL)
        return;
    changed_free(g->changed);
    for (size_t i = 0; i < g->n; i++) {
        mmdb_close(g->files[i].db);
        mem_free(g->files[i].path);
    }
    mem_free(g);
}

uint64_t
geo_swaps(const struct geo *g)
{
    return g->swaps;
}

/* ---- asking ---- */

/* Two databases go into an id, half of its bits each. */
static void
add_to_id(uint64_t *id, size_t i, uint32_t entry)
{
    *id |= ((uint64_t)entry + 1) << 32 * i;
}

bool
geo_find(const struct geo *g, const struct address *a, struct geo_found *found)
{
    found->id = found->n = 0;
    for (size_t i = 0; i < g->n; i++) {
        uint32_t entry;
        if (!mmdb_find(g->files[i].db, a, &entry))
            continue;
        found->in[found->n].db = g->files[i].db;
        found->in[found->n++].entry = entry;
        if (g->n <= 2)
            add_to_id(&found->id, i, entry);
    }
    return found->n > 0;
}
