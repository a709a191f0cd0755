/* api_state.c -- cdr.state's store; lua/cdr/state.lua makes a table of it. */
#include <string.h>

#include "script/api.h"
#include "script/job.h"
#include "script/state.h"

static int
state(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct error err;

    if (strcmp(name, STATE_SILENCES) == 0)
        return luaL_error(L, "state \"%s\": only read, by kept", name);
    if (state_push(runtime_of(L), L, name, &err) == 0)
        return 1;
    lua_pushstring(L, err.text); /* the world's fault, at no line of a script */
    return lua_error(L);
}

/* kept(name) -> { { key, value }, ... } */
static int
kept(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct error err;

    if (state_push_kept(runtime_of(L), L, name, &err) < 0)
        return luaL_error(L, "%s", err.text);
    return 1;
}

const luaL_Reg api_state[] = { { "state", state },
                               { "kept", kept },
                               { NULL, NULL } };
