/* order.c -- in which order scripts want the keys of their events. */
#include "decode/order.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static struct order_key
make_key(const char *name, size_t len)
{
    struct bytes quoted = { 0 };

    text_quote(&quoted, name, len);
    bytes_add(&quoted, ":", 1);
    return (struct order_key){ mem_dup_bytes(name, len), len, quoted.at,
                               quoted.len };
}

static void
free_key(struct order_key *key)
{
    mem_free(key->name);
    mem_free(key->quoted);
}

static bool
is_key(const struct order_key *key, const char *name, size_t len)
{
    return key->len == len && memcmp(key->name, name, len) == 0;
}

static void
empty(struct order *order)
{
    for (size_t i = 0; i < order->count; i++)
        free_key(&order->keys[i]);
    mem_free(order->keys);
    order->keys = NULL;
    order->count = 0;
}

void
orders_free(struct orders *o)
{
    for (size_t i = 0; i < o->count; i++) {
        empty(&o->at[i]);
        free_key(&o->at[i].of);
    }
    o->count = 0;
}

const struct order *
orders_find(const struct orders *o, const char *name, size_t len)
{
    for (size_t i = 0; i < o->count; i++)
        if (is_key(&o->at[i].of, name, len))
            return &o->at[i];
    return NULL;
}

static struct order *
add(struct orders *o, const char *name, size_t len, struct error *err)
{
    struct order *order = &o->at[o->count];

    if (o->count == ORDERS_MOST) {
        fail(err, "%.64s: there are orders for %d names already", name,
             ORDERS_MOST);
        return NULL;
    }
    if (len > ORDER_LONGEST) {
        fail(err, "%.64s...: a name of more than %d bytes", name,
             ORDER_LONGEST);
        return NULL;
    }
    *order = (struct order){ .of = make_key(name, len) };
    o->count++;
    return order;
}

struct order *
orders_begin(struct orders *o, const char *name, size_t len, struct error *err)
{
    struct order *order = (struct order *)orders_find(o, name, len);

    if (order == NULL)
        return add(o, name, len, err);
    empty(order);
    return order;
}

void
orders_drop(struct orders *o, struct order *order)
{
    empty(order);
    free_key(&order->of);
    *order = o->at[--o->count];
}

bool
order_has(const struct order *order, const char *key, size_t len)
{
    for (size_t i = 0; i < order->count; i++)
        if (is_key(&order->keys[i], key, len))
            return true;
    return false;
}

int
order_add(struct order *order, const char *key, size_t len, struct error *err)
{
    const char *name = order->of.name;

    if (order->count == ORDER_LONGEST)
        return fail(err, "%s: more than %d keys", name, ORDER_LONGEST);
    if (len > ORDER_LONGEST)
        return fail(err, "%s: the key %.64s... has more than %d bytes", name,
                    key, ORDER_LONGEST);
    if (order_has(order, key, len))
        return fail(err, "%s: the key \"%s\" is there twice", name, key);
    order->keys =
        mem_grow(order->keys, (order->count + 1) * sizeof *order->keys);
    order->keys[order->count++] = make_key(key, len);
    return 0;
}
