/* equal.c -- whether two Lua values are the same JSON. */
#include "decode/equal.h"

#include <math.h>

#include "decode/decoder.h"

static bool values(lua_State *L, int a, int b, const void *array_meta,
                   int depth);

static bool
numbers(lua_State *L, int a, int b)
{
    if (lua_isinteger(L, a) != lua_isinteger(L, b))
        return false;
    if (!lua_rawequal(L, a, b))
        return false;
    return lua_isinteger(L, a) || !signbit(lua_tonumberx(L, a, NULL)) ==
                                      !signbit(lua_tonumberx(L, b, NULL));
}

static bool
has_meta(lua_State *L, int index, const void *meta)
{
    bool has;

    if (!lua_getmetatable(L, index))
        return false;
    has = lua_topointer(L, -1) == meta;
    lua_pop(L, 1);
    return has;
}

static size_t
count(lua_State *L, int index)
{
    size_t n = 0;

    lua_pushnil(L);
    for (; lua_next(L, index); n++)
        lua_pop(L, 1);
    return n;
}

static bool
tables(lua_State *L, int a, int b, const void *array_meta, int depth)
{
    size_t n = 0;

    lua_pushnil(L);
    for (; lua_next(L, a); n++) {
        lua_pushvalue(L, -2);
        lua_rawget(L, b); /* ..., key, in a, in b */
        if (!values(L, lua_gettop(L) - 1, lua_gettop(L), array_meta, depth))
            return false;
        lua_pop(L, 2);
    }
    if (n != count(L, b))
        return false;
    return n > 0 || has_meta(L, a, array_meta) == has_meta(L, b, array_meta);
}

static bool
values(lua_State *L, int a, int b, const void *array_meta, int depth)
{
    int type = lua_type(L, a);

    if (type != lua_type(L, b))
        return false;
    if (type == LUA_TNUMBER)
        return numbers(L, a, b);
    if (type != LUA_TTABLE)
        return lua_rawequal(L, a, b);
    if (depth == DECODE_DEPTH || !lua_checkstack(L, 8))
        return false;
    return tables(L, a, b, array_meta, depth + 1);
}

bool
equal_values(lua_State *L, int a, int b, const void *array_meta)
{
    int top = lua_gettop(L);
    bool equal =
        values(L, lua_absindex(L, a), lua_absindex(L, b), array_meta, 0);

    lua_settop(L, top);
    return equal;
}
