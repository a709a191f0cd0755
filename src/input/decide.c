/* decide.c -- which life a file found in a directory is.
 *
 * The inode is asked first and believed only if the bytes agree. Then the
 * bytes alone: of a name that is written to, only a life that is nowhere else
 * can be the same (a restored backup); of a name put aside, or a .gz, any life
 * of the same base name may be what it is a copy of. */
#include "input/decide.h"

#include <string.h>
#include <utlist.h>

#include "base/hash.h"
#include "base/mem.h"
#include "input/input.h"
#include "input/life.h"
#include "input/read.h"
#include "input/series.h"

static bool
is_gz(const struct entry *e)
{
    return series_is_gz(base_name(e->path));
}

/* A name that a program writes its lines to, as far as one can tell. */
static bool
is_written_to(const struct entry *e)
{
    const char *name = base_name(e->path);

    return input_follows(e->input, name) && !series_is_gz(name) &&
           !series_is_aside(name);
}

static struct source *
open_entry(struct entry *e)
{
    struct stamp stamp;
    struct error err;
    struct source *s = source_open(e->path, is_gz(e), &err);

    if (s == NULL) {
        if (!e->noted)
            tail_note(e->input->tail, LOG_WARN, "%s: %s", e->shown, err.text);
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

static bool
has_more(const struct life *life, struct source *s)
{
    char byte, before[PLACE_TAIL];

    return source_seek(s, life->offset, before, NULL) == 1 &&
           source_read(s, "", 0, &byte, 1, NULL) > 0;
}

static void
adopt(struct life *life, struct entry *e, bool more)
{
    life_close(life); /* the half line is there as well */
    life_settle(life, e);
    life->ready = more && life->number != 0;
    life->troubled = false;
}

static void
mark_copy(struct entry *e, struct life *life, bool more)
{
    e->kind = ENTRY_COPY;
    e->life = life;
    e->copy_at = life ? life->offset : 0;
    e->copy_more = more;
}

static void
begin_foreign(struct entry *e, struct source *s)
{
    struct life *life = life_new(e->input->tail, 0, e->path);
    char head[PLACE_HEAD], before[PLACE_TAIL];
    size_t n = source_head(s, head);
    uint64_t end = is_gz(e) ? n : e->stamp.size;

    life_settle(life, e);
    life_keep_head(life, 0, head, n);
    if (source_seek(s, end, before, NULL) != 1)
        return;
    life->offset = end;
    life->tail_hash =
        hash_bytes(before, end < PLACE_TAIL ? (size_t)end : PLACE_TAIL);
}

static void
begin_life(struct entry *e, struct source *s)
{
    struct tail *t = e->input->tail;
    bool from_end = e->from_start && t->options.from == TAIL_FROM_END;
    struct life *life;

    if (from_end && is_gz(e)) {
        begin_foreign(e, s);
        return;
    }
    life = life_new(t, ++t->last_number, e->path);
    life->came = e->came;
    life_settle(life, e);
    if (from_end)
        life_skip_to_end(life);
    life->ready = true;
}

/* By their names alone, as both were there at the start. */
static bool
is_younger(const char *name, const char *than)
{
    struct series_item items[2] = { { .name = than, .owner = NULL },
                                    { .name = name, .owner = items } };

    series_order(items, 2);
    return items[1].owner != NULL;
}

/* What stands aside and is of no life that is known: was it written after what
 * was read last? Then its lines were never seen. */
static bool
is_unread_rotation(const struct entry *e)
{
    const char *name = base_name(e->path);
    struct life *life, *newest = NULL;
    bool known = false;
    int64_t seen_ms = 0;

    if (!series_is_rotation(name + e->base_len))
        return false;
    if (!e->from_start)
        return true;
    DL_FOREACH(e->input->tail->lives, life)
    {
        if (!life->from_record || !life_is_kin(life, e))
            continue;
        known = true;
        if (life->seen_ms > seen_ms)
            seen_ms = life->seen_ms;
        if (life->entry != NULL &&
            (newest == NULL ||
             is_younger(base_name(life->path), base_name(newest->path))))
            newest = life;
    }
    if (newest != NULL && is_younger(name, base_name(newest->path)))
        return true;
    return known && e->stamp.changed_ns / 1000000 > seen_ms;
}

/* The life of the same inode that has lost its name. */
static struct life *
find_by_inode(const struct entry *e, struct source *s)
{
    struct life *life, *found = NULL;

    DL_FOREACH(e->input->tail->lives, life)
    {
        if (life->entry != NULL || life->dev != e->id.dev ||
            life->ino != e->id.ino || life->final)
            continue;
        if (found != NULL && found->offset >= life->offset)
            continue;
        if (life->source != NULL || life_match(life, s) == MATCH_YES)
            found = life;
    }
    return found;
}

/* The life whose file was replaced by this one, with the same bytes in it. */
static struct life *
find_replaced(const struct entry *e, struct source *s)
{
    struct life *life;

    DL_FOREACH(e->input->tail->lives, life)
    {
        if (life->entry == NULL && life->offset > 0 &&
            strcmp(life->path, e->path) == 0 && life_is_kin(life, e) &&
            life_match(life, s) == MATCH_YES)
            return life;
    }
    return NULL;
}

/* The life that this is a copy of, and how well it agrees. */
static enum match
find_copied(const struct entry *e, struct source *s, struct life **found)
{
    enum match best = MATCH_NO;
    struct life *life;

    *found = NULL;
    DL_FOREACH(e->input->tail->lives, life)
    {
        enum match match;
        if (!life_is_kin(life, e))
            continue;
        if (best == MATCH_YES && (*found)->offset >= life->offset)
            continue;
        match = life_match_copy(life, s);
        if (match == MATCH_FAILED)
            return match;
        if (match == MATCH_YES || (match != MATCH_NO && best == MATCH_NO)) {
            best = match;
            *found = life;
        }
    }
    return best;
}

static void
decide_copy(struct entry *e, struct source *s)
{
    struct life *life;
    enum match match = find_copied(e, s, &life);
    bool more, closed = e->closed || e->input->tail->options.once;

    switch (match) {
    case MATCH_YES:
        more = has_more(life, s);
        if (life->entry == NULL && life->source == NULL)
            adopt(life, e, more);
        else
            mark_copy(e, life, more);
        break;
    case MATCH_OLDER:
        mark_copy(e, NULL, false);
        break;
    case MATCH_SHORT:
        if (closed)
            mark_copy(e, NULL, false);
        else
            e->kind = ENTRY_WAITING;
        break;
    case MATCH_NO:
        if (input_follows(e->input, base_name(e->path)) ||
            is_unread_rotation(e))
            begin_life(e, s);
        else
            begin_foreign(e, s);
        break;
    default:
        e->kind = ENTRY_WAITING;
    }
}

/* A file that is not ours stays so as long as it is the same and nobody
 * follows its name. */
static bool
is_foreign_still(const struct entry *e, struct source *s)
{
    return !input_follows(e->input, base_name(e->path)) &&
           life_match(e->life, s) == MATCH_YES;
}

static void
decide(struct entry *e)
{
    struct source *s = open_entry(e);
    struct life *life;

    if (s == NULL)
        return;
    if (e->kind == ENTRY_OWN) {
        if (is_foreign_still(e, s)) {
            source_close(s);
            return;
        }
        life_discard(e->life);
    }
    if ((life = find_by_inode(e, s)) != NULL) {
        if (life->source == NULL)
            adopt(life, e, true);
        else
            life_settle(life, e);
    } else if (!is_written_to(e)) {
        decide_copy(e, s);
    } else if ((life = find_replaced(e, s)) != NULL) {
        adopt(life, e, true);
    } else {
        begin_life(e, s);
    }
    source_close(s);
}

/* A file without a name is read to its end before one that may be its
 * continuation is looked at. */
static bool
must_wait(const struct entry *e)
{
    const struct life *life;

    if (!is_written_to(e))
        return false;
    DL_FOREACH(e->input->tail->lives, life)
    {
        if (life->entry == NULL && life->ready && life_is_kin(life, e))
            return true;
    }
    return false;
}

bool
decide_one(struct input *in)
{
    struct entry *e;
    bool waiting = false;

    if (!in->has_due)
        return false;
    DL_FOREACH(in->entries, e)
    {
        if (!e->due)
            continue;
        if (must_wait(e)) {
            waiting = true;
            continue;
        }
        e->due = false;
        decide(e);
        e->closed = false;
        in->unordered = true;
        return true;
    }
    in->has_due = waiting;
    return false;
}

static void
verify_closed(struct entry *e)
{
    struct life *life = e->life;
    struct source *s = open_entry(e);
    enum match match = s ? life_match(life, s) : MATCH_FAILED;

    if (match == MATCH_YES)
        life->ready = has_more(life, s);
    else if (match == MATCH_FAILED)
        life->troubled = true;
    else
        read_leave_rewritten(life);
    source_close(s);
}

bool
decide_unsure(struct input *in)
{
    struct entry *e;

    if (!in->has_unsure)
        return false;
    DL_FOREACH(in->entries, e)
    {
        if (!e->unsure)
            continue;
        e->unsure = false;
        if (e->kind != ENTRY_OWN)
            continue;
        if (e->life->source == NULL)
            verify_closed(e);
        else if (life_is_rewritten(e->life))
            read_leave_rewritten(e->life);
        else
            life_touched(e->life);
        return true;
    }
    in->has_unsure = false;
    return false;
}

/* Whether the entry holds the life's bytes up to its place; and more? */
static bool
holds(struct entry *e, struct life *life, bool *more)
{
    struct source *s;
    bool yes;

    if (e->kind == ENTRY_COPY && e->life == life &&
        e->copy_at == life->offset) {
        *more = e->copy_more;
        return true;
    }
    s = open_entry(e);
    if (s == NULL)
        return false;
    yes = life_match_copy(life, s) == MATCH_YES;
    *more = yes && has_more(life, s);
    if (yes)
        life_learn_head(life, s);
    source_close(s);
    return yes;
}

static bool
look_for_copy(struct life *life)
{
    struct entry *e;
    bool more;

    DL_FOREACH(life->input->entries, e)
    {
        if (e->kind == ENTRY_OWN || !life_is_kin(life, e))
            continue;
        if (is_written_to(e) && strcmp(e->path, life->path) != 0)
            continue;
        if (holds(e, life, &more)) {
            adopt(life, e, more);
            return true;
        }
    }
    return false;
}

bool
decide_lost(struct input *in)
{
    struct life *life;

    if (!in->has_lost)
        return false;
    DL_FOREACH(in->tail->lives, life)
    {
        if (!life->lost || life->input != in)
            continue;
        life->lost = false;
        if (!look_for_copy(life) || (life->final && !life->ready))
            read_finish(life);
        return true;
    }
    in->has_lost = false;
    return false;
}

/* A .gz that was read to its end is known by its trailer: unpacking all of
 * them at each start would take its time. */
static bool
was_read(const struct entry *e, struct life *life)
{
    struct source *s;
    bool yes;

    if (!is_gz(e))
        return false;
    s = source_open(e->path, true, NULL);
    yes = s != NULL && source_ends_at(s, life->offset) &&
          life_match_head(life, s);
    if (yes)
        life_learn_head(life, s);
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
            adopt(life, e, false);
            return;
        }
    }
    s = source_open(e->path, is_gz(e), NULL);
    if (s == NULL)
        return;
    life = find_by_inode(e, s);
    if (life != NULL) {
        adopt(life, e, has_more(life, s));
        life_learn_head(life, s);
    }
    source_close(s);
}

static void
find_input(struct life *life)
{
    struct tail *t = life->tail;
    char *dir = mem_dup(life->path);
    char *slash = strrchr(dir, '/');

    if (slash != NULL)
        *slash = '\0';
    for (size_t i = 0; i < t->n_inputs && life->input == NULL; i++) {
        struct input *in = t->inputs[i];
        if (input_wants(in, base_name(life->path)) &&
            input_is_in(in, *dir ? dir : "/"))
            life->input = in;
    }
    if (life->input != NULL)
        life->lost = life->input->has_lost = true;
    mem_free(dir);
}

void
decide_records(struct tail *t)
{
    struct entry *e;
    struct life *life;

    for (e = t->by_id; e != NULL; e = e->hh.next)
        find_by_record(e);
    DL_FOREACH(t->lives, life)
    {
        if (life->entry == NULL)
            find_input(life);
    }
    for (e = t->by_id; e != NULL; e = e->hh.next)
        e->due = e->due && e->kind == ENTRY_NEW;
}
