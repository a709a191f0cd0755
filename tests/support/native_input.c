/* native_input.c -- cutting lines and ordering names, opened to the specs. */
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/place.h"
#include "input/lines.h"
#include "input/series.h"

#define LINES "cdrlua.test.lines"

int luaopen_native_input(lua_State *L);

/* --- lines --------------------------------------------------------------- */

static struct lines *
to_lines(lua_State *L)
{
    return *(struct lines **)luaL_checkudata(L, 1, LINES);
}

/* lines(most) */
static int
new_lines(lua_State *L)
{
    struct lines **l = lua_newuserdatauv(L, sizeof *l, 0);

    *l = lines_new((size_t)luaL_checkinteger(L, 1));
    luaL_setmetatable(L, LINES);
    return 1;
}

static int
free_lines(lua_State *L)
{
    lines_free(to_lines(L));
    return 0;
}

/* lines:feed(bytes) */
static int
feed(lua_State *L)
{
    struct lines *l = to_lines(L);
    size_t len, room;
    const char *bytes = luaL_checklstring(L, 2, &len);
    char *at = lines_room(l, &room);

    luaL_argcheck(L, len <= room, 2, "more than there is room for");
    memcpy(at, bytes, len);
    lines_filled(l, len);
    return 0;
}

static int
push_line(lua_State *L, bool is_there, const struct line *line)
{
    if (!is_there)
        return 0;
    lua_pushlstring(L, line->text, line->len);
    lua_pushinteger(L, (lua_Integer)line->start);
    lua_pushinteger(L, (lua_Integer)line->end);
    lua_pushboolean(L, line->too_long);
    return 4;
}

/* lines:next() -> text, start, end, too_long; or nothing */
static int
next_line(lua_State *L)
{
    struct line line;

    return push_line(L, lines_next(to_lines(L), &line), &line);
}

/* lines:rest(): the same for what has no newline */
static int
rest(lua_State *L)
{
    struct line line;

    return push_line(L, lines_rest(to_lines(L), &line), &line);
}

static int
take_rest(lua_State *L)
{
    lines_take_rest(to_lines(L));
    return 0;
}

static int
trim(lua_State *L)
{
    lines_trim(to_lines(L));
    return 0;
}

/* lines:seek(offset, before) */
static int
seek(lua_State *L)
{
    size_t len;
    const char *before = luaL_checklstring(L, 3, &len);

    lines_seek(to_lines(L), (uint64_t)luaL_checkinteger(L, 2), before, len);
    return 0;
}

static int
place(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lines_place(to_lines(L)));
    return 1;
}

static int
tail_hash(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lines_tail_hash(to_lines(L)));
    return 1;
}

static int
last_bytes(lua_State *L)
{
    char bytes[PLACE_TAIL];
    size_t n = lines_last_bytes(to_lines(L), bytes);

    lua_pushlstring(L, bytes, n);
    return 1;
}

/* How many bytes are kept free behind what came in: all of the buffer, when
 * nothing waits in it. */
static int
room(lua_State *L)
{
    size_t n;

    lines_room(to_lines(L), &n);
    lua_pushinteger(L, (lua_Integer)n);
    return 1;
}

static int
nul_runs(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lines_nul_runs(to_lines(L)));
    return 1;
}

static const luaL_Reg lines_methods[] = {
    { "feed", feed },
    { "next", next_line },
    { "rest", rest },
    { "take_rest", take_rest },
    { "trim", trim },
    { "seek", seek },
    { "place", place },
    { "tail_hash", tail_hash },
    { "last_bytes", last_bytes },
    { "room", room },
    { "nul_runs", nul_runs },
    { "__gc", free_lines },
    { NULL, NULL },
};

/* --- names --------------------------------------------------------------- */

static void
to_items(lua_State *L, struct series_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        items[i].name = luaL_checkstring(L, -1);
        lua_pop(L, 1);
        items[i].age = (uint32_t)i;
        if (lua_istable(L, 2)) {
            lua_rawgeti(L, 2, (lua_Integer)i + 1);
            items[i].came = (uint64_t)luaL_optinteger(L, -1, 0);
            lua_pop(L, 1);
        }
    }
}

/* order(names [, came]) -> the names, the oldest first */
static int
order(lua_State *L)
{
    size_t n = (luaL_checktype(L, 1, LUA_TTABLE), lua_rawlen(L, 1));
    struct series_item *items =
        lua_newuserdatauv(L, (n + 1) * sizeof *items, 0);

    memset(items, 0, (n + 1) * sizeof *items);
    to_items(L, items, n);
    series_order(items, n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushstring(L, items[i].name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* base(name) -> without what a rotator added, and without .gz */
static int
base(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);

    lua_pushlstring(L, name, series_base_len(name));
    return 1;
}

static int
is_gz(lua_State *L)
{
    lua_pushboolean(L, series_is_gz(luaL_checkstring(L, 1)));
    return 1;
}

static int
is_aside(lua_State *L)
{
    lua_pushboolean(L, series_is_aside(luaL_checkstring(L, 1)));
    return 1;
}

static int
is_rotation(lua_State *L)
{
    lua_pushboolean(L, series_is_rotation(luaL_checkstring(L, 1)));
    return 1;
}

static int
is_openvidu(lua_State *L)
{
    lua_pushboolean(L, series_is_openvidu(luaL_checkstring(L, 1)));
    return 1;
}

static int
hash(lua_State *L)
{
    size_t len;
    const char *bytes = luaL_checklstring(L, 1, &len);

    lua_pushinteger(L, (lua_Integer)hash_bytes(bytes, len));
    return 1;
}

static const luaL_Reg functions[] = {
    { "lines", new_lines },
    { "order", order },
    { "base", base },
    { "is_gz", is_gz },
    { "is_aside", is_aside },
    { "is_rotation", is_rotation },
    { "is_openvidu", is_openvidu },
    { "hash", hash },
    { NULL, NULL },
};

int
luaopen_native_input(lua_State *L)
{
    luaL_newmetatable(L, LINES);
    luaL_setfuncs(L, lines_methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
