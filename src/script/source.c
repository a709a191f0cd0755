/* source.c -- scripts as input: they are asked for their next event. */
#include <lauxlib.h>
#include <string.h>

#include "base/log.h"
#include "script/job.h"
#include "script/time.h"

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
        good = job_raw_field(L, "event") == LUA_TSTRING;
        lua_pop(L, 1);
    }
    return good;
}

/* Of the event on the top. */
static int64_t
timestamp_of(lua_State *L)
{
    lua_Integer ms = 0;

    if (job_raw_field(L, "timestamp") == LUA_TNUMBER)
        ms = lua_tointegerx(L, -1, NULL);
    lua_pop(L, 1);
    return ms;
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
    rt->counts.made++;
    job->event = lua_topointer(rt->L, -1);
    job_set_plan(job);
    if (!rt->uses_time ||
        time_job(rt->time, job, source->series, timestamp_of(rt->L)))
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
    runtime_rested(rt, source->series);
    if (!lua_isnil(rt->L, -1)) {
        rt->source_failed = true;
        log_error("%s: a source must give an event, a table with its name in "
                  "\"event\", or nil at its end",
                  source->station->name);
    }
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

static bool
can_give(const struct runtime *rt, const struct source *source)
{
    return !source->busy && !source->ended && !rt->sources_stopped &&
           rt->calls->has_room(rt->arg);
}

/* Asks them in turn. False: none has an event to give now. */
static bool
pull(struct runtime *rt)
{
    bool any = false;

    for (size_t n = 0; n < EVENTS_IN_A_TURN; n++) {
        struct source *source = rt->sources[n % rt->n_sources];
        if (!can_give(rt, source))
            continue;
        ask(rt, source);
        any = true;
    }
    return any;
}

static void
on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    struct runtime *rt = timer->data;
    bool any = pull(rt);

    (void)events;
    rt->calls->drained(rt->arg);
    if (runtime_source_ended(rt)) {
        rt->calls->sources_ended(rt->arg);
    } else if (any) {
        ev_timer_set(timer, 0., 0.);
        ev_timer_start(loop, timer);
    }
}

void
runtime_start_sources(struct runtime *rt)
{
    struct ev_timer *timer = &rt->source_timer;

    if (rt->n_sources == 0 || rt->sources_stopped || ev_is_active(timer))
        return;
    ev_timer_init(timer, on_timer, 0., 0.);
    timer->data = rt;
    ev_timer_start(rt->loop, timer);
}

void
runtime_stop_sources(struct runtime *rt)
{
    rt->sources_stopped = true;
    ev_timer_stop(rt->loop, &rt->source_timer);
}
