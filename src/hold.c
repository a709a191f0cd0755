/* hold.c -- new lines wait until the handlers that wait are done. */
#include "hold.h"

#include "base/clock.h"

#define PATIENT_S  3.  /* so long a settled moment may take to come by itself */
#define HELD_S     60. /* and so long with the lines that are held then */
#define WAIT_MOST  20000
#define WAIT_LEAST 8

void
hold_init(struct hold *h, struct runtime *runtime)
{
    *h = (struct hold){ .runtime = runtime, .most = WAIT_MOST };
}

static double
waited_s(const struct hold *h)
{
    return h->since_s > 0. ? clock_steady_s() - h->since_s : 0.;
}

static void
begin(struct hold *h)
{
    h->on = true;
    h->times++;
    h->waited = runtime_waiting(h->runtime);
    runtime_hold_clock(h->runtime, true);
    log_debug("new lines wait until the handlers that wait are done");
}

static bool
end(struct hold *h)
{
    bool was_on = h->on;

    h->since_s = 0.;
    h->on = false;
    if (was_on)
        runtime_hold_clock(h->runtime, false);
    return was_on;
}

/* Half of what was done in the time. */
static void
let_fewer_wait(struct hold *h)
{
    size_t left = runtime_waiting(h->runtime);
    size_t done = h->waited > left ? h->waited - left : 0;

    h->most = done / 2 > WAIT_LEAST ? done / 2 : WAIT_LEAST;
}

static bool
give_up(struct hold *h)
{
    log_limited(&h->limit, LOG_WARN,
                "handlers wait for more than %g s: what scripts remember is "
                "not kept meanwhile",
                HELD_S);
    let_fewer_wait(h);
    return end(h);
}

bool
hold_await(struct hold *h)
{
    if (h->since_s == 0.)
        h->since_s = clock_steady_s();
    if (h->on && waited_s(h) > HELD_S)
        return give_up(h);
    if (!h->on && waited_s(h) > PATIENT_S && waited_s(h) < HELD_S)
        begin(h);
    return false;
}

bool
hold_end(struct hold *h)
{
    if (h->most < WAIT_MOST && waited_s(h) < HELD_S / 4)
        h->most *= 2;
    return end(h);
}

bool
hold_is_on(const struct hold *h)
{
    return h->on || runtime_waiting(h->runtime) >= h->most;
}
