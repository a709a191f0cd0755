/* timers.c -- what is due when: a binary heap, with a table of its members. */
#include "script/timers.h"

#include <stddef.h>
#include <uthash.h>

#include "base/mem.h"
#include "script/station.h"

struct member {
    struct timer timer; /* first: one is the other */
    size_t at;          /* where it is in the heap */
    UT_hash_handle hh;
};

struct timers {
    struct member **heap;
    size_t n, cap;
    struct member *by_token;
    uint64_t tokens;
};

struct timers *
timers_new(void)
{
    return mem_new(sizeof(struct timers));
}

void
timers_free(struct timers *t)
{
    struct member *m, *next;

    if (t == NULL)
        return;
    HASH_ITER(hh, t->by_token, m, next)
    {
        HASH_DEL(t->by_token, m);
        mem_free(m);
    }
    mem_free(t->heap);
    mem_free(t);
}

static bool
is_before(const struct member *a, const struct member *b)
{
    const struct timer *x = &a->timer, *y = &b->timer;

    if (x->due_ms != y->due_ms)
        return x->due_ms < y->due_ms;
    if (x->station != y->station)
        return x->station->index < y->station->index;
    return x->number < y->number;
}

static void
set(struct timers *t, size_t at, struct member *m)
{
    t->heap[at] = m;
    m->at = at;
}

static void
rise(struct timers *t, struct member *m)
{
    size_t at = m->at;

    while (at > 0 && is_before(m, t->heap[(at - 1) / 2])) {
        set(t, at, t->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    set(t, at, m);
}

static void
sink(struct timers *t, struct member *m)
{
    size_t at = m->at, child;

    while ((child = 2 * at + 1) < t->n) {
        if (child + 1 < t->n && is_before(t->heap[child + 1], t->heap[child]))
            child++;
        if (!is_before(t->heap[child], m))
            break;
        set(t, at, t->heap[child]);
        at = child;
    }
    set(t, at, m);
}

uint64_t
timers_add(struct timers *t, const struct timer *timer)
{
    struct member *m = mem_new(sizeof *m);

    m->timer = *timer;
    if (m->timer.token == 0)
        m->timer.token = ++t->tokens;
    else if (m->timer.token > t->tokens)
        t->tokens = m->timer.token; /* of another table: never given again */
    HASH_ADD(hh, t->by_token, timer.token, sizeof m->timer.token, m);
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 16;
        t->heap = mem_grow(t->heap, t->cap * sizeof(struct member *));
    }
    set(t, t->n++, m);
    rise(t, m);
    return m->timer.token;
}

static struct timer *
take_out(struct timers *t, struct member *m)
{
    struct member *last = t->heap[--t->n];

    if (last != m) {
        set(t, m->at, last);
        rise(t, last);
        sink(t, last);
    }
    HASH_DEL(t->by_token, m);
    return &m->timer;
}

struct timer *
timers_take(struct timers *t, int64_t ms)
{
    if (t->n == 0 || t->heap[0]->timer.due_ms > ms)
        return NULL;
    return take_out(t, t->heap[0]);
}

struct timer *
timers_cancel(struct timers *t, uint64_t token)
{
    struct member *m;

    HASH_FIND(hh, t->by_token, &token, sizeof token, m);
    return m != NULL ? take_out(t, m) : NULL;
}

int64_t
timers_next(const struct timers *t)
{
    return t->n > 0 ? t->heap[0]->timer.due_ms : TIMER_UNKNOWN;
}

bool
timers_is_empty(const struct timers *t)
{
    return t->n == 0;
}
