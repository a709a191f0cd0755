/* api_run.c -- what a script says of the run, and the run's own words. */
#include <unistd.h>

#include "script/api.h"
#include "script/job.h"
#include "script/time.h"

static void
push_words(lua_State *L, const char *const *words)
{
    lua_newtable(L);
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        lua_pushstring(L, words[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* What was said with --set; use_set takes the number in this list. */
static int
sets(lua_State *L)
{
    push_words(L, runtime_of(L)->options.sets);
    return 1;
}

static int
use_set(lua_State *L)
{
    struct runtime *rt = runtime_of(L);
    lua_Integer i = luaL_checkinteger(L, 1);

    luaL_argcheck(L, i >= 1 && (size_t)i <= rt->n_sets, 1, "no such --set");
    rt->set_used[i - 1] = true;
    return 0;
}

static int
args(lua_State *L)
{
    const struct runtime *rt = runtime_of(L);

    lua_createtable(L, 0, 6);
    push_words(L, rt->options.inputs);
    lua_setfield(L, -2, "inputs");
    push_words(L, rt->options.scripts);
    lua_setfield(L, -2, "scripts");
    lua_pushboolean(L, rt->options.once);
    lua_setfield(L, -2, "once");
    lua_pushboolean(L, rt->n_forward > 0);
    lua_setfield(L, -2, "forwards");
    lua_pushboolean(L, isatty(STDOUT_FILENO));
    lua_setfield(L, -2, "terminal");
    lua_pushstring(L, api_station(L)->name);
    lua_setfield(L, -2, "script");
    return 1;
}

static int
exit_code(lua_State *L)
{
    lua_Integer code = luaL_checkinteger(L, 1);

    luaL_argcheck(L, code >= 0 && code <= 255, 1, "from 0 to 255");
    runtime_of(L)->exit_code = (int)code;
    return 0;
}

static int
ordered(lua_State *L)
{
    runtime_of(L)->ordered = true;
    return 0;
}

static int
fail_closed(lua_State *L)
{
    api_station(L)->fail_closed = true;
    return 0;
}

static int
source(lua_State *L)
{
    struct runtime *rt = runtime_of(L);
    size_t most = sizeof rt->sources / sizeof *rt->sources;
    struct source *source;

    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (rt->n_sources == most)
        return luaL_error(L, "there are %d sources already", (int)most);
    source = mem_new(sizeof *source);
    source->station = api_station(L);
    source->series = time_source_series(rt->n_sources);
    lua_settop(L, 1);
    source->function = luaL_ref(L, LUA_REGISTRYINDEX);
    rt->sources[rt->n_sources++] = source;
    return 0;
}

const luaL_Reg api_run[] = {
    { "sets", sets },       { "use_set", use_set },
    { "args", args },       { "exit_code", exit_code },
    { "ordered", ordered }, { "fail_closed", fail_closed },
    { "source", source },   { NULL, NULL },
};
