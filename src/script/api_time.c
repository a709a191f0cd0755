/* api_time.c -- cdr.time and cdr.sleep. */
#include "base/clock.h"
#include "script/api.h"
#include "script/job.h"

#define SLEEP_MOST_S (366. * 24 * 3600)

/* From now on every line moves the clock. */
static int
use_time(lua_State *L)
{
    struct runtime *rt = runtime_of(L);
    const struct job *job = rt->running;

    if (!rt->uses_time && job != NULL && job->line.text != NULL)
        rt->now_ms = record_timestamp(job->line.text, job->line.len);
    rt->uses_time = true;
    return 0;
}

static int
now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)runtime_of(L)->now_ms);
    return 1;
}

static int
wall(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)clock_wall_ms());
    return 1;
}

static int
sleep_for(lua_State *L)
{
    lua_Number seconds = luaL_checknumber(L, 1);

    luaL_argcheck(L, seconds >= 0 && seconds <= SLEEP_MOST_S, 1,
                  "seconds, from 0 to a year");
    return job_sleep(job_may_wait(L), seconds);
}

const luaL_Reg api_time[] = {
    { "use_time", use_time }, { "now", now }, { "wall", wall },
    { "sleep", sleep_for },   { NULL, NULL },
};
