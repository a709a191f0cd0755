/* api_time.c -- cdr.time, timers and cdr.sleep. */
#include "base/clock.h"
#include "script/api.h"
#include "script/job.h"
#include "script/time.h"

#define SLEEP_MOST_S (366. * 24 * 3600)

/* From now on every line moves the clock. */
static int
use_time(lua_State *L)
{
    time_use(runtime_of(L)->time);
    return 0;
}

/* And it survives a restart. */
static int
keep_time(lua_State *L)
{
    struct time *t = runtime_of(L)->time;
    struct error err;

    time_use(t);
    if (time_keep(t, &err) < 0)
        return luaL_error(L, "%s", err.text);
    return 0;
}

/* In the run of a timer and what it emits its due time, else the clock's. */
static int
now(lua_State *L)
{
    const struct runtime *rt = runtime_of(L);
    const struct job *job = rt->running;

    if (job != NULL && job->kind == JOB_TIMER)
        lua_pushinteger(L, (lua_Integer)job->due_ms);
    else
        lua_pushinteger(L, (lua_Integer)time_now(rt->time));
    return 1;
}

static int
watermark(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)time_watermark(runtime_of(L)->time));
    return 1;
}

static int
is_loading(lua_State *L)
{
    lua_pushboolean(L, runtime_of(L)->running == NULL);
    return 1;
}

/* Whether a timer runs: what lies before now() is then what counts. */
static int
is_timer(lua_State *L)
{
    const struct job *job = runtime_of(L)->running;

    lua_pushboolean(L, job != NULL && job->kind == JOB_TIMER);
    return 1;
}

/* How many milliseconds the clock waits for late lines. */
static int
lateness(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)runtime_of(L)->options.lateness_ms);
    return 1;
}

/* A number that what is in hand makes once, and again when it comes again. */
static int
origin(lua_State *L)
{
    struct job *job = runtime_of(L)->running;

    if (job == NULL)
        return luaL_error(L, "nothing is in hand while a script is loading");
    lua_pushinteger(L, (lua_Integer)job_origin(job));
    return 1;
}

/* schedule(number, fn, due_ms, origin) or schedule(number, fn, next): calls
 * fn(due_ms, number) then, or whenever next(after_ms) says. Gives a token. */
static int
schedule(lua_State *L)
{
    struct timer timer = { .due_ms = TIMER_UNKNOWN,
                           .station = api_station(L),
                           .number = luaL_checkinteger(L, 1),
                           .origin = (uint64_t)luaL_optinteger(L, 4, 0),
                           .next = LUA_NOREF };

    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 3);
    if (lua_isinteger(L, 3))
        timer.due_ms = lua_tointeger(L, 3);
    else
        luaL_checktype(L, 3, LUA_TFUNCTION);
    if (timer.due_ms == TIMER_UNKNOWN)
        timer.next = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_settop(L, 2);
    timer.function = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushinteger(L, (lua_Integer)time_schedule(runtime_of(L)->time, &timer));
    return 1;
}

static int
unschedule(lua_State *L)
{
    uint64_t token = (uint64_t)luaL_checkinteger(L, 1);

    lua_pushboolean(L, time_cancel(runtime_of(L)->time, token));
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
    { "use_time", use_time }, { "keep_time", keep_time },
    { "now", now },           { "watermark", watermark },
    { "wall", wall },         { "is_loading", is_loading },
    { "is_timer", is_timer }, { "lateness", lateness },
    { "schedule", schedule }, { "unschedule", unschedule },
    { "origin", origin },     { "sleep", sleep_for },
    { NULL, NULL },
};
