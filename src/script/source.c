/* source.c -- scripts as input: they are asked for their next event. */
#include <lauxlib.h>
#include <string.h>

#include "base/log.h"
#include "script/job.h"

#define EVENTS_IN_A_TURN 64

bool
runtime_has_source(const struct runtime *rt)
{
    return rt->n_sources > 0;
}

bool
runtime_source_ended(const struct runtime *rt)
{
    for (size_t i = 0; i < rt->n_sources; i++)
        if (!rt->sources[i]->ended)
            return false;
    return true;
}

static bool
is_event(lua_State *L)
{
    bool good = lua_istable(L, -1);

    if (good) {
        good = lua_getfield(L, -1, "event") == LUA_TSTRING;
        lua_pop(L, 1);
    }
    return good;
}

/* What it gave is on the top of the main state; it is popped. */
static void
enter(struct source *source, struct runtime *rt)
{
    struct job *job = job_begin(rt, JOB_MADE);

    job->line.ticket = rt->calls->ticket(rt->arg);
    job->line.first_line =
        hash_bytes(source->station->name, strlen(source->station->name));
    job->line.offset = ++source->given;
    job->event = lua_topointer(rt->L, -1);
    job_set_plan(job);
    job_enter(job);
}

void
source_answered(struct job *job)
{
    struct runtime *rt = job->runtime;
    struct source *source = job->source;
    lua_State *co = job->co;

    lua_pop(rt->L, 1); /* the nil that stood for its event */
    source->busy = false;
    if (lua_gettop(co) == 0)
        lua_pushnil(co);
    lua_settop(co, 1);
    lua_xmove(co, rt->L, 1);
    job_end(job);
    if (is_event(rt->L)) {
        enter(source, rt);
        return;
    }
    source->ended = true;
    if (!lua_isnil(rt->L, -1))
        log_error("%s: a source must give an event, a table with its name in "
                  "\"event\", or nil at its end",
                  source->station->name);
    lua_pop(rt->L, 1);
}

static void
ask(struct runtime *rt, struct source *source)
{
    struct job *job = job_begin(rt, JOB_SOURCE);

    job->source = source;
    job->station = source->station;
    source->busy = true;
    lua_pushnil(rt->L);
    lua_rawgeti(job->co, LUA_REGISTRYINDEX, source->function);
    if (job_resume(job, 0))
        source_answered(job);
    else
        job_set_aside(job);
}

bool
runtime_pull(struct runtime *rt)
{
    bool any = false;

    for (int n = 0; n < EVENTS_IN_A_TURN; n++) {
        struct source *source = rt->sources[(size_t)n % rt->n_sources];
        if (source->busy || source->ended || !runtime_has_room(rt))
            continue;
        ask(rt, source);
        any = true;
    }
    return any;
}
