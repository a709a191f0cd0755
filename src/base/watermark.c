/* watermark.c -- how far the events' clock has come. */
#include "base/watermark.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/mem.h"

#define AHEAD_MS    INT64_C(3600000)
#define EARLIEST_MS INT64_C(1000000000000) /* 2001-09-09 */

struct series {
    uint32_t number;
    int64_t seen_ms; /* WATERMARK_NONE: no timestamp yet */
    bool rests;
};

struct watermark {
    int64_t lateness_ms;
    int64_t at_ms, seen_ms;
    int64_t believed_ms; /* up to it timestamps need no look at the wall */
    struct series *series;
    size_t n_series;
    size_t last; /* the one looked for last */
    struct watermark_counts counts;
};

struct watermark *
watermark_new(int64_t lateness_ms)
{
    struct watermark *w = mem_new(sizeof *w);

    w->lateness_ms = lateness_ms;
    w->at_ms = WATERMARK_NONE;
    return w;
}

void
watermark_free(struct watermark *w)
{
    if (w == NULL)
        return;
    mem_free(w->series);
    mem_free(w);
}

static struct series *
find(struct watermark *w, uint32_t number)
{
    if (w->last < w->n_series && w->series[w->last].number == number)
        return &w->series[w->last];
    for (size_t i = 0; i < w->n_series; i++) {
        if (w->series[i].number == number) {
            w->last = i;
            return &w->series[i];
        }
    }
    w->series = mem_grow(w->series, (w->n_series + 1) * sizeof *w->series);
    w->last = w->n_series++;
    w->series[w->last] = (struct series){ number, WATERMARK_NONE, false };
    return &w->series[w->last];
}

void
watermark_add(struct watermark *w, uint32_t series)
{
    find(w, series);
}

/* Up to where the series that are being read have come. */
static int64_t
slowest(const struct watermark *w)
{
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < w->n_series; i++)
        if (!w->series[i].rests && w->series[i].seen_ms < least)
            least = w->series[i].seen_ms;
    return least;
}

void
watermark_push(struct watermark *w, int64_t ms)
{
    if (ms > w->at_ms)
        w->at_ms = ms;
}

static void
move(struct watermark *w)
{
    int64_t slow = slowest(w);

    if (slow != WATERMARK_NONE && slow != INT64_MAX)
        watermark_push(w, slow - w->lateness_ms);
}

static bool
is_believed(struct watermark *w, int64_t ms)
{
    if (ms <= w->believed_ms)
        return true;
    w->believed_ms = clock_wall_ms() + AHEAD_MS;
    return ms <= w->believed_ms;
}

void
watermark_line(struct watermark *w, uint32_t series, int64_t ms)
{
    struct series *s = find(w, series);

    s->rests = false;
    if (ms <= 0)
        return;
    if (ms < EARLIEST_MS) {
        w->counts.early++;
        return;
    }
    if (!is_believed(w, ms)) {
        w->counts.ahead++;
        return;
    }
    w->counts.late += ms < w->at_ms;
    if (ms > w->seen_ms)
        w->seen_ms = ms;
    if (ms <= s->seen_ms)
        return;
    s->seen_ms = ms;
    move(w);
}

void
watermark_rest(struct watermark *w, uint32_t series)
{
    find(w, series)->rests = true;
    move(w);
}

bool
watermark_all_rest(const struct watermark *w)
{
    for (size_t i = 0; i < w->n_series; i++)
        if (!w->series[i].rests)
            return false;
    return true;
}

void
watermark_wall(struct watermark *w, int64_t wall_ms)
{
    if (watermark_all_rest(w))
        watermark_push(w, wall_ms - 2 * w->lateness_ms);
}

int64_t
watermark_wall_for(const struct watermark *w, int64_t ms)
{
    return ms + 2 * w->lateness_ms;
}

int64_t
watermark_at(const struct watermark *w)
{
    return w->at_ms;
}

int64_t
watermark_seen(const struct watermark *w)
{
    return w->seen_ms;
}

void
watermark_restore(struct watermark *w, int64_t at, int64_t seen)
{
    w->at_ms = at;
    w->seen_ms = seen;
}

static int64_t
seen_of(const struct watermark *w, uint32_t series)
{
    for (size_t i = 0; i < w->n_series; i++)
        if (w->series[i].number == series)
            return w->series[i].seen_ms;
    return WATERMARK_NONE;
}

bool
watermark_is_behind(const struct watermark *w, uint32_t series, uint32_t other)
{
    return seen_of(w, series) < seen_of(w, other);
}

void
watermark_counts(const struct watermark *w, struct watermark_counts *counts)
{
    *counts = w->counts;
}
