/* linger.c -- a timer that waits until nothing more comes, but not for long. */
#include "action/linger.h"

#include "base/clock.h"

#define SILENCE_S 0.005
#define MOST_S    0.1 /* while more comes */

void
linger_init(struct linger *l, struct ev_loop *loop, linger_fn *over, void *data)
{
    l->loop = loop;
    ev_timer_init(&l->timer, over, 0., 0.);
    l->timer.data = data;
}

void
linger_on(struct linger *l)
{
    double now = clock_steady_s();

    if (!ev_is_active(&l->timer))
        l->since_s = now;
    else if (now - l->since_s > MOST_S)
        return;
    ev_timer_stop(l->loop, &l->timer);
    ev_now_update(l->loop);
    ev_timer_set(&l->timer, SILENCE_S, 0.);
    ev_timer_start(l->loop, &l->timer);
}

void
linger_stop(struct linger *l)
{
    ev_timer_stop(l->loop, &l->timer);
}
