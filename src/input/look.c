/* look.c -- what a directory holds now.
 *
 * Names are put in order by when they came, as the kernel tells. It tells of a
 * rename before anybody can see it in the directory, so what it has told by
 * the end of the reading covers all that was read. */
#include "input/look.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/mem.h"
#include "input/entry.h"
#include "input/input.h"

#define ROUNDS_MOST 16

/* A name, and the file that it stood for when it was read. */
struct sight {
    char *name;
    bool is_link;
    struct stamp stamp;
};

struct sights {
    struct sight *list;
    size_t n, cap;
};

/* The name of the directory may lead somewhere else than before. */
static void
follow_dir(struct input *in, int fd)
{
    struct stat st;
    struct error err;

    if (fstat(fd, &st) < 0 ||
        (in->dir_dev == st.st_dev && in->dir_ino == st.st_ino))
        return;
    in->dir_dev = st.st_dev;
    in->dir_ino = st.st_ino;
    free(in->real_dir);
    in->real_dir = realpath(in->dir, NULL);
    if (in->tail->watch != NULL && in->real_dir != NULL &&
        watch_add(in->tail->watch, in->real_dir, &err) < 0)
        tail_note(in->tail, LOG_WARN, "%s", err.text);
}

static void
drop_unseen(struct input *in)
{
    struct entry *e, *next;

    DL_FOREACH_SAFE(in->entries, e, next)
    {
        if (e->scan != in->tail->scan)
            entry_free(e);
    }
}

static DIR *
open_dir(struct input *in)
{
    DIR *dir = opendir(in->dir);
    int cause = errno;

    if (dir != NULL) {
        in->lost_dir = false;
        return dir;
    }
    if (!in->lost_dir)
        tail_fault(in->tail, in->dir, strerror(cause));
    in->lost_dir = true;
    if (cause == ENOENT || cause == ENOTDIR) {
        in->dir_dev = in->dir_ino = 0;
        drop_unseen(in);
    }
    return NULL;
}

static bool
stamp_of(const struct input *in, const char *name, struct stamp *stamp)
{
    char *path = input_join(in->dir, name);
    struct stat st;
    int rc = stat(path, &st);

    mem_free(path);
    if (rc < 0 || !S_ISREG(st.st_mode))
        return false;
    *stamp = source_stamp_of(&st);
    return true;
}

static void
see(struct sights *s, const struct input *in, const struct dirent *d)
{
    struct stamp stamp;
    bool maybe =
        d->d_type == DT_REG || d->d_type == DT_LNK || d->d_type == DT_UNKNOWN;

    if (!maybe || !input_wants(in, d->d_name) ||
        !stamp_of(in, d->d_name, &stamp))
        return;
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 16;
        s->list = mem_grow(s->list, s->cap * sizeof *s->list);
    }
    s->list[s->n++] =
        (struct sight){ mem_dup(d->d_name), d->d_type != DT_REG, stamp };
}

/* False: not to its end. */
static bool
see_all(struct sights *s, struct input *in)
{
    DIR *dir = open_dir(in);
    struct dirent *d;
    bool whole;

    if (dir == NULL)
        return false;
    follow_dir(in, dirfd(dir));
    for (errno = 0; (d = readdir(dir)) != NULL; errno = 0)
        see(s, in, d);
    whole = errno == 0;
    closedir(dir);
    return whole;
}

static void
take_in(struct input *in, struct sights *s)
{
    in->tail->came += 2;
    for (size_t i = 0; i < s->n; i++) {
        struct sight *sight = &s->list[i];
        entry_find(in, sight->name, sight->stamp, sight->is_link);
        mem_free(sight->name);
    }
    mem_free(s->list);
}

void
look_into(struct input *in)
{
    struct sights sights = { 0 };
    bool whole;

    in->dirty = false;
    in->tail->scan++;
    whole = see_all(&sights, in);
    if (in->tail->watch != NULL)
        watch_read(in->tail->watch);
    take_in(in, &sights);
    if (whole)
        drop_unseen(in);
}

static bool
look_at_dirty(struct tail *t)
{
    bool looked = false;

    for (size_t i = 0; i < t->n_inputs; i++) {
        if (!t->inputs[i]->dirty)
            continue;
        look_into(t->inputs[i]);
        looked = true;
    }
    return looked;
}

void
look_until_quiet(struct tail *t)
{
    for (int round = 0; round < ROUNDS_MOST && look_at_dirty(t); round++)
        continue;
    entry_forget_arrivals(t);
}
