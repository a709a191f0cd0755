/* outage.c -- what is told of a destination that takes nothing. */
#include "action/outage.h"

#include "action/breaker.h"
#include "base/clock.h"

#define SILENCE_S 30.

static void
on_silence(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct outage *o = timer->data;
    struct error note;

    (void)loop, (void)events;
    o->told = true;
    fail(&note, "%s: has taken nothing for %g s, and does not fail", o->dest,
         SILENCE_S);
    o->note(o->arg, LOG_WARN, note.text);
}

void
outage_begin(struct outage *o, struct ev_loop *loop)
{
    o->loop = loop;
    ev_timer_init(&o->silence, on_silence, SILENCE_S, 0.);
    o->silence.data = o;
}

void
outage_end(struct outage *o)
{
    ev_timer_stop(o->loop, &o->silence);
}

void
outage_failed(struct outage *o, const struct error *why, size_t waiting,
              double after_s)
{
    struct error note;
    char again[BREAKER_TEXT];

    if (!breaker_failed(o->breaker, after_s))
        return;
    breaker_text(o->breaker, again);
    fail(&note, "%.380s (%zu bytes wait; %s)", why->text, waiting, again);
    o->note(o->arg, LOG_WARN, note.text);
}

static void
tell_over(struct outage *o, double lasted_s)
{
    struct error note;

    fail(&note, "%s: goes on after %.1f s", o->dest, lasted_s);
    o->note(o->arg, LOG_INFO, note.text);
}

void
outage_took(struct outage *o, size_t given, bool more)
{
    double lasted_s;

    if (breaker_worked(o->breaker, given, more, &lasted_s))
        tell_over(o, lasted_s);
}

void
outage_silence(struct outage *o)
{
    o->since_s = clock_steady_s();
    ev_now_update(o->loop);
    ev_timer_set(&o->silence, SILENCE_S, 0.);
    ev_timer_start(o->loop, &o->silence);
}

void
outage_answer(struct outage *o)
{
    ev_timer_stop(o->loop, &o->silence);
    if (o->told)
        tell_over(o, clock_steady_s() - o->since_s);
    o->told = false;
}
