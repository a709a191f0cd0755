/* ending.c -- how a run ends: what is in hand is done first, or left. */
#include "ending.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "tell.h"

struct ending {
    struct ending_parts of;
    struct ev_timer grace;
    struct ev_prepare step;
    const char *why; /* "end" or "stop"; NULL: not yet */
    bool told, broken;
};

static void on_step(struct ev_loop *loop, struct ev_prepare *step, int events);
static void on_grace(struct ev_loop *loop, struct ev_timer *grace, int events);

struct ending *
ending_new(const struct ending_parts *parts)
{
    struct ending *e = mem_new(sizeof *e);

    e->of = *parts;
    ev_timer_init(&e->grace, on_grace, 0., 0.);
    ev_prepare_init(&e->step, on_step);
    e->grace.data = e->step.data = e;
    return e;
}

void
ending_free(struct ending *e)
{
    if (e == NULL)
        return;
    ev_timer_stop(e->of.loop, &e->grace);
    ev_prepare_stop(e->of.loop, &e->step);
    mem_free(e);
}

static void
begin(struct ending *e, const char *why)
{
    if (e->why != NULL)
        return;
    e->why = why;
    tail_stop(e->of.tail);
    runtime_stop_sources(e->of.runtime);
    runtime_stop_clock(e->of.runtime);
    progress_stop(e->of.progress);
    ev_prepare_start(e->of.loop, &e->step);
}

/* Before the loop sleeps: is everything done that was in hand? */
static void
on_step(struct ev_loop *loop, struct ev_prepare *step, int events)
{
    struct ending *e = step->data;
    struct ending_parts *of = &e->of;

    (void)events;
    sinks_flush(of->sinks);
    if (ledger_in_hand(of->ledger) == 0 && !e->told) {
        e->told = true;
        tell_ended(of->runtime, e->why);
        sinks_flush(of->sinks);
    }
    if (e->broken ||
        (ledger_in_hand(of->ledger) == 0 && sinks_empty(of->sinks)))
        ev_break(loop, EVBREAK_ALL);
}

/* What kept them there; the caller frees it. */
static char *
cause(const struct ending_parts *of)
{
    char *dest = sinks_behind(of->sinks);
    char *sentence;

    if (dest == NULL)
        return mem_dup("handlers wait");
    sentence = mem_format("%s has not taken all", dest);
    mem_free(dest);
    return sentence;
}

static void
on_grace(struct ev_loop *loop, struct ev_timer *grace, int events)
{
    struct ending *e = grace->data;
    size_t n = ledger_in_hand(e->of.ledger);
    char *why = cause(&e->of);

    (void)events;
    log_warn("%zu %s still in hand after %g s, as %s%s", n,
             text_plural(n, "line was", "lines were"), e->of.options->grace_s,
             why,
             commit_dir(e->of.commit) ? ": read again at the next start" : "");
    mem_free(why);
    ev_break(loop, EVBREAK_ALL);
}

void
ending_at_end(struct ending *e)
{
    if (e->why == NULL)
        runtime_end_clock(e->of.runtime);
    begin(e, "end");
}

void
ending_stop(struct ending *e)
{
    ev_timer_set(&e->grace, e->of.options->grace_s, 0.);
    ev_timer_start(e->of.loop, &e->grace);
    begin(e, "stop");
}

void
ending_broken(struct ending *e)
{
    e->broken = true;
    begin(e, "stop");
}

bool
ending_has_begun(const struct ending *e)
{
    return e->why != NULL;
}

bool
ending_is_broken(const struct ending *e)
{
    return e->broken;
}
