/* api.c -- the library's C functions come together. */
#include "script/api.h"

static void
add(lua_State *L, const luaL_Reg *functions, struct station *s)
{
    lua_pushlightuserdata(L, s);
    luaL_setfuncs(L, functions, 1);
}

void
api_library(lua_State *L, struct station *s)
{
    static const luaL_Reg *const modules[] = { api_event, api_json, api_log,
                                               api_time,  api_sink, api_run,
                                               api_state, api_geo,  api_text,
                                               api_http };

    api_sink_open(L);
    api_event_open(L);
    api_geo_open(L);
    lua_newtable(L);
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        add(L, modules[i], s);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}

void
api_globals(lua_State *L, struct station *s)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->env);
    add(L, api_print, s);
    lua_pop(L, 1);
}

struct station *
api_station(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

int
api_nil(lua_State *L, const char *sentence)
{
    lua_pushnil(L);
    lua_pushstring(L, sentence);
    return 2;
}
