/* match.c -- whether the bytes of a file are those of a life. */
#include "input/match.h"

#include <string.h>

#include "base/hash.h"
#include "input/entry.h"
#include "input/life.h"

static enum match
compare_head(const struct life *life, const char *head, size_t len)
{
    size_t n = life_head_size(life->offset);

    if (len >= n)
        return hash_bytes(head, n) == life_head_hash(life, n) ? MATCH_YES
                                                              : MATCH_NO;
    /* Of a record whose file is gone there is only a hash of more bytes. */
    if (life->head_len < len)
        return MATCH_NO;
    return len == 0 || memcmp(head, life->head, len) == 0 ? MATCH_SHORT
                                                          : MATCH_NO;
}

bool
match_head(const struct life *life, struct source *s)
{
    char head[PLACE_HEAD];

    return compare_head(life, head, source_head(s, head)) == MATCH_YES;
}

enum match
match_life(const struct life *life, struct source *s)
{
    char head[PLACE_HEAD], before[PLACE_TAIL];
    size_t len = source_head(s, head);
    enum match match = compare_head(life, head, len);
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

/* Nothing but half a line was read of the life, and its file is gone. */
static enum match
compare_half_line(const struct life *life, struct source *s)
{
    char head[PLACE_HEAD];
    size_t n, both;

    n = source_head(s, head);
    both = n < life->head_len ? n : life->head_len;
    if (source_failed(s))
        return MATCH_FAILED;
    if (both == 0 || memcmp(head, life->head, both) != 0)
        return MATCH_NO;
    return n < life->head_len ? MATCH_SHORT : MATCH_YES;
}

enum match
match_copy(const struct life *life, struct source *s)
{
    struct source *own;
    bool same;

    if (life->offset > 0)
        return match_life(life, s);
    if (life->entry == NULL)
        return compare_half_line(life, s);
    own = source_open(life->path, entry_is_gz(life->entry), NULL);
    same = own != NULL && source_begins_with(own, s);
    source_close(own);
    return same ? MATCH_YES : MATCH_NO;
}
