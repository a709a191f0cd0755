/* api_log.c -- cdr.log: what scripts say, with the station's name. */
#include "base/log.h"
#include "script/api.h"

static int
say(lua_State *L)
{
    static const char *const levels[] = { "debug", "info", "warn", "error",
                                          NULL };
    int level = luaL_checkoption(L, 1, NULL, levels);

    log_say((enum log_level)level, "%s: %s", api_station(L)->name,
            luaL_checkstring(L, 2));
    return 0;
}

const luaL_Reg api_log[] = { { "log", say }, { NULL, NULL } };
