/* life.c -- one life of a file: where it is read to, and how it is known. */
#include "input/life.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "input/series.h"

#define GONE_MOST 256

static size_t
head_size(uint64_t offset)
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

    life_close(life);
    t->nul_runs += life->nul_runs;
    if (life->number != 0)
        HASH_DELETE(hh, t->numbered, life);
    DL_DELETE(t->lives, life);
    mem_free(life->path);
    mem_free(life->shown);
    mem_free(life->head);
    mem_free(life);
}

static uint64_t
head_hash(const struct life *life, size_t n)
{
    return life->head_len >= n ? hash_bytes(life->head, n) : life->head_hash;
}

static enum match
match_head(const struct life *life, const char *head, size_t len)
{
    size_t n = head_size(life->offset);

    if (len >= n)
        return hash_bytes(head, n) == head_hash(life, n) ? MATCH_YES : MATCH_NO;
    /* Of a record whose file is gone there is only a hash of more bytes. */
    if (life->head_len < len)
        return MATCH_NO;
    return len == 0 || memcmp(head, life->head, len) == 0 ? MATCH_SHORT
                                                          : MATCH_NO;
}

bool
life_match_head(const struct life *life, struct source *s)
{
    char head[PLACE_HEAD];

    return match_head(life, head, source_head(s, head)) == MATCH_YES;
}

enum match
life_match(const struct life *life, struct source *s)
{
    char head[PLACE_HEAD], before[PLACE_TAIL];
    size_t len = source_head(s, head);
    enum match match = match_head(life, head, len);
    size_t n = life->offset < PLACE_TAIL ? (size_t)life->offset : PLACE_TAIL;
    int rc;

    if (source_failed(s))
        return MATCH_FAILED;
    if (match != MATCH_YES)
        return match;
    rc = source_seek(s, life->offset, before, NULL);
    if (rc < 0)
        return source_failed(s) ? MATCH_FAILED : MATCH_NO;
    if (rc == 0)
        return source_is_whole_gz(s) ? MATCH_OLDER : MATCH_SHORT;
    return hash_bytes(before, n) == life->tail_hash ? MATCH_YES : MATCH_NO;
}

enum match
life_match_copy(const struct life *life, struct source *s)
{
    char head[PLACE_HEAD];
    size_t n, both;

    if (life->offset > 0)
        return life_match(life, s);
    n = source_head(s, head);
    both = n < life->head_len ? n : life->head_len;
    if (source_failed(s))
        return MATCH_FAILED;
    if (both == 0 || memcmp(head, life->head, both) != 0)
        return MATCH_NO;
    return n < life->head_len ? MATCH_SHORT : MATCH_YES;
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

/* What stands before the place, and the first bytes. The place is known to be
 * there. */
static int
stand_at_place(struct life *life, struct error *err)
{
    char before[PLACE_TAIL];
    size_t n = life->offset < PLACE_TAIL ? (size_t)life->offset : PLACE_TAIL;

    if (source_seek(life->source, life->offset, before, err) <= 0)
        return -1;
    /* What was kept of a half line may be another one by now. */
    if (life->head_len > head_size(life->offset))
        life->head_len = head_size(life->offset);
    if (life->lines == NULL)
        life->lines = lines_new(life->tail->options.max_line);
    lines_seek(life->lines, life->offset, before, n);
    return 0;
}

void
life_learn_head(struct life *life, struct source *s)
{
    char head[PLACE_HEAD];
    size_t n = head_size(life->offset);

    if (life->head_len >= n || source_head(s, head) < n)
        return;
    life->head_len = 0;
    life_keep_head(life, 0, head, n);
}

enum match
life_open(struct life *life, struct error *err)
{
    struct stamp stamp;
    enum match match = MATCH_FAILED;
    bool gz = series_is_gz(base_name(life->path));

    fail(err, "it could not be read");
    life->source = source_open(life->path, gz, err);
    if (life->source == NULL)
        return errno == ENOENT ? MATCH_ELSEWHERE : MATCH_FAILED;
    life->tail->n_open++;
    if (source_stamp(life->source, &stamp) < 0)
        goto undo;
    match = MATCH_ELSEWHERE;
    if (stamp.dev != life->dev || stamp.ino != life->ino)
        goto undo;
    match = life_match(life, life->source);
    if (match != MATCH_YES)
        goto undo;
    life_learn_head(life, life->source);
    match = MATCH_FAILED;
    if (stand_at_place(life, err) < 0)
        goto undo;
    return MATCH_YES;
undo:
    life_close(life);
    return match;
}

bool
life_is_rewritten(const struct life *life)
{
    char head[PLACE_HEAD];
    size_t n;

    if (life->head_len == 0 || source_is_gz(life->source))
        return false;
    n = source_head(life->source, head);
    if (source_failed(life->source))
        return false;
    return n < life->head_len || memcmp(head, life->head, life->head_len) != 0;
}

bool
life_go_back(struct life *life)
{
    return lines_read_end(life->lines) > life->offset &&
           life_match(life, life->source) == MATCH_YES &&
           stand_at_place(life, NULL) == 0;
}

void
life_close_source(struct life *life)
{
    if (life->source == NULL)
        return;
    source_close(life->source);
    life->source = NULL;
    life->tail->n_open--;
}

void
life_close(struct life *life)
{
    life_close_source(life);
    if (life->lines != NULL)
        life->nul_runs += lines_nul_runs(life->lines);
    lines_free(life->lines);
    life->lines = NULL;
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
life_skip_to_end(struct life *life)
{
    char before[PLACE_TAIL];
    struct source *s = source_open(life->path, false, NULL);
    uint64_t offset = s ? source_last_newline(s) : 0;

    if (s != NULL && source_seek(s, offset, before, NULL) == 1) {
        life->offset = offset;
        life->line = source_count_lines(s, offset);
        life->tail_hash = hash_bytes(
            before, offset < PLACE_TAIL ? (size_t)offset : PLACE_TAIL);
        life_learn_head(life, s);
    }
    source_close(s);
}

void
life_keep_head(struct life *life, uint64_t offset, const char *bytes, size_t n)
{
    size_t more = PLACE_HEAD - life->head_len;

    if (life->head_len != offset || more == 0)
        return;
    if (more > n)
        more = n;
    life->head = mem_grow(life->head, life->head_len + more);
    memcpy(life->head + life->head_len, bytes, more);
    life->head_len += more;
    life->first_line = 0;
}

uint64_t
life_first_line(struct life *life)
{
    const char *newline;
    size_t len = life->head_len;

    if (life->first_line == 0 && len > 0) {
        newline = memchr(life->head, '\n', len);
        if (newline != NULL)
            len = (size_t)(newline - life->head);
        life->first_line = hash_bytes(life->head, len);
    }
    return life->first_line;
}

void
life_describe(const struct life *life, struct record *record)
{
    record->path = life->path;
    record->dev = life->dev;
    record->ino = life->ino;
    record->head = head_hash(life, head_size(record->place.offset));
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
