/* order.h -- in which order scripts want the keys of their events.
 *
 * An event that came from a line has the line's own order, its shape. One that
 * a script made has none: for such events the order of their name counts. It is
 * kept apart from the keys and shapes seen, which are forgotten at times. */
#ifndef DECODE_ORDER_H
#define DECODE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define ORDERS_MOST   64 /* names */
#define ORDER_LONGEST 64 /* keys of one, and bytes of a name or a key */

struct order_key {
    char *name;
    size_t len;
    char *quoted; /* with its colon, as in "name": */
    size_t quoted_len;
};

struct order {
    struct order_key of; /* the event's name */
    struct order_key *keys;
    size_t count;
};

struct orders {
    struct order at[ORDERS_MOST];
    size_t count;
};

void orders_free(struct orders *o);

/* The order of that name, emptied if there was one: NULL when there are
 * ORDERS_MOST others. */
struct order *orders_begin(struct orders *o, const char *name, size_t len,
                           struct error *err);

/* Forgets it; another may take its place. */
void orders_drop(struct orders *o, struct order *order);

/* Adds the key that comes next. -1: it is there already, it is too long, or
 * the order is. */
int order_add(struct order *order, const char *key, size_t len,
              struct error *err);

/* The order of that name, or NULL. */
const struct order *orders_find(const struct orders *o, const char *name,
                                size_t len);

bool order_has(const struct order *order, const char *key, size_t len);

#endif
