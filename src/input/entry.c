/* entry.c -- one file found in a directory, whatever name it has. */
#include "input/entry.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/folder.h"
#include "base/mem.h"
#include "input/input.h"
#include "input/life.h"
#include "input/series.h"

static struct entry *
find_by_id(struct tail *t, uint64_t dev, uint64_t ino)
{
    struct file_id id = { dev, ino };
    struct entry *e;

    HASH_FIND(hh, t->by_id, &id, sizeof id, e);
    return e;
}

struct entry *
entry_by_real(struct tail *t, const char *real)
{
    struct entry *e;

    HASH_FIND(hh_real, t->by_real, real, strlen(real), e);
    return e;
}

static void
unname(struct entry *e)
{
    if (e->real != NULL && entry_by_real(e->input->tail, e->real) == e)
        HASH_DELETE(hh_real, e->input->tail->by_real, e);
    mem_free(e->path);
    mem_free(e->shown);
    mem_free(e->real);
    e->path = e->shown = e->real = NULL;
}

/* Where a symbolic link leads to; that directory is watched, too. */
static char *
real_path(struct input *in, const char *name, const char *path, bool is_link)
{
    char *real = is_link ? realpath(path, NULL) : NULL, *copy;

    if (real == NULL)
        return input_join(in->real_dir ? in->real_dir : in->dir, name);
    copy = mem_dup(real);
    free(real);
    if (in->tail->watch != NULL) {
        char *dir = folder_of(copy);
        watch_add(in->tail->watch, dir, NULL);
        mem_free(dir);
    }
    return copy;
}

/* What was put aside came by the watch's word, or else by this look at the
 * directory; the name that is written to is younger than all of it. */
static uint64_t
when_came(struct tail *t, const struct entry *e)
{
    struct arrival *a;

    if (t->starting)
        return 0;
    if (base_name(e->path)[e->base_len] == '\0')
        return t->came;
    HASH_FIND_STR(t->arrivals, e->real, a);
    return a ? a->came : t->came - 1;
}

void
entry_arrival(struct tail *t, const char *real)
{
    struct arrival *a;

    HASH_FIND_STR(t->arrivals, real, a);
    if (a == NULL) {
        a = mem_new(sizeof *a);
        a->real = mem_dup(real);
        HASH_ADD_KEYPTR(hh, t->arrivals, a->real, strlen(a->real), a);
    }
    a->came = ++t->came;
}

void
entry_forget_arrivals(struct tail *t)
{
    struct arrival *a, *next;

    HASH_ITER(hh, t->arrivals, a, next)
    {
        HASH_DEL(t->arrivals, a);
        mem_free(a->real);
        mem_free(a);
    }
}

static void
name_entry(struct entry *e, const char *name, bool is_link)
{
    struct input *in = e->input;
    struct entry *other;

    unname(e);
    e->path = input_join(in->dir, name);
    e->shown = input_join(in->shown_dir, name);
    e->base_len = series_base_len(name);
    e->real = real_path(in, name, e->path, is_link);
    e->is_link = is_link;
    other = entry_by_real(in->tail, e->real);
    if (other != NULL) /* had the name until now */
        HASH_DELETE(hh_real, in->tail->by_real, other);
    HASH_ADD_KEYPTR(hh_real, in->tail->by_real, e->real, strlen(e->real), e);
    e->came = when_came(in->tail, e);
    if (e->kind != ENTRY_OWN)
        return;
    life_named(e->life, e->path, e->shown);
    if (e->life->number == 0)
        entry_is_due(e);
    else if (e->life->troubled)
        life_touched(e->life);
}

void
entry_is_due(struct entry *e)
{
    e->due = e->input->has_due = true;
}

void
entry_free(struct entry *e)
{
    struct tail *t = e->input->tail;

    if (e->kind == ENTRY_OWN)
        life_unsettle(e->life);
    unname(e);
    HASH_DELETE(hh, t->by_id, e);
    DL_DELETE(e->input->entries, e);
    mem_free(e);
}

static struct entry *
entry_new(struct input *in, struct stamp stamp, const char *name, bool is_link)
{
    struct entry *e = mem_new(sizeof *e);

    e->input = in;
    e->id = (struct file_id){ stamp.dev, stamp.ino };
    e->stamp = stamp;
    entry_is_due(e);
    e->from_start = in->tail->starting;
    HASH_ADD(hh, in->tail->by_id, id, sizeof e->id, e);
    DL_APPEND(in->entries, e);
    name_entry(e, name, is_link);
    return e;
}

/* The file itself changed, not only its name. */
static void
mark_changed(struct entry *e)
{
    e->touched = true;
    e->noted = false;
    if (e->kind != ENTRY_NEW)
        e->from_start = false;
    if (e->kind == ENTRY_OWN && e->life->number != 0) {
        e->unsure = e->input->has_unsure = true;
    } else if (e->kind != ENTRY_WAITING) {
        entry_is_due(e);
    }
}

/* One file may be found by several names: the one followed counts, or the one
 * it had. */
static bool
is_better_name(const struct entry *e, const char *name)
{
    return input_follows(e->input, name) &&
           !input_follows(e->input, base_name(e->path));
}

/* With another name and other bytes it may be another file, which was given the
 * inode of one that is gone. Not while that is open. */
static bool
may_be_another(const struct entry *e, bool renamed, bool changed)
{
    return renamed && changed && e->kind == ENTRY_OWN && e->life->number != 0 &&
           e->life->source == NULL;
}

static void
see_again(struct entry *e, const char *name, struct stamp stamp, bool is_link)
{
    bool twin = e->scan == e->input->tail->scan;
    bool renamed = strcmp(base_name(e->path), name) != 0 &&
                   (!twin || is_better_name(e, name));
    bool changed = !source_is_untouched(e->stamp, stamp);

    if (changed)
        mark_changed(e);
    if (may_be_another(e, renamed, changed))
        life_unsettle(e->life); /* which keeps its name, to be found by it */
    if (renamed)
        name_entry(e, name, is_link);
    e->stamp = stamp;
}

void
entry_find(struct input *in, const char *name, struct stamp stamp, bool is_link)
{
    struct entry *e = find_by_id(in->tail, stamp.dev, stamp.ino);

    if (e == NULL) {
        e = entry_new(in, stamp, name, is_link);
    } else if (e->input != in) {
        return; /* another input reads it */
    } else {
        see_again(e, name, stamp, is_link);
    }
    e->scan = in->tail->scan;
}

bool
entry_is_gz(const struct entry *e)
{
    return series_is_gz(base_name(e->path));
}

bool
entry_is_written_to(const struct entry *e)
{
    const char *name = base_name(e->path);

    return input_follows(e->input, name) && !series_is_gz(name) &&
           !series_is_aside(name);
}

struct source *
entry_open(struct entry *e)
{
    struct stamp stamp;
    struct error err;
    struct source *s = source_open(e->path, entry_is_gz(e), &err);

    if (s == NULL) {
        if (!e->noted)
            tail_fault(e->input->tail, e->shown, err.text);
        e->noted = true;
        if (e->kind == ENTRY_NEW)
            e->kind = ENTRY_WAITING;
        return NULL;
    }
    if (source_stamp(s, &stamp) < 0 || !source_is_same_file(stamp, e->stamp)) {
        e->input->dirty = true; /* another file by now */
        source_close(s);
        return NULL;
    }
    return s;
}
