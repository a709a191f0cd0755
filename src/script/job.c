/* job.c -- one coroutine's way from handler to handler.
 *
 * A handler is one lua_resume: what it raises ends the resume, not the event,
 * which lies on the main state's stack meanwhile. Where it yields, the job is
 * set aside with its coroutine, and goes on from where the answer comes. */
#include "script/job.h"

#include <lauxlib.h>
#include <utlist.h>

#include "base/log.h"
#include "script/destination.h"
#include "script/limits.h"

#define IDLE_MOST 64

/* ---- birth and death ---- */

static void
make_coroutine(struct job *job)
{
    lua_State *L = job->runtime->L;

    job->co = lua_newthread(L);
    job->co_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

static struct job *
make(struct runtime *rt)
{
    struct job *job = mem_new(sizeof *job);

    job->runtime = rt;
    make_coroutine(job);
    return job;
}

struct job *
job_begin(struct runtime *rt, enum job_kind kind)
{
    struct job *job = rt->idle;

    if (job == NULL) {
        job = make(rt);
    } else {
        DL_DELETE(rt->idle, job);
        rt->n_idle--;
    }
    DL_PREPEND(rt->busy, job);
    job->kind = kind;
    job->event_ref = job->emitted_ref = LUA_NOREF;
    job->emitted = job->taken = job->ordinal = job->sends = 0;
    job->origins = 0;
    job->last = 0;
    job->removed = false;
    job->give_up = NULL;
    job->session = NULL;
    return job;
}

static void
drop_line(struct job *job)
{
    if (job->own_text != NULL)
        job->runtime->waiting_bytes -= job->line.len;
    mem_free(job->own_text);
    mem_free(job->own_path);
    job->own_text = job->own_path = NULL;
    job->line = (struct script_line){ 0 };
}

void
job_end(struct job *job)
{
    struct runtime *rt = job->runtime;
    uint64_t ticket = job->line.ticket;

    luaL_unref(rt->L, LUA_REGISTRYINDEX, job->emitted_ref);
    drop_line(job);
    DL_DELETE(rt->busy, job);
    if (rt->n_idle >= IDLE_MOST) {
        luaL_unref(rt->L, LUA_REGISTRYINDEX, job->co_ref);
        mem_free(job);
    } else {
        DL_PREPEND(rt->idle, job);
        rt->n_idle++;
    }
    if (ticket != 0)
        rt->calls->release(rt->arg, ticket);
}

/* ---- into Lua and out ---- */

/* What the host tells of, and a timer, does not travel; what is emitted for it
 * does. */
static bool
is_hosts_own(const struct job *job)
{
    return (job->kind == JOB_HOST || job->kind == JOB_TIMER) &&
           job->ordinal == 0;
}

static void
refuse(struct job *job, const char *reason)
{
    struct runtime *rt = job->runtime;

    rt->calls->refused(rt->arg, job->line.text != NULL ? &job->line : NULL,
                       job->station->name, reason);
}

/* A script may raise anything; only strings say something. Nothing of the
 * script's own is called here, where nothing would catch what it raises. */
static const char *
reason_on_top(lua_State *co)
{
    if (lua_type(co, -1) != LUA_TSTRING)
        lua_pushfstring(co, "a handler raised a %s value",
                        luaL_typename(co, -1));
    return lua_tostring(co, -1);
}

struct before {
    struct job *running;
    struct limits_run run;
};

/* What is told at the end may take its time, as a report does. */
static void
enter(struct job *job, struct before *before)
{
    struct runtime *rt = job->runtime;
    bool has_limits = job->kind != JOB_HOST || job->ordinal > 0;

    before->running = rt->running;
    rt->running = job;
    limits_enter(rt->limits, has_limits ? job->co : NULL, &before->run);
}

static void
leave(struct job *job, const struct before *before)
{
    limits_leave(job->runtime->limits, &before->run);
    job->runtime->running = before->running;
}

/* Lua calls no hook any more in a coroutine that a hook has ended, so that no
 * limit would end what runs in it next. */
static void
change_coroutine(struct job *job)
{
    luaL_unref(job->runtime->L, LUA_REGISTRYINDEX, job->co_ref);
    make_coroutine(job);
}

/* The reason is on the top of the coroutine. It is told, and the job has
 * another one for what comes next. */
static void
handler_failed(struct job *job)
{
    struct runtime *rt = job->runtime;
    const char *reason = reason_on_top(job->co);
    struct before before;

    luaL_traceback(rt->L, job->co, NULL, 0);
    log_debug("%s: %s\n%s", job->station->name, reason,
              lua_tostring(rt->L, -1));
    lua_pop(rt->L, 1);
    rt->counts.failures++;
    rt->source_failed |= job->kind == JOB_SOURCE;
    job->removed |= job->station->fail_closed && !is_hosts_own(job);
    refuse(job, reason);
    enter(job, &before);
    lua_resetthread(job->co); /* calls what closes its variables */
    leave(job, &before);
    change_coroutine(job);
}

static void
take_verdict(struct job *job, int results)
{
    lua_State *co = job->co;

    if (job->kind == JOB_SOURCE)
        return;
    if (results > 0 && lua_isboolean(co, -results) &&
        !lua_toboolean(co, -results))
        job->removed = !is_hosts_own(job);
    lua_settop(co, 0);
}

bool
job_resume(struct job *job, int nargs)
{
    struct before before;
    int status, results;

    enter(job, &before);
    status = lua_resume(job->co, job->runtime->L, nargs, &results);
    leave(job, &before);
    if (status == LUA_OK) {
        take_verdict(job, results);
        return true;
    }
    if (status == LUA_YIELD && job->give_up != NULL)
        return false;
    if (status == LUA_ERRMEM)
        lua_pushliteral(job->co, "asked for more memory than --max-memory");
    if (status == LUA_YIELD)
        lua_pushliteral(job->co, "a handler may not yield by itself: only the "
                                 "library's calls wait, such as cdr.sleep");
    handler_failed(job);
    return true;
}

/* ---- the road ---- */

/* False: a handler waits. */
static bool
travel(struct job *job)
{
    lua_State *L = job->runtime->L;
    struct handler *h;

    while (!job->removed && (h = plan_next(job->plan, job->last)) != NULL) {
        job->last = h->order;
        job->station = h->station;
        lua_rawgeti(job->co, LUA_REGISTRYINDEX, h->function);
        lua_pushvalue(L, -1);
        lua_xmove(L, job->co, 1);
        if (!job_resume(job, 1))
            return false;
    }
    return true;
}

/* The event is on the top of the main state. */
static void
forward(struct job *job)
{
    struct runtime *rt = job->runtime;
    struct error err;

    for (size_t i = 0; i < rt->n_forward; i++)
        if (destination_event(rt, job, rt->L, -1, &rt->forward[i], &err) < 0)
            refuse(job, err.text);
}

/* The event has passed the last station. */
static void
arrive(struct job *job)
{
    struct runtime *rt = job->runtime;

    if (is_hosts_own(job))
        return;
    if (job->removed)
        rt->counts.removed++;
    else
        forward(job);
}

int
job_raw_field(lua_State *L, const char *key)
{
    lua_pushstring(L, key);
    return lua_rawget(L, -2);
}

void
job_set_plan(struct job *job)
{
    struct runtime *rt = job->runtime;
    const char *name = NULL;
    size_t len = 0;

    if (job_raw_field(rt->L, "event") == LUA_TSTRING)
        name = lua_tolstring(rt->L, -1, &len);
    job->plan = handlers_plan(rt->handlers, name ? name : "", len);
    lua_pop(rt->L, 1);
}

void
job_emit(struct job *job, lua_State *L, int index)
{
    uint64_t behind = handlers_station_order(job->station->index + 1) - 1;

    index = lua_absindex(L, index);
    if (job->emitted_ref == LUA_NOREF) {
        lua_newtable(L);
        job->emitted_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, job->emitted_ref);
    lua_pushinteger(L, (lua_Integer)behind);
    lua_rawseti(L, -2, 2 * (lua_Integer)job->emitted + 1);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, 2 * (lua_Integer)job->emitted + 2);
    lua_pop(L, 1);
    job->emitted++;
    job->runtime->counts.emitted++;
}

/* Puts the next emitted event in the place of the one that has passed. */
static bool
next_emitted(struct job *job)
{
    lua_State *L = job->runtime->L;
    lua_Integer slot = 2 * (lua_Integer)job->taken + 1;

    lua_pop(L, 1);
    if (job->taken == job->emitted)
        return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, job->emitted_ref);
    lua_rawgeti(L, -1, slot);
    job->last = (uint64_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    lua_rawgeti(L, -1, slot + 1);
    lua_pushnil(L);
    lua_rawseti(L, -3, slot + 1); /* list event */
    lua_remove(L, -2);            /* event */
    job->ordinal = ++job->taken;
    job->event = lua_topointer(L, -1);
    job->removed = false;
    job_set_plan(job);
    return true;
}

bool
job_run(struct job *job)
{
    do {
        if (!travel(job)) {
            job_set_aside(job);
            return false;
        }
        arrive(job);
    } while (next_emitted(job));
    job_end(job);
    return true;
}

void
job_run_timer(struct job *job, int nargs)
{
    static const struct plan nobody;

    job->event = NULL;
    job->plan = &nobody;
    if (job_resume(job, nargs))
        job_run(job);
    else
        job_set_aside(job);
}
