/* api_sink.c -- cdr.sink, begin_file and print. */
#include <string.h>

#include "script/api.h"
#include "script/destination.h"
#include "script/job.h"

#define SINK "cdr.sink"

/* What a key of the options is in the row of all: "headers.X-A". */
static void
set_option(lua_State *L, struct sink_options *to, const char *prefix)
{
    const char *key, *value;

    luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, 2,
                  "the names of options are texts");
    key = lua_pushfstring(L, "%s%s", prefix, lua_tostring(L, -2));
    value = luaL_tolstring(L, -2, NULL);
    sink_options_set(to, key, value);
    lua_pop(L, 2);
}

/* A list on the top becomes one text with commas. */
static void
join(lua_State *L)
{
    int list = lua_gettop(L);
    lua_Integer n = luaL_len(L, list);
    luaL_Buffer text;

    luaL_buffinit(L, &text);
    for (lua_Integer i = 1; i <= n; i++) {
        if (i > 1)
            luaL_addchar(&text, ',');
        lua_geti(L, list, i);
        luaL_tolstring(L, -1, NULL);
        lua_remove(L, -2);
        luaL_addvalue(&text);
    }
    luaL_pushresult(&text);
    lua_replace(L, list);
}

/* That is for us: one file is one destination, whatever the shapes are. */
static bool
is_shape(lua_State *L)
{
    return lua_type(L, -2) == LUA_TSTRING &&
           strcmp(lua_tostring(L, -2), "shape") == 0;
}

/* The table on the top, with tables one deep. */
static void
set_options(lua_State *L, struct sink_options *to, const char *prefix)
{
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        if (lua_istable(L, -1) && lua_rawlen(L, -1) > 0)
            join(L);
        if (lua_istable(L, -1) && *prefix == '\0') {
            const char *inner = lua_pushfstring(L, "%s.", lua_tostring(L, -2));
            lua_insert(L, -2); /* key prefix table */
            set_options(L, to, inner);
            lua_remove(L, -2);
        } else if (*prefix != '\0' || !is_shape(L)) {
            set_option(L, to, prefix);
        }
        lua_pop(L, 1);
    }
}

/* Into the row of options at 2: what raises here leaks no memory. */
static int
fill_options(lua_State *L)
{
    struct sink_options *to = lua_touserdata(L, 2);

    lua_settop(L, 1);
    set_options(L, to, "");
    return 0;
}

static struct sink_options *
read_options(lua_State *L, int index)
{
    struct sink_options *options = sink_options_new();

    lua_pushcfunction(L, fill_options);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, options);
    if (lua_pcall(L, 2, 0, 0) == LUA_OK)
        return options;
    sink_options_free(options);
    lua_error(L);
    return NULL;
}

static int
new_sink(lua_State *L)
{
    const char *dest = luaL_checkstring(L, 1), *shape = NULL;
    struct sink_options *options = NULL;
    struct runtime *rt = runtime_of(L);
    struct destination to, *sink;
    struct error err;

    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        lua_getfield(L, 2, "shape");
        shape = luaL_optstring(L, -1, NULL);
        options = read_options(L, 2);
    }
    sink = lua_newuserdatauv(L, sizeof *sink, 0);
    if (destination_open(rt, dest, options, shape, &to, &err) < 0) {
        if (rt->running == NULL)
            return luaL_error(L, "%s", err.text);
        return api_nil(L, err.text);
    }
    *sink = to;
    luaL_setmetatable(L, SINK);
    return 1;
}

/* The sink, with the id that the third argument says: { id = "..." }. */
static struct destination
check_sink(lua_State *L)
{
    struct destination to = *(struct destination *)luaL_checkudata(L, 1, SINK);

    to.id = span_of("");
    if (lua_isnoneornil(L, 3))
        return to;
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_getfield(L, 3, "id");
    to.id.at = luaL_optlstring(L, -1, "", &to.id.len);
    return to;
}

static int
send_event(lua_State *L)
{
    struct destination to = check_sink(L);
    struct runtime *rt = runtime_of(L);
    struct error err;

    luaL_checktype(L, 2, LUA_TTABLE);
    if (destination_event(rt, rt->running, L, 2, &to, &err) < 0)
        return luaL_error(L, "%s", err.text);
    lua_pushboolean(L, true);
    return 1;
}

static int
write_text(lua_State *L)
{
    struct destination to = check_sink(L);
    struct runtime *rt = runtime_of(L);
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);

    destination_text(rt, rt->running, &to, text, len);
    lua_pushboolean(L, true);
    return 1;
}

static int
begin_file(lua_State *L)
{
    sinks_begin_file(runtime_of(L)->sinks);
    return 0;
}

/* As Lua's, but through the sink "-", in order with what else goes there. */
static int
print(lua_State *L)
{
    int n = lua_gettop(L);
    struct runtime *rt = runtime_of(L);
    struct error err;
    struct destination to = { .shape = OUTGOING_SAME };
    luaL_Buffer line;
    size_t len;
    const char *text;

    to.outbox = sinks_get(rt->sinks, "-", NULL, &err);
    if (to.outbox == NULL)
        return luaL_error(L, "%s", err.text);
    luaL_buffinit(L, &line);
    for (int i = 1; i <= n; i++) {
        if (i > 1)
            luaL_addchar(&line, '\t');
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    text = lua_tolstring(L, -1, &len);
    destination_text(rt, rt->running, &to, text, len);
    return 0;
}

static const luaL_Reg methods[] = { { "send", send_event },
                                    { "write", write_text },
                                    { NULL, NULL } };

void
api_sink_open(lua_State *L)
{
    if (luaL_newmetatable(L, SINK)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

const luaL_Reg api_sink[] = { { "sink", new_sink },
                              { "begin_file", begin_file },
                              { NULL, NULL } };
const luaL_Reg api_print[] = { { "print", print }, { NULL, NULL } };
