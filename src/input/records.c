/* records.c -- at the start: where the files of the records are now. */
#include "input/records.h"

#include <string.h>
#include <utlist.h>

#include "base/folder.h"
#include "base/mem.h"
#include "input/decide.h"
#include "input/entry.h"
#include "input/input.h"
#include "input/life.h"
#include "input/open.h"

/* A .gz that was read to its end is known by its trailer: unpacking all of
 * them at each start would take its time. */
static bool
was_read(const struct entry *e, struct life *life)
{
    struct source *s;
    bool yes;

    if (!entry_is_gz(e))
        return false;
    s = source_open(e->path, true, NULL);
    yes = s != NULL && source_ends_at(s, life->offset) && match_head(life, s);
    if (yes)
        open_learn_head(life, s);
    source_close(s);
    return yes;
}

static void
find_by_record(struct entry *e)
{
    struct source *s;
    struct life *life;

    DL_FOREACH(e->input->tail->lives, life)
    {
        if (life->entry == NULL && life->dev == e->id.dev &&
            life->ino == e->id.ino && was_read(e, life)) {
            decide_adopt(life, e, false);
            return;
        }
    }
    s = source_open(e->path, entry_is_gz(e), NULL);
    if (s == NULL)
        return;
    life = decide_by_inode(e, s);
    if (life != NULL) {
        decide_adopt(life, e, decide_has_more(life, s));
        open_learn_head(life, s);
    }
    source_close(s);
}

static void
find_input(struct life *life)
{
    struct tail *t = life->tail;
    char *dir = folder_of(life->path);

    for (size_t i = 0; i < t->n_inputs && life->input == NULL; i++) {
        struct input *in = t->inputs[i];
        if (input_wants(in, base_name(life->path)) && input_is_in(in, dir))
            life->input = in;
    }
    if (life->input != NULL)
        life->lost = life->input->has_lost = true;
    mem_free(dir);
}

static bool
is_same_dir(const char *a, const char *b)
{
    size_t len = (size_t)(base_name(a) - a);

    return len == (size_t)(base_name(b) - b) && memcmp(a, b, len) == 0;
}

/* A symbolic link that is followed led to this file before it was switched:
 * the rest of it is read under the name of the link, but without one. */
static void
find_former_target(struct life *life)
{
    struct entry *e;
    char *path;

    for (e = life->tail->by_id; e != NULL; e = e->hh.next) {
        if (!e->is_link || !is_same_dir(e->real, life->path))
            continue;
        if (open_life(life, NULL) != MATCH_YES)
            return;
        path = life->path;
        life->path = NULL;
        life->input = e->input;
        life_named(life, e->path, e->shown);
        life->target = path;
        life->ready = true;
        return;
    }
}

void
records_find(struct tail *t)
{
    struct entry *e;
    struct life *life;

    for (e = t->by_id; e != NULL; e = e->hh.next)
        find_by_record(e);
    DL_FOREACH(t->lives, life)
    {
        if (life->entry == NULL)
            find_input(life);
        if (life->input == NULL)
            find_former_target(life);
    }
    for (e = t->by_id; e != NULL; e = e->hh.next)
        e->due = e->due && e->kind == ENTRY_NEW;
}
