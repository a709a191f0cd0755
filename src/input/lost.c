/* lost.c -- files that do not hold their lives any more, and what does. */
#include "input/lost.h"

#include <string.h>
#include <utlist.h>

#include "input/decide.h"
#include "input/entry.h"
#include "input/life.h"
#include "input/open.h"
#include "input/read.h"

static void
verify_closed(struct entry *e)
{
    struct life *life = e->life;
    struct source *s = entry_open(e);
    enum match match = s ? match_life(life, s) : MATCH_FAILED;

    if (match == MATCH_YES)
        life->ready = decide_has_more(life, s);
    else if (match == MATCH_FAILED)
        life->troubled = true;
    else
        read_leave_rewritten(life);
    source_close(s);
}

bool
lost_check(struct input *in)
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
        else if (open_is_rewritten(e->life) && !open_go_back(e->life))
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
    s = entry_open(e);
    if (s == NULL)
        return false;
    yes = match_copy(life, s) == MATCH_YES;
    *more = yes && decide_has_more(life, s);
    if (yes)
        open_learn_head(life, s);
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
        if (entry_is_written_to(e) && strcmp(e->path, life->path) != 0)
            continue;
        if (holds(e, life, &more)) {
            decide_adopt(life, e, more);
            return true;
        }
    }
    return false;
}

bool
lost_find(struct input *in)
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
