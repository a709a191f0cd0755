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
#include "input/entry.h"
#include "input/input.h"
#include "input/life.h"
#include "input/open.h"
#include "input/series.h"

bool
decide_has_more(const struct life *life, struct source *s)
{
    char byte, before[PLACE_TAIL];

    return source_seek(s, life->offset, before, NULL) == 1 &&
           source_read(s, "", 0, &byte, 1, NULL) > 0;
}

void
decide_adopt(struct life *life, struct entry *e, bool more)
{
    open_close(life); /* the half line is there as well */
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
    uint64_t end = entry_is_gz(e) ? n : e->stamp.size;

    life_settle(life, e);
    open_keep_head(life, 0, head, n);
    if (source_seek(s, end, before, NULL) != 1)
        return;
    life->offset = end;
    life->tail_hash =
        hash_bytes(before, end < PLACE_TAIL ? (size_t)end : PLACE_TAIL);
}

static void
skip_to_end(struct life *life)
{
    struct tail *t = life->tail;

    open_skip_to_end(life);
    if (t->calls.skipped != NULL && life->offset > 0)
        t->calls.skipped(t->arg, (struct place){ .file = life->number,
                                                 .offset = life->offset,
                                                 .line = life->line,
                                                 .tail = life->tail_hash });
}

static void
begin_life(struct entry *e, struct source *s)
{
    struct tail *t = e->input->tail;
    bool from_end = e->from_start && t->options.from == TAIL_FROM_END;
    struct life *life;

    if (from_end && entry_is_gz(e)) {
        begin_foreign(e, s);
        return;
    }
    life = life_new(t, ++t->last_number, e->path);
    life->came = e->came;
    life_settle(life, e);
    if (from_end)
        skip_to_end(life);
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

struct life *
decide_by_inode(const struct entry *e, struct source *s)
{
    struct life *life, *found = NULL;

    DL_FOREACH(e->input->tail->lives, life)
    {
        if (life->entry != NULL || life->dev != e->id.dev ||
            life->ino != e->id.ino || life->final)
            continue;
        if (found != NULL && found->offset >= life->offset)
            continue;
        if (life->source != NULL || match_life(life, s) == MATCH_YES)
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
            match_life(life, s) == MATCH_YES)
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
        match = match_copy(life, s);
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
        more = decide_has_more(life, s);
        if (life->entry == NULL && life->source == NULL)
            decide_adopt(life, e, more);
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
           match_life(e->life, s) == MATCH_YES;
}

static void
decide(struct entry *e)
{
    struct source *s = entry_open(e);
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
    if ((life = decide_by_inode(e, s)) != NULL) {
        if (life->source == NULL)
            decide_adopt(life, e, true);
        else
            life_settle(life, e);
    } else if (!entry_is_written_to(e)) {
        decide_copy(e, s);
    } else if ((life = find_replaced(e, s)) != NULL) {
        decide_adopt(life, e, true);
    } else {
        begin_life(e, s);
    }
    source_close(s);
}

/* A copy may be in the making of what is written to: that is decided first. */
static bool
is_younger_due(const struct entry *e)
{
    const struct entry *other;

    DL_FOREACH(e->input->entries, other)
    {
        if (other->due && other->base_len == e->base_len && other != e &&
            entry_is_written_to(other) &&
            memcmp(base_name(other->path), base_name(e->path), e->base_len) ==
                0)
            return true;
    }
    return false;
}

/* A file without a name is read to its end before one that may be its
 * continuation is looked at. */
static bool
must_wait(const struct entry *e)
{
    const struct life *life;

    if (!entry_is_written_to(e))
        return is_younger_due(e);
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
