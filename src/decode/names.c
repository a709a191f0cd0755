/* names.c -- the keys of a table that its shape does not know. */
#include "decode/names.h"

#include <stdlib.h>
#include <string.h>

static bool
is_key(const struct key *key, struct name name)
{
    return key->len == name.len && memcmp(key->name, name.text, name.len) == 0;
}

/* First by pointer, which tells for all strings that Lua keeps once. */
static bool
is_in(const struct shape *shape, const struct key *keys, struct name name)
{
    for (int i = 0; i < shape->count; i++)
        if (shape->names[i] == name.text)
            return true;
    for (int i = 0; i < shape->count; i++)
        if (is_key(&keys[shape->keys[i]], name))
            return true;
    return false;
}

static bool
is_known(const struct decoder *d, const struct shape *shape,
         const struct order *order, int without, struct name name)
{
    if (shape != NULL && is_in(shape, d->keys.at, name))
        return true;
    if (order != NULL && order_has(order, name.text, name.len))
        return true;
    return without != KEYS_NONE && is_key(&d->keys.at[without], name);
}

static int
compare(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, len);

    if (order != 0)
        return order;
    return (x->len > y->len) - (x->len < y->len);
}

void
names_gather(struct decoder *d, const struct shape *shape,
             const struct order *order, int without)
{
    size_t before = d->names.len, count;
    lua_State *T = d->pins.lua;
    struct name name;

    lua_pushnil(T);
    while (lua_next(T, -2)) {
        lua_pop(T, 1);
        name.text = lua_tolstring(T, -1, &name.len);
        if (!is_known(d, shape, order, without, name))
            bytes_add(&d->names, &name, sizeof name);
    }
    count = (d->names.len - before) / sizeof name;
    if (count > 1)
        qsort(d->names.at + before, count, sizeof name, compare);
}
