/* due.c -- timers run when they are due, as far as the road has room. */
#include "script/due.h"

#include <ev.h>
#include <lauxlib.h>
#include <string.h>

#include "base/log.h"
#include "base/watermark.h"
#include "script/job.h"
#include "script/time.h"

#define IN_A_TURN    256 /* timers */
#define WAITING_MOST 1000

struct due {
    struct runtime *rt;
    struct timers *timers;
    int64_t clock_ms; /* where the clock stands */
    bool behind;
    struct ev_timer again;
    uint64_t ticket; /* held while behind */
    struct queue *queue;
    struct session *held; /* what enters then */
};

static void on_again(struct ev_loop *loop, struct ev_timer *timer, int events);

struct due *
due_new(struct runtime *rt)
{
    struct due *d = mem_new(sizeof *d);

    d->rt = rt;
    d->clock_ms = WATERMARK_NONE;
    d->timers = timers_new();
    d->queue = queue_new();
    d->held = queue_begin(d->queue, "", 0);
    ev_timer_init(&d->again, on_again, 0., 0.);
    d->again.data = d;
    return d;
}

void
due_free(struct due *d)
{
    if (d == NULL)
        return;
    ev_timer_stop(d->rt->loop, &d->again);
    queue_free(d->queue);
    timers_free(d->timers);
    mem_free(d);
}

/* ---- timers come and go ---- */

static void
drop(struct due *d, const struct timer *timer)
{
    luaL_unref(d->rt->L, LUA_REGISTRYINDEX, timer->function);
    luaL_unref(d->rt->L, LUA_REGISTRYINDEX, timer->next);
}

/* When it is due next, after `ms`; TIMER_UNKNOWN: never. */
static int64_t
ask_next(struct due *d, const struct timer *timer, int64_t ms)
{
    lua_State *L = d->rt->L;
    int64_t due = TIMER_UNKNOWN;

    lua_rawgeti(L, LUA_REGISTRYINDEX, timer->next);
    lua_pushinteger(L, (lua_Integer)ms);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        log_error("%s: a timer: %s", timer->station->name, lua_tostring(L, -1));
    else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > ms)
        due = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return due;
}

static uint64_t
add_next(struct due *d, struct timer timer, int64_t after_ms)
{
    timer.due_ms = ask_next(d, &timer, after_ms);
    if (timer.due_ms != TIMER_UNKNOWN)
        return timers_add(d->timers, &timer);
    drop(d, &timer);
    return 0;
}

uint64_t
due_add(struct due *d, const struct timer *timer)
{
    if (timer->due_ms == TIMER_UNKNOWN && d->clock_ms != WATERMARK_NONE)
        return add_next(d, *timer, d->clock_ms);
    return timers_add(d->timers, timer);
}

bool
due_cancel(struct due *d, uint64_t token)
{
    struct timer *timer = timers_cancel(d->timers, token);

    if (timer == NULL)
        return false;
    drop(d, timer);
    mem_free(timer);
    return true;
}

int64_t
due_next(const struct due *d)
{
    return timers_next(d->timers);
}

bool
due_is_empty(const struct due *d)
{
    return timers_is_empty(d->timers);
}

/* The clock stands somewhere: now it can be said when those that come again
 * are due. */
static void
begin(struct due *d, int64_t clock_ms)
{
    struct timers *before = d->timers;
    struct timer *timer;

    d->timers = timers_new();
    while ((timer = timers_take(before, TIMER_UNKNOWN)) != NULL) {
        if (timer->due_ms == TIMER_UNKNOWN)
            add_next(d, *timer, clock_ms);
        else
            timers_add(d->timers, timer);
        mem_free(timer);
    }
    timers_free(before);
}

/* ---- running ---- */

/* What an event has made is known by that, so that it is the same when the
 * event comes once more, whenever it is due then. Else one timer is known by
 * its number, one run by its due time. */
static void
identify(struct job *job, const struct timer *timer)
{
    const char *name = timer->station->name;
    bool made = timer->origin != 0;
    uint64_t of[2] = { hash_bytes(name, strlen(name)),
                       made ? timer->origin : (uint64_t)timer->number };

    job->line.first_line = hash_bytes(of, sizeof of);
    job->line.offset = made ? 0 : (uint64_t)timer->due_ms;
}

static struct job *
make_job(struct runtime *rt, const struct timer *timer)
{
    struct job *job = job_begin(rt, JOB_TIMER);

    job->station = timer->station;
    job->due_ms = timer->due_ms;
    job->line.ticket = rt->calls->ticket(rt->arg);
    identify(job, timer);
    lua_pushnil(rt->L); /* in the place of an event */
    lua_rawgeti(job->co, LUA_REGISTRYINDEX, timer->function);
    lua_pushinteger(job->co, (lua_Integer)timer->due_ms);
    lua_pushinteger(job->co, (lua_Integer)timer->number);
    return job;
}

/* What comes again is there again before its function runs: that may cancel
 * it. */
static void
run(struct due *d, struct timer *timer)
{
    struct job *job = make_job(d->rt, timer);

    if (timer->next == LUA_NOREF)
        drop(d, timer);
    else
        add_next(d, *timer, timer->due_ms);
    mem_free(timer);
    d->rt->counts.timers++;
    job_run_timer(job, 2);
}

/* One that waits holds an ordered road. */
static bool
is_held(const struct due *d)
{
    return d->rt->ordered && d->rt->n_waiting > 0;
}

static bool
has_room(const struct due *d)
{
    const struct runtime *rt = d->rt;

    return !sinks_full(rt->sinks) && rt->n_waiting < WAITING_MOST &&
           !is_held(d);
}

/* False: more is due, or the last has not ended. */
static bool
run_some(struct due *d)
{
    for (int i = 0; i < IN_A_TURN; i++) {
        if (timers_next(d->timers) > d->clock_ms)
            return i == 0 || !is_held(d);
        if (!has_room(d))
            return false;
        run(d, timers_take(d->timers, d->clock_ms));
    }
    return timers_next(d->timers) > d->clock_ms && !is_held(d);
}

bool
due_run(struct due *d, int64_t clock_ms)
{
    if (clock_ms == WATERMARK_NONE)
        return true;
    if (d->clock_ms == WATERMARK_NONE)
        begin(d, clock_ms);
    d->clock_ms = clock_ms;
    if (d->behind)
        return false;
    if (run_some(d))
        return true;
    d->behind = true;
    d->ticket = d->rt->calls->ticket(d->rt->arg);
    ev_timer_start(d->rt->loop, &d->again);
    return false;
}

/* ---- behind ---- */

void
due_hold_line(struct due *d, const struct script_line *line)
{
    queue_line(d->queue, d->held, line);
}

void
due_hold_job(struct due *d, struct job *job)
{
    job->event_ref = luaL_ref(d->rt->L, LUA_REGISTRYINDEX);
    queue_job(d->held, job);
}

static void
enter(struct runtime *rt, struct queued *queued)
{
    if (queued->job == NULL) {
        runtime_enter_line(rt, &queued->line);
        return;
    }
    job_take_back(queued->job);
    job_enter(queued->job);
}

static void
catch_up(struct due *d)
{
    struct runtime *rt = d->rt;
    struct queued *queued;

    d->behind = false;
    ev_timer_stop(rt->loop, &d->again);
    while ((queued = queue_take(d->queue, d->held)) != NULL) {
        enter(rt, queued);
        queue_drop(queued);
    }
    rt->calls->release(rt->arg, d->ticket);
    rt->calls->room(rt->arg);
    time_arm(rt->time);
}

static void
on_again(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    struct due *d = timer->data;

    (void)events;
    ev_timer_stop(loop, timer);
    if (!is_held(d) && run_some(d))
        catch_up(d);
    else if (has_room(d))
        ev_timer_start(loop, timer);
    d->rt->calls->drained(d->rt->arg);
}

void
due_go_on(struct due *d)
{
    if (d->behind && has_room(d))
        ev_timer_start(d->rt->loop, &d->again);
}

bool
due_is_behind(const struct due *d)
{
    return d->behind;
}
