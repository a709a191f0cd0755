/* encode.c -- a Lua value becomes JSON text.
 *
 * What is in a table decides what it is: the names of an object or 1..n of an
 * array. The mark of an array only decides for an empty one, and a shape, or
 * what a script said of an event's name, only gives the order. */
#include "decode/encode.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "decode/fault.h"
#include "decode/names.h"
#include "decode/number.h"
#include "decode/put.h"

/* Where the field `event` goes: among the others, before them all as in
 * {"NAME":{...}}, or behind them if it has no place yet. */
enum role { EVENT_FIELD, EVENT_OUTSIDE, EVENT_LAST };

struct writer {
    struct decoder *d;
    lua_State *T;
    struct bytes *out;
    int depth;
    struct fault fault;
};

static int value(struct writer *w);

static int
stop(struct writer *w, const char *reason)
{
    return fault_stop(&w->fault, reason);
}

static int
number(struct writer *w)
{
    char text[NUMBER_SIZE];
    lua_Number n;

    if (lua_isinteger(w->T, -1)) {
        put(w->out, text,
            number_write_integer(text, lua_tointegerx(w->T, -1, NULL)));
        return 0;
    }
    n = lua_tonumberx(w->T, -1, NULL);
    if (!isfinite(n))
        return stop(w, "not a finite number");
    put(w->out, text, number_write_float(text, n));
    return 0;
}

/* What the keys of a table are. */
struct survey {
    size_t names, integers, others;
};

static struct survey
survey(lua_State *T)
{
    struct survey s = { 0 };

    lua_pushnil(T);
    while (lua_next(T, -2)) {
        lua_pop(T, 1);
        if (lua_type(T, -1) == LUA_TSTRING)
            s.names++;
        else if (lua_isinteger(T, -1))
            s.integers++;
        else
            s.others++;
    }
    return s;
}

static int
array(struct writer *w, size_t count)
{
    put_byte(w->out, '[');
    for (size_t i = 1; i <= count; i++) {
        if (i > 1)
            put_byte(w->out, ',');
        lua_rawgeti(w->T, -1, (lua_Integer)i);
        if (value(w) < 0)
            return fault_in_element(&w->fault, (long)i);
        lua_pop(w->T, 1);
    }
    put_byte(w->out, ']');
    return 0;
}

/* The members of one object, as far as they are written. */
struct members {
    const struct shape *shape;
    const struct order *order; /* of an event without a shape, or NULL */
    enum role role;
    size_t count;
    bool event_written;
};

/* Writes the value on top and takes it away. */
static int
member(struct writer *w, struct members *m, const char *quoted,
       size_t quoted_len)
{
    if (m->count++ > 0)
        put_byte(w->out, ',');
    put(w->out, quoted, quoted_len);
    if (value(w) < 0)
        return -1;
    lua_pop(w->T, 1);
    return 0;
}

static int
known_member(struct writer *w, struct members *m, int number)
{
    const struct key *key = &w->d->keys.at[number];

    if (number == w->d->event_key) {
        if (m->role == EVENT_OUTSIDE)
            return 0;
        m->event_written = true;
    }
    lua_pushvalue(w->T, key->slot);
    if (lua_rawget(w->T, -2) == LUA_TNIL) {
        lua_pop(w->T, 1);
        return 0;
    }
    if (member(w, m, key->quoted, key->quoted_len) < 0)
        return fault_in_field(&w->fault, key->name, key->len);
    return 0;
}

static int
known_members(struct writer *w, struct members *m)
{
    for (int i = 0; m->shape != NULL && i < m->shape->count; i++)
        if (known_member(w, m, m->shape->keys[i]) < 0)
            return -1;
    return 0;
}

static int
ordered_member(struct writer *w, struct members *m, const struct order_key *key)
{
    const struct key *event = &w->d->keys.at[w->d->event_key];

    if (key->len == event->len && memcmp(key->name, event->name, key->len) == 0)
        return known_member(w, m, w->d->event_key);
    lua_pushlstring(w->T, key->name, key->len);
    if (lua_rawget(w->T, -2) == LUA_TNIL) {
        lua_pop(w->T, 1);
        return 0;
    }
    if (member(w, m, key->quoted, key->quoted_len) < 0)
        return fault_in_field(&w->fault, key->name, key->len);
    return 0;
}

static int
ordered_members(struct writer *w, struct members *m)
{
    for (size_t i = 0; m->order != NULL && i < m->order->count; i++)
        if (ordered_member(w, m, &m->order->keys[i]) < 0)
            return -1;
    return 0;
}

static int
new_member(struct writer *w, struct members *m, struct name name)
{
    if (m->count++ > 0)
        put_byte(w->out, ',');
    put_string(w->out, name.text, name.len);
    put_byte(w->out, ':');
    lua_pushlstring(w->T, name.text, name.len);
    lua_rawget(w->T, -2);
    if (value(w) < 0)
        return fault_in_field(&w->fault, name.text, name.len);
    lua_pop(w->T, 1);
    return 0;
}

/* Other members may be written meanwhile, so the row of names can move. */
static int
new_members(struct writer *w, struct members *m)
{
    struct bytes *names = &w->d->names;
    int without = m->role == EVENT_FIELD ? KEYS_NONE : w->d->event_key;
    size_t before = names->len, end;

    names_gather(w->d, m->shape, m->order, without);
    end = names->len;
    for (size_t i = before; i < end; i += sizeof(struct name)) {
        struct name name;
        memcpy(&name, names->at + i, sizeof name);
        if (new_member(w, m, name) < 0)
            return -1;
    }
    names->len = before;
    return 0;
}

/* That of the event on top. */
static const struct order *
order_of(const struct writer *w)
{
    const struct order *order;
    size_t len;
    const char *name;

    if (w->d->orders.count == 0)
        return NULL;
    lua_pushvalue(w->T, w->d->keys.at[w->d->event_key].slot);
    lua_rawget(w->T, -2);
    name = lua_tolstring(w->T, -1, &len);
    order = orders_find(&w->d->orders, name, len);
    lua_pop(w->T, 1);
    return order;
}

static int
object(struct writer *w, struct survey s, enum role role)
{
    struct members m = { .shape = shapes_of(&w->d->shapes, w->T, -1),
                         .role = role };
    size_t expected;

    if (m.shape == NULL && role != EVENT_FIELD)
        m.order = order_of(w);
    put_byte(w->out, '{');
    if (known_members(w, &m) < 0 || ordered_members(w, &m) < 0)
        return -1;
    expected = s.names - (role != EVENT_FIELD && !m.event_written);
    if (m.count < expected && new_members(w, &m) < 0)
        return -1;
    if (role == EVENT_LAST && !m.event_written &&
        known_member(w, &m, w->d->event_key) < 0)
        return -1;
    put_byte(w->out, '}');
    return 0;
}

static bool
is_marked_array(const struct writer *w)
{
    const void *meta;

    if (!lua_getmetatable(w->T, -1))
        return false;
    meta = lua_topointer(w->T, -1);
    lua_pop(w->T, 1);
    return meta == w->d->array_meta;
}

/* An empty table that tells `pairs` of fields which are not in it, as one of
 * cdr.state does: {} would lose them without a word. */
static bool
hides_fields(const struct writer *w)
{
    if (luaL_getmetafield(w->T, -1, "__pairs") == LUA_TNIL)
        return false;
    lua_pop(w->T, 1);
    return true;
}

static int
table(struct writer *w, enum role role)
{
    struct survey s = survey(w->T);
    int result;

    if (++w->depth > DECODE_DEPTH)
        return stop(w, "nested deeper than 64, or in itself");
    if (s.others > 0 || (s.integers > 0 && s.names > 0))
        return stop(w, "has keys that are no names");
    if (s.integers > 0 && s.integers != lua_rawlen(w->T, -1))
        return stop(w, "has a hole, or keys that are no names");
    if (s.names + s.integers == 0 && hides_fields(w))
        return stop(w, "a table of cdr.state cannot be written");
    if (s.integers > 0 || (s.names == 0 && is_marked_array(w)))
        result = array(w, s.integers);
    else
        result = object(w, s, role);
    w->depth--;
    return result;
}

static int
light_userdata(struct writer *w)
{
    if (lua_touserdata(w->T, -1) != NULL)
        return stop(w, "a userdata cannot be written");
    put(w->out, "null", 4);
    return 0;
}

static int
value(struct writer *w)
{
    size_t len;
    const char *text;

    switch (lua_type(w->T, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(w->T, -1, &len);
        put_string(w->out, text, len);
        return 0;
    case LUA_TNUMBER:
        return number(w);
    case LUA_TBOOLEAN:
        text = lua_toboolean(w->T, -1) ? "true" : "false";
        put(w->out, text, strlen(text));
        return 0;
    case LUA_TTABLE:
        return table(w, EVENT_FIELD);
    case LUA_TLIGHTUSERDATA:
        return light_userdata(w);
    case LUA_TNIL:
        return stop(w, "nil cannot be written");
    case LUA_TFUNCTION:
        return stop(w, "a function cannot be written");
    default:
        return stop(w, "a userdata or thread cannot be written");
    }
}

static struct writer
begin(struct decoder *d, struct bytes *out)
{
    d->names.len = 0;
    return (struct writer){ .d = d, .T = d->pins.lua, .out = out };
}

int
encode_value(struct decoder *d, struct bytes *out, struct error *err)
{
    struct writer w = begin(d, out);

    return value(&w) < 0 ? fault_tell(&w.fault, err) : 0;
}

static int
named(struct writer *w, enum record_form form)
{
    const char *name;
    size_t len;

    if (form == RECORD_FLAT)
        return table(w, EVENT_LAST);
    lua_pushvalue(w->T, w->d->keys.at[w->d->event_key].slot);
    lua_rawget(w->T, -2);
    name = lua_tolstring(w->T, -1, &len);
    lua_pop(w->T, 1);
    put_byte(w->out, '{');
    put_string(w->out, name, len);
    put_byte(w->out, ':');
    w->depth++;
    if (table(w, EVENT_OUTSIDE) < 0)
        return -1;
    put_byte(w->out, '}');
    return 0;
}

static bool
has_name(const struct writer *w)
{
    bool has;

    if (!lua_istable(w->T, -1))
        return false;
    lua_pushvalue(w->T, w->d->keys.at[w->d->event_key].slot);
    has = lua_rawget(w->T, -2) == LUA_TSTRING;
    lua_pop(w->T, 1);
    return has;
}

int
encode_event(struct decoder *d, enum record_form form, struct bytes *out,
             struct error *err)
{
    struct writer w = begin(d, out);

    if (!has_name(&w))
        return fail(err, "the event has no name in `event`");
    return named(&w, form) < 0 ? fault_tell(&w.fault, err) : 0;
}
