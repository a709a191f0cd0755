/* open.c -- the file of a life, opened where it was read to. */
#include "input/open.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "input/life.h"
#include "input/series.h"

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
    if (life->head_len > life_head_size(life->offset))
        life->head_len = life_head_size(life->offset);
    if (life->lines == NULL)
        life->lines = lines_new(life->tail->options.max_line);
    lines_seek(life->lines, life->offset, before, n);
    return 0;
}

void
open_learn_head(struct life *life, struct source *s)
{
    char head[PLACE_HEAD];
    size_t n = life_head_size(life->offset);

    if (life->head_len >= n || source_head(s, head) < n)
        return;
    life->head_len = 0;
    open_keep_head(life, 0, head, n);
}

enum match
open_life(struct life *life, struct error *err)
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
    match = match_life(life, life->source);
    if (match != MATCH_YES)
        goto undo;
    open_learn_head(life, life->source);
    match = MATCH_FAILED;
    if (stand_at_place(life, err) < 0)
        goto undo;
    return MATCH_YES;
undo:
    open_close(life);
    return match;
}

bool
open_is_rewritten(const struct life *life)
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
open_go_back(struct life *life)
{
    /* At place 0 there is nothing to know the file by. */
    return life->offset > 0 && lines_read_end(life->lines) > life->offset &&
           match_life(life, life->source) == MATCH_YES &&
           stand_at_place(life, NULL) == 0;
}

void
open_close_source(struct life *life)
{
    if (life->source == NULL)
        return;
    source_close(life->source);
    life->source = NULL;
    life->tail->n_open--;
}

void
open_close(struct life *life)
{
    open_close_source(life);
    if (life->lines != NULL)
        life->nul_runs += lines_nul_runs(life->lines);
    lines_free(life->lines);
    life->lines = NULL;
}

void
open_skip_to_end(struct life *life)
{
    char before[PLACE_TAIL];
    struct source *s = source_open(life->path, false, NULL);
    uint64_t offset = s ? source_last_newline(s) : 0;

    if (s != NULL && source_seek(s, offset, before, NULL) == 1) {
        life->offset = offset;
        life->line = source_count_lines(s, offset);
        life->tail_hash = hash_bytes(
            before, offset < PLACE_TAIL ? (size_t)offset : PLACE_TAIL);
        open_learn_head(life, s);
    }
    source_close(s);
}

void
open_keep_head(struct life *life, uint64_t offset, const char *bytes, size_t n)
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
open_first_line(struct life *life)
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
