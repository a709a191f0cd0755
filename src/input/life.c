/* life.c -- one life of a file: where it is read to, and how it is known. */
#include "input/life.h"

#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "input/entry.h"
#include "input/open.h"
#include "input/series.h"

#define GONE_MOST 256

size_t
life_head_size(uint64_t offset)
{
    return offset < PLACE_HEAD ? (size_t)offset : PLACE_HEAD;
}

struct life *
life_new(struct tail *t, uint32_t number, const char *path)
{
    struct life *life = mem_new(sizeof *life);

    life->tail = t;
    life->number = number;
    life->path = mem_dup(path);
    life->shown = mem_dup(path);
    life->base_len = series_base_len(base_name(path));
    life->tail_hash = hash_bytes("", 0);
    life->moved_s = ev_now(t->loop);
    if (number != 0)
        HASH_ADD(hh, t->numbered, number, sizeof number, life);
    DL_APPEND(t->lives, life);
    return life;
}

struct life *
life_from_record(struct tail *t, const struct record *record)
{
    struct life *life = life_new(t, record->place.file, record->path);

    life->dev = record->dev;
    life->ino = record->ino;
    life->offset = record->place.offset;
    life->line = record->place.line;
    life->tail_hash = record->place.tail;
    life->head_hash = record->head;
    life->seen_ms = record->seen_ms;
    life->from_record = true;
    return life;
}

void
life_free(struct life *life)
{
    struct tail *t = life->tail;

    open_close(life);
    t->nul_runs += life->nul_runs;
    if (life->number != 0)
        HASH_DELETE(hh, t->numbered, life);
    DL_DELETE(t->lives, life);
    mem_free(life->path);
    mem_free(life->shown);
    mem_free(life->target);
    mem_free(life->head);
    mem_free(life);
}

uint64_t
life_head_hash(const struct life *life, size_t n)
{
    return life->head_len >= n ? hash_bytes(life->head, n) : life->head_hash;
}

bool
life_is_kin(const struct life *life, const struct entry *e)
{
    return life->input == e->input && life->base_len == e->base_len &&
           memcmp(base_name(life->path), base_name(e->path), e->base_len) == 0;
}

void
life_named(struct life *life, const char *path, const char *shown)
{
    mem_free(life->path);
    mem_free(life->shown);
    life->path = mem_dup(path);
    life->shown = mem_dup(shown);
    life->base_len = series_base_len(base_name(path));
    if (life->input != NULL)
        life->input->unordered = true;
}

void
life_settle(struct life *life, struct entry *e)
{
    life->entry = e;
    life->input = e->input;
    life->dev = e->id.dev;
    life->ino = e->id.ino;
    life->lost = false;
    if (life->gone) {
        life->gone = false;
        life->tail->n_gone--;
    }
    life_named(life, e->path, e->shown);
    mem_free(life->target);
    life->target = e->is_link ? mem_dup(e->real) : NULL;
    e->kind = ENTRY_OWN;
    e->life = life;
    e->due = false;
}

void
life_unsettle(struct life *life)
{
    life->entry->life = NULL;
    life->entry->kind = ENTRY_NEW;
    /* What was put aside got its bytes before its name. */
    if (base_name(life->entry->path)[life->entry->base_len] == '\0')
        life->entry->came = ++life->tail->came;
    entry_is_due(life->entry);
    life->entry = NULL;
    life->seen_ms = clock_wall_ms();
    if (life->source == NULL)
        life->lost = life->input->has_lost = true;
    else
        life->ready = true;
}

void
life_touched(struct life *life)
{
    life->ready = life->number != 0;
}

void
life_end(struct life *life)
{
    life->ready = life->lost = false;
    if (life->gone)
        return;
    life->gone = true;
    life->tail->n_gone++;
    if (life->input != NULL)
        life->input->unordered = true;
}

void
life_describe(const struct life *life, struct record *record)
{
    record->path = life->target ? life->target : life->path;
    record->dev = life->dev;
    record->ino = life->ino;
    record->head = life_head_hash(life, life_head_size(record->place.offset));
    record->seen_ms =
        life->entry || life->source ? clock_wall_ms() : life->seen_ms;
}

void
life_discard(struct life *life)
{
    if (life->entry != NULL)
        life_unsettle(life);
    for (struct entry *e = life->tail->by_id; e != NULL; e = e->hh.next)
        if (e->life == life)
            e->life = NULL;
    if (life->gone)
        life->tail->n_gone--;
    if (life->input != NULL)
        life->input->unordered = true;
    life_free(life);
}

void
life_forget_some(struct tail *t)
{
    struct life *life, *next;

    DL_FOREACH_SAFE(t->lives, life, next)
    {
        if (t->n_gone <= GONE_MOST)
            return;
        if (life->gone)
            life_discard(life);
    }
}

void
life_count(const struct life *life, struct tail_progress *progress)
{
    uint64_t at = life->lines ? lines_read_end(life->lines) : life->offset;
    uint64_t size = life->entry ? life->entry->stamp.size : 0;

    progress->nul_runs += life->nul_runs;
    if (life->lines != NULL)
        progress->nul_runs += lines_nul_runs(life->lines);
    if (life->number == 0 || life->input == NULL)
        return;
    progress->files += life->entry != NULL;
    if (series_is_gz(base_name(life->path)))
        return;
    progress->read_bytes += at;
    progress->known_bytes += at > size ? at : size;
}
