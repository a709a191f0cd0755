/* handlers.h -- who wants which event, in the order in which they run. */
#ifndef SCRIPT_HANDLERS_H
#define SCRIPT_HANDLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct station;

/* `order` grows with the station on the command line, then with registration:
 * whoever remembers the order of the handler that ran last can go on behind
 * it, whatever was added or taken off meanwhile. */
struct handler {
    uint64_t order;
    struct station *station;
    char *name;   /* the event's name, or "*" */
    char *where;  /* "rules.lua:12", where it was registered */
    int function; /* a reference in the Lua registry */
};

/* The handlers of one event, in order. It lives as long as `handlers`, and
 * changes in place. */
struct plan {
    struct handler **list;
    size_t n;
};

struct handlers;
struct handlers *handlers_new(void);
void handlers_free(struct handlers *h);

/* The order of a station's first possible handler. */
uint64_t handlers_station_order(size_t station);

/* Copies the words. "*" is every event whose name has no dot. */
struct handler *handlers_add(struct handlers *h, const char *name,
                             const char *where, struct station *station,
                             int function);
/* Takes it off every plan and frees it. */
void handlers_remove(struct handlers *h, struct handler *handler);

/* The plan of an event; one without handlers for a name nobody asked for. */
const struct plan *handlers_plan(struct handlers *h, const char *name,
                                 size_t len);

/* The first handler of the plan behind `order`, or NULL. */
struct handler *plan_next(const struct plan *plan, uint64_t order);

/* All there are, in the order of adding, and how many. */
struct handler *const *handlers_all(const struct handlers *h, size_t *n);

#endif
