/* handlers.c -- who wants which event, in the order in which they run.
 *
 * A name that somebody asked for has a plan of its own, which holds the "*"
 * handlers too; all other names share one plan, so that strangers who invent
 * names cost no memory. */
#include "script/handlers.h"

#include <string.h>

#include "base/hash.h"
#define HASH_FUNCTION(key, len, to) ((to) = (unsigned)hash_bytes(key, len))
#include <uthash.h>

#include "base/mem.h"
#include "script/station.h"

struct named_plan {
    char *name;
    struct plan plan;
    UT_hash_handle hh;
};

struct handlers {
    struct named_plan *named;
    struct plan others; /* only the "*" handlers */
    struct handler **all;
    size_t n;
    uint32_t added; /* ever */
};

struct handlers *
handlers_new(void)
{
    return mem_new(sizeof(struct handlers));
}

static void
free_handler(struct handler *handler)
{
    mem_free(handler->name);
    mem_free(handler->where);
    mem_free(handler);
}

void
handlers_free(struct handlers *h)
{
    struct named_plan *p, *next;

    if (h == NULL)
        return;
    HASH_ITER(hh, h->named, p, next)
    {
        HASH_DEL(h->named, p);
        mem_free(p->name);
        mem_free(p->plan.list);
        mem_free(p);
    }
    for (size_t i = 0; i < h->n; i++)
        free_handler(h->all[i]);
    mem_free(h->others.list);
    mem_free(h->all);
    mem_free(h);
}

uint64_t
handlers_station_order(size_t station)
{
    return (uint64_t)(station + 1) << 32;
}

static void
insert(struct plan *plan, struct handler *handler)
{
    size_t at = plan->n;

    plan->list = mem_grow(plan->list, (plan->n + 1) * sizeof *plan->list);
    while (at > 0 && plan->list[at - 1]->order > handler->order) {
        plan->list[at] = plan->list[at - 1];
        at--;
    }
    plan->list[at] = handler;
    plan->n++;
}

static void
take_off(struct plan *plan, const struct handler *handler)
{
    size_t kept = 0;

    for (size_t i = 0; i < plan->n; i++)
        if (plan->list[i] != handler)
            plan->list[kept++] = plan->list[i];
    plan->n = kept;
}

static bool
is_host_event(const char *name)
{
    return strchr(name, '.') != NULL;
}

static struct plan *
plan_of(struct handlers *h, const char *name)
{
    struct named_plan *p;
    size_t len = strlen(name);

    HASH_FIND(hh, h->named, name, len, p);
    if (p != NULL)
        return &p->plan;
    p = mem_new(sizeof *p);
    p->name = mem_dup(name);
    HASH_ADD_KEYPTR(hh, h->named, p->name, len, p);
    if (!is_host_event(name))
        for (size_t i = 0; i < h->others.n; i++)
            insert(&p->plan, h->others.list[i]);
    return &p->plan;
}

static void
insert_everywhere(struct handlers *h, struct handler *handler)
{
    struct named_plan *p, *next;

    insert(&h->others, handler);
    HASH_ITER(hh, h->named, p, next)
    {
        if (!is_host_event(p->name))
            insert(&p->plan, handler);
    }
}

struct handler *
handlers_add(struct handlers *h, const char *name, const char *where,
             struct station *station, int function)
{
    struct handler *handler = mem_new(sizeof *handler);

    handler->order = handlers_station_order(station->index) + h->added++;
    handler->station = station;
    handler->name = mem_dup(name);
    handler->where = mem_dup(where);
    handler->function = function;
    h->all = mem_grow(h->all, (h->n + 1) * sizeof *h->all);
    h->all[h->n++] = handler;
    if (strcmp(name, "*") == 0)
        insert_everywhere(h, handler);
    else
        insert(plan_of(h, name), handler);
    return handler;
}

static void
forget(struct handlers *h, const struct handler *handler)
{
    size_t i = h->n;

    while (h->all[--i] != handler)
        continue;
    memmove(&h->all[i], &h->all[i + 1], (--h->n - i) * sizeof *h->all);
}

void
handlers_remove(struct handlers *h, struct handler *handler)
{
    struct named_plan *p, *next;

    take_off(&h->others, handler);
    HASH_ITER(hh, h->named, p, next)
    {
        take_off(&p->plan, handler);
    }
    forget(h, handler);
    free_handler(handler);
}

const struct plan *
handlers_plan(struct handlers *h, const char *name, size_t len)
{
    static const struct plan none;
    struct named_plan *p;

    HASH_FIND(hh, h->named, name, len, p);
    if (p != NULL)
        return &p->plan;
    return memchr(name, '.', len) != NULL ? &none : &h->others;
}

struct handler *
plan_next(const struct plan *plan, uint64_t order)
{
    for (size_t i = 0; i < plan->n; i++)
        if (plan->list[i]->order > order)
            return plan->list[i];
    return NULL;
}

struct handler *const *
handlers_all(const struct handlers *h, size_t *n)
{
    *n = h->n;
    return h->all;
}
