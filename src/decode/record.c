/* record.c -- a line of call detail records becomes an event, and back. */
#include "decode/record.h"

#include <string.h>

#include "decode/decoder.h"
#include "decode/encode.h"
#include "decode/equal.h"
#include "decode/flat.h"
#include "decode/json.h"

static void
make_array_meta(struct decoder *d)
{
    lua_State *T = d->pins.lua;

    lua_createtable(T, 0, 0);
    d->array_meta = lua_topointer(T, -1);
    lua_rawsetp(T, LUA_REGISTRYINDEX, &d->array_meta);
}

/* What is always pinned. */
static void
pin(struct decoder *d)
{
    lua_rawgetp(d->pins.lua, LUA_REGISTRYINDEX, &d->array_meta);
    d->array_slot = pins_add(&d->pins);
    d->event_key = keys_find(&d->keys, "event", 5);
    d->session_key = keys_find(&d->keys, "sessionId", 9);
    d->time_key = keys_find(&d->keys, "timestamp", 9);
}

struct decoder *
decoder_new(lua_State *L)
{
    struct decoder *d = mem_new(sizeof *d);

    lua_checkstack(L, 2);
    d->pins.lua = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, d);
    lua_checkstack(d->pins.lua, PINS_WORK);
    keys_init(&d->keys, &d->pins);
    shapes_init(&d->shapes, &d->keys, &d->pins);
    d->values.pins = &d->pins;
    make_array_meta(d);
    pin(d);
    return d;
}

/* Keys that are ids would fill the tables for ever: when they are full, all
 * begin anew. */
static void
reset_if_crowded(struct decoder *d)
{
    if (!d->keys.crowded && !d->shapes.crowded)
        return;
    keys_reset(&d->keys);
    shapes_reset(&d->shapes);
    values_reset(&d->values);
    lua_settop(d->pins.lua, 0);
    d->pins.count = 0;
    pin(d);
}

void
decoder_free(struct decoder *d)
{
    if (d == NULL)
        return;
    shapes_free(&d->shapes);
    keys_free(&d->keys);
    orders_free(&d->orders);
    arena_free(&d->arena);
    bytes_free(&d->names);
    mem_free(d);
}

static int
begin(struct decoder *d, struct error *err)
{
    if (d->busy)
        return fail(err, "JSON in the middle of JSON, in a finalizer");
    d->busy = true;
    return 0;
}

static void
end(struct decoder *d)
{
    lua_settop(d->pins.lua, d->pins.count);
    d->busy = false;
}

static int
give(struct decoder *d, lua_State *L, int result)
{
    if (result == 0) {
        lua_checkstack(L, 1);
        lua_xmove(d->pins.lua, L, 1);
    }
    reset_if_crowded(d);
    end(d);
    return result;
}

int
decoder_event(struct decoder *d, lua_State *L, const struct record_peek *peek,
              struct error *err)
{
    if (begin(d, err) < 0)
        return -1;
    return give(d, L, flat_event(d, peek) ? 0 : json_event(d, peek, err));
}

int
decoder_value(struct decoder *d, lua_State *L, const char *text, size_t len,
              struct error *err)
{
    if (begin(d, err) < 0)
        return -1;
    return give(d, L, json_value(d, text, len, err));
}

static void
borrow(struct decoder *d, lua_State *L, int index)
{
    lua_checkstack(L, 1);
    lua_pushvalue(L, index);
    lua_xmove(L, d->pins.lua, 1);
}

static int
finish(struct decoder *d, struct bytes *out, size_t before, int result)
{
    if (result < 0)
        out->len = before;
    end(d);
    return result;
}

int
decoder_encode_event(struct decoder *d, lua_State *L, int index,
                     enum record_form form, struct bytes *out,
                     struct error *err)
{
    size_t before = out->len;

    if (begin(d, err) < 0)
        return -1;
    borrow(d, L, index);
    return finish(d, out, before, encode_event(d, form, out, err));
}

int
decoder_encode_value(struct decoder *d, lua_State *L, int index,
                     struct bytes *out, struct error *err)
{
    size_t before = out->len;

    if (begin(d, err) < 0)
        return -1;
    borrow(d, L, index);
    return finish(d, out, before, encode_value(d, out, err));
}

/* The list's names, as far as they are names. */
static int
add_keys(struct order *order, lua_State *L, int index, struct error *err)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, index);
    int result = 0;

    for (lua_Integer i = 1; result == 0 && i <= n; i++) {
        size_t len;
        if (lua_rawgeti(L, index, i) == LUA_TSTRING) {
            const char *key = lua_tolstring(L, -1, &len);
            result = order_add(order, key, len, err);
        } else {
            result = fail(err, "%s: key %lld of the list is no name",
                          order->of.name, (long long)i);
        }
        lua_pop(L, 1);
    }
    return result;
}

int
decoder_key_order(struct decoder *d, lua_State *L, const char *name, int index,
                  struct error *err)
{
    struct order *order;
    int result;

    if (begin(d, err) < 0)
        return -1;
    lua_checkstack(L, 1);
    order = orders_begin(&d->orders, name, strlen(name), err);
    result = order == NULL ? -1 : add_keys(order, L, index, err);
    if (order != NULL && result < 0)
        orders_drop(&d->orders, order);
    end(d);
    return result;
}

bool
decoder_equal(struct decoder *d, lua_State *L, int a, int b)
{
    return equal_values(L, a, b, d->array_meta);
}

void
decoder_mark_array(struct decoder *d, lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_checkstack(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &d->array_meta);
    lua_setmetatable(L, index);
}

uint64_t
decoder_duplicate_keys(const struct decoder *d)
{
    return d->duplicates;
}

bool
decoder_knows_order(const struct decoder *d, lua_State *L, int index)
{
    return shapes_of(&d->shapes, L, index) != NULL;
}
