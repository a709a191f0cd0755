/* flat.c -- the lines that need no parser: flat events of a known layout.
 *
 * Nothing is judged here: whatever is not as expected to the byte is left to
 * cJSON, which also learns the layout. So a line that gets through is one that
 * the parser takes too, with the same values; the fuzzer compares them. */
#include "decode/flat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decode/again.h"
#include "decode/number.h"

#define FLOAT_LONGEST 32

static bool
mark(struct cursor *c, char expected)
{
    if (c->p == c->end || *c->p != expected)
        return false;
    c->p++;
    return true;
}

/* With escapes it must be one of the strings that are kept decoded. */
static bool
string(struct decoder *d, struct cursor *c)
{
    struct value *place = NULL;
    struct spelled s;
    bool pushed = false;

    if (!cursor_string(c, &s))
        return false;
    if (s.len <= VALUES_LONGEST)
        place = values_push(&d->values, s.text, s.len, &pushed);
    if (pushed || s.escaped)
        return pushed;
    lua_pushlstring(d->pins.lua, s.text, s.len);
    if (place != NULL)
        values_keep(&d->values, place, s.text, s.len);
    return true;
}

/* What cJSON may read in another way is left to it. What is behind the number
 * in the text ends it for strtod. */
static bool
real(lua_State *T, const struct cursor *c, size_t len)
{
    double n;

    if (len > FLOAT_LONGEST || c->p + len == c->end)
        return false;
    n = strtod(c->p, NULL);
    lua_pushnumber(T, n);
    return !isinf(n);
}

static bool
number(struct decoder *d, struct cursor *c)
{
    lua_State *T = d->pins.lua;
    int64_t n;
    size_t len;

    switch (number_read(c->p, c->end, &len, &n)) {
    case NUMBER_INTEGER:
        lua_pushinteger(T, n);
        break;
    case NUMBER_FLOAT:
        if (!real(T, c, len))
            return false;
        break;
    default:
        return false;
    }
    c->p += len;
    return true;
}

static bool
word(struct cursor *c, const char *expected, size_t len)
{
    if ((size_t)(c->end - c->p) < len || memcmp(c->p, expected, len) != 0)
        return false;
    c->p += len;
    return true;
}

static bool
value(struct decoder *d, struct cursor *c)
{
    lua_State *T = d->pins.lua;

    if (c->p == c->end)
        return false;
    switch (*c->p) {
    case '"':
        return string(d, c);
    case 't':
        lua_pushboolean(T, 1);
        return word(c, "true", 4);
    case 'f':
        lua_pushboolean(T, 0);
        return word(c, "false", 5);
    case 'n':
        lua_pushlightuserdata(T, NULL);
        return word(c, "null", 4);
    default:
        return number(d, c);
    }
}

/* From behind the opening brace to behind the closing one. */
static bool
fields(struct decoder *d, struct cursor *c, uint32_t place, int *count)
{
    do {
        if (!again_key(d, c, &place) || !value(d, c))
            return false;
        lua_rawset(d->pins.lua, -3);
        ++*count;
    } while (mark(c, ','));
    shapes_mark(&d->shapes, place);
    return mark(c, '}');
}

/* The table is made as large as the last one of that event turned out. */
static bool
event(struct decoder *d, struct cursor *c, int name)
{
    uint8_t *size = &d->sizes[name % (int)sizeof d->sizes];
    lua_State *T = d->pins.lua;
    int count = 1;

    lua_createtable(T, 0, *size);
    lua_pushvalue(T, d->keys.at[d->event_key].slot);
    lua_pushvalue(T, d->keys.at[name].slot);
    lua_rawset(T, -3);
    if (!fields(d, c, shapes_event(&d->shapes, name), &count))
        return false;
    *size = (uint8_t)(count < 255 ? count : 255);
    return mark(c, '}') && c->p == c->end;
}

bool
flat_event(struct decoder *d, const struct record_peek *peek)
{
    struct cursor c;
    int name;

    if (peek->name == NULL || peek->form == RECORD_FLAT ||
        memchr(peek->json, '\0', peek->json_len) != NULL)
        return false;
    name = keys_known(&d->keys, peek->name, peek->name_len);
    if (name == KEYS_NONE)
        return false;
    cursor_begin(&c, peek->json, peek->json_len);
    c.p = peek->name + peek->name_len;
    if (word(&c, "\":{", 3) && event(d, &c, name))
        return true;
    lua_settop(d->pins.lua, d->pins.count);
    return false;
}
