/* limits.h -- how long a handler may run, and how much memory scripts may hold.
 *
 * A handler that is over a limit has an error raised in it, as if it had made
 * one: it hurts one event in one station. What does not come back to Lua, as a
 * call into C that never returns, cannot be ended so: that is told as `stuck`.
 *
 * Time is what passes between two waits, on the clock, counted while the
 * program runs: a machine that was suspended does not count. */
#ifndef SCRIPT_LIMITS_H
#define SCRIPT_LIMITS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "script/heap.h"

struct limits_options {
    double seconds;      /* 0: no limit */
    size_t memory_bytes; /* of all scripts; 0: no limit */
};

/* Runs inside a signal handler, at twice the time, and does not come back. */
typedef void limits_stuck_fn(void *arg);

/* There is one at a time, as of signal handlers. */
struct limits;
struct limits *limits_new(struct heap *heap,
                          const struct limits_options *options,
                          limits_stuck_fn *stuck, void *arg);
void limits_free(struct limits *l); /* takes NULL */

/* Makes the functions that run something in another coroutine known to the
 * limits, which then reach into those that a script makes itself. L is the
 * host's own state. */
void limits_open(lua_State *L);

/* What ran before, and whether it was over a limit already. */
struct limits_run {
    lua_State *running, *inner;
    bool struck, too_long;
};

/* A handler is about to run on `co`, or something without a limit (NULL), or
 * the host itself on its own state: what a finalizer does there is not ended,
 * but told when stuck. And it has ended, or waits. */
void limits_enter(struct limits *l, lua_State *co, struct limits_run *outer);
void limits_leave(struct limits *l, const struct limits_run *outer);

#endif
