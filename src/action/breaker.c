/* breaker.c -- whether a destination is tried at all; each has its own. */
#include "action/breaker.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"

#define TOLD_MOST      10 /* outages at once, then one in QUIET_S */
#define QUIET_S        10.
#define FIRST_S        0.1
#define LAST_S         5.0
#define LAST_NETWORK_S 30.0

static void
on_pause_over(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct breaker *b = timer->data;

    (void)loop;
    (void)events;
    b->state = BREAKER_PROBING;
    b->step = 1;
    b->probe(b->arg);
}

void
breaker_begin(struct breaker *b, struct ev_loop *loop, void (*probe)(void *arg),
              void *arg)
{
    *b = (struct breaker){
        .loop = loop, .quiet_s = -INFINITY, .probe = probe, .arg = arg
    };
    ev_timer_init(&b->pause, on_pause_over, 0., 0.);
    b->pause.data = b;
}

void
breaker_end(struct breaker *b)
{
    ev_timer_stop(b->loop, &b->pause);
}

/* Twice as many seconds with each failure, up to a limit. */
static double
next_pause(struct breaker *b)
{
    double most = b->network ? LAST_NETWORK_S : LAST_S;
    double pause = b->pause_s > 0. ? b->pause_s : FIRST_S;

    b->pause_s = pause * 2 < most ? pause * 2 : most;
    return b->network ? pause * arc4random() / UINT32_MAX : pause;
}

static void
open_for(struct breaker *b, double seconds)
{
    b->state = BREAKER_OPEN;
    ev_timer_stop(b->loop, &b->pause);
    ev_now_update(b->loop);
    ev_timer_set(&b->pause, seconds, 0.);
    ev_timer_start(b->loop, &b->pause);
}

/* Whether this outage, which will last until then, is to be told. */
static bool
is_told(struct breaker *b, double now_s, double until_s)
{
    double least_s = now_s - (TOLD_MOST - 1) * QUIET_S;

    if (b->quiet_s < least_s)
        b->quiet_s = least_s;
    if (b->told || until_s < b->quiet_s)
        return false;
    b->told = true;
    b->quiet_s += QUIET_S;
    return true;
}

bool
breaker_failed(struct breaker *b, double after_s)
{
    double now_s = clock_steady_s();
    double pause_s = next_pause(b);

    b->asked_s = after_s;
    if (pause_s < after_s)
        pause_s = after_s;
    if (b->state == BREAKER_CLOSED) {
        b->since_s = now_s;
        b->outages++;
    }
    open_for(b, pause_s);
    return is_told(b, now_s, now_s + pause_s);
}

void
breaker_text(const struct breaker *b, char text[BREAKER_TEXT])
{
    int n = snprintf(text, BREAKER_TEXT, "trying again");

    if (b->asked_s >= 1.)
        n += snprintf(text + n, BREAKER_TEXT - (size_t)n, " in %.0f s",
                      b->asked_s);
    if (b->untold > 0)
        snprintf(text + n, BREAKER_TEXT - (size_t)n,
                 "; %" PRIu64 " short %s before", b->untold,
                 text_plural(b->untold, "outage", "outages"));
}

void
breaker_eased(struct breaker *b)
{
    b->pause_s = 0.;
}

size_t
breaker_most(const struct breaker *b, size_t most)
{
    return b->state != BREAKER_CLOSED && b->step < most ? b->step : most;
}

bool
breaker_worked(struct breaker *b, size_t given, bool more, double *lasted_s)
{
    bool told = b->told;

    if (b->state == BREAKER_CLOSED)
        return false;
    if (more && given >= b->step) {
        b->step = 2 * given;
        return false;
    }
    *lasted_s = clock_steady_s() - b->since_s;
    b->untold = told ? 0 : b->untold + 1;
    b->state = BREAKER_CLOSED;
    b->pause_s = 0.;
    b->told = false;
    return told;
}
