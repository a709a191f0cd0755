/* limits.c -- how long a handler may run, and how much memory scripts may hold.
 *
 * A timer ticks while handlers run. A handler that has run for ten ticks gets a
 * hook, which raises an error at its next instruction, and at each one until it
 * has ended, so that no pcall of a script keeps it. As in Lua's own program, a
 * hook may be set from a signal handler. */
#include "script/limits.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "script/job.h"

#define TICKS 10
#define SLACK 8 /* one part in so many: not a collection for each block */

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

struct limits {
    struct heap *heap;
    struct limits_options options;
    limits_stuck_fn *stuck;
    void *arg;
    timer_t timer;
    volatile sig_atomic_t ticking;

    /* The signal handler reads these. */
    lua_State *host; /* in which nothing is raised */
    lua_State *volatile running;
    lua_State *volatile inner; /* made by the script, and resumed */
    volatile unsigned runs;

    unsigned seen; /* by the last tick */
    int ticks;     /* that the same run has seen */
    volatile sig_atomic_t struck, too_long;
};

/* A signal handler can be given nothing. */
static struct limits *only;

/* ---- what is raised ---- */

static int
end_it(lua_State *L, const char *format, double number)
{
    char text[100];

    snprintf(text, sizeof text, format, number);
    luaL_where(L, 0);
    lua_pushstring(L, text);
    lua_concat(L, 2);
    return lua_error(L);
}

/* Unknown, 0, while a finalizer runs. */
static size_t
memory_of(lua_State *L)
{
    int kilobytes = lua_gc(L, LUA_GCCOUNT);

    return kilobytes > 0 ? (size_t)kilobytes * 1024 : 0;
}

static bool on_over(void *arg, size_t size);

/* It was garbage. */
static void
calm(struct limits *l, lua_State *L)
{
    size_t most = l->options.memory_bytes;
    size_t held = heap_held(l->heap) + most / SLACK;

    heap_watch(l->heap, held > most ? held : most, on_over, l);
    lua_sethook(L, NULL, 0, 0);
}

static void
on_hook(lua_State *L, lua_Debug *ar)
{
    struct limits *l = runtime_of(L)->limits;

    (void)ar;
    if (l->too_long)
        end_it(L, "ran longer than %g s (--max-time)", l->options.seconds);
    lua_gc(L, LUA_GCCOLLECT);
    if (memory_of(L) > l->options.memory_bytes)
        end_it(L, "scripts hold more than %g MB (--max-memory)",
               (double)l->options.memory_bytes / (1024 * 1024));
    calm(l, L);
}

static void
strike(struct limits *l)
{
    lua_State *inner = l->inner;

    l->struck = 1;
    lua_sethook(l->running, on_hook, LUA_MASKCOUNT, 1);
    if (inner != NULL)
        lua_sethook(inner, on_hook, LUA_MASKCOUNT, 1);
}

/* Within one call into C, no hook comes between. Lua collects what is garbage
 * where it is refused a block, and asks again. It does not count a text that
 * grows. */
static bool
on_over(void *arg, size_t size)
{
    struct limits *l = arg;
    size_t most = l->options.memory_bytes;

    if (l->running == NULL || l->running == l->host)
        return true;
    strike(l);
    most += most / SLACK;
    return memory_of(l->running) + size < most && heap_large(l->heap) < most;
}

/* ---- the ticks ---- */

static void
tick_every(struct limits *l, double seconds)
{
    struct timespec every = { (time_t)seconds,
                              (long)((seconds - (time_t)seconds) * 1e9) };

    l->ticking = seconds > 0;
    timer_settime(l->timer, 0, &(struct itimerspec){ every, every }, NULL);
}

/* Nothing runs: a program that waits is not woken up. */
static void
rest(struct limits *l)
{
    l->ticks = 0;
    if (l->runs == l->seen)
        tick_every(l, 0);
    l->seen = l->runs;
}

static void
over_time(struct limits *l)
{
    if (l->ticks >= 2 * TICKS && l->stuck != NULL)
        l->stuck(l->arg);
    if (l->running == l->host)
        return;
    l->too_long = 1;
    strike(l);
}

static void
on_tick(int number)
{
    struct limits *l = only;

    (void)number;
    if (l->running == NULL) {
        rest(l);
    } else if (l->runs != l->seen) {
        l->seen = l->runs;
        l->ticks = 0;
    } else if (++l->ticks >= TICKS) {
        over_time(l);
    }
}

/* Other threads do not get the signal. */
static void
make_timer(struct limits *l)
{
    struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
                              .sigev_signo = SIGVTALRM };

    event.sigev_notify_thread_id = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &l->timer) < 0) {
        l->options.seconds = 0;
        return;
    }
    only = l;
    sigemptyset(&action.sa_mask);
    sigaction(SIGVTALRM, &action, NULL);
}

struct limits *
limits_new(struct heap *heap, const struct limits_options *options,
           limits_stuck_fn *stuck, void *arg)
{
    struct limits *l = mem_new(sizeof *l);

    l->heap = heap;
    l->options = *options;
    l->stuck = stuck;
    l->arg = arg;
    if (options->seconds > 0)
        make_timer(l);
    if (options->memory_bytes > 0)
        heap_watch(heap, options->memory_bytes, on_over, l);
    return l;
}

void
limits_free(struct limits *l)
{
    if (l == NULL)
        return;
    if (only == l) {
        timer_delete(l->timer);
        only = NULL;
    }
    mem_free(l);
}

/* ---- what runs ---- */

void
limits_enter(struct limits *l, lua_State *co, struct limits_run *outer)
{
    *outer = (struct limits_run){ .running = l->running, .inner = l->inner };
    l->running = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    outer->struck = l->struck;
    outer->too_long = l->too_long;
    l->struck = l->too_long = 0;
    l->runs++;
    l->inner = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    l->running = co;
    if (!l->ticking && l->options.seconds > 0)
        tick_every(l, l->options.seconds / TICKS);
}

/* What struck the handler is not for the one that uses its coroutine next. */
void
limits_leave(struct limits *l, const struct limits_run *outer)
{
    lua_State *co = l->running;

    l->runs++;
    l->running = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    l->inner = outer->inner;
    if (l->struck)
        lua_sethook(co, NULL, 0, 0);
    l->struck = outer->struck;
    l->too_long = outer->too_long;
    atomic_signal_fence(memory_order_seq_cst);
    l->running = outer->running;
}

/* ---- coroutines of scripts ---- */

/* Calls the function below the `nargs` on the top, which runs in `co`. */
static int
resume(lua_State *L, lua_State *co, int nargs)
{
    struct limits *l = runtime_of(L)->limits;
    lua_State *outer = l->inner;
    int base = lua_gettop(L) - nargs - 1, status;

    l->inner = co;
    status = lua_pcall(L, nargs, LUA_MULTRET, 0);
    l->inner = outer;
    if (co != NULL && lua_gethook(co) == on_hook)
        lua_sethook(co, NULL, 0, 0);
    if (l->too_long) /* one further out may catch it, and go on */
        lua_sethook(L, on_hook, LUA_MASKCOUNT, 1);
    if (status != LUA_OK)
        lua_error(L);
    return lua_gettop(L) - base;
}

static int
resume_known(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    int nargs = lua_gettop(L);

    lua_pushvalue(L, 1); /* it stays while it runs */
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_rotate(L, 1, 2); /* co resume co ... */
    return resume(L, co, nargs);
}

/* Lua's own function keeps its coroutine as an upvalue. */
static int
resume_wrapped(lua_State *L)
{
    lua_State *co;

    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_getupvalue(L, 1, 1);
    co = lua_tothread(L, -1);
    lua_pop(L, 1);
    return resume(L, co, lua_gettop(L) - 1);
}

static int
wrap(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    lua_pushcclosure(L, resume_wrapped, 1);
    return 1;
}

static void
stand_before(lua_State *L, const char *name, lua_CFunction function)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

void
limits_open(lua_State *L)
{
    runtime_of(L)->limits->host = L;
    lua_getglobal(L, "coroutine");
    stand_before(L, "resume", resume_known);
    stand_before(L, "close", resume_known); /* it may run what closes */
    stand_before(L, "wrap", wrap);
    lua_pop(L, 1);
}
