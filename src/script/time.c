/* time.c -- the events' clock of a run, and what moves it. */
#include "script/time.h"

#include <ev.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/watermark.h"
#include "script/job.h"

#define SOURCES_FROM 65536
#define ROUNDED_MS   0.5

static const char state_name[] = "cdr.clock";

struct time {
    struct runtime *rt;
    enum runtime_clock mode;
    struct watermark *clock;
    struct due *due;
    bool kept, started, stopped, held;

    struct ev_periodic wall; /* something is due in silence */
    int64_t armed_ms, look_ms;
    bool looking; /* what was written up to look_ms is being read */
    int64_t cut_at_ms, cut_seen_ms;
};

static void on_wall(struct ev_loop *loop, struct ev_periodic *wall, int events);

struct time *
time_new(struct runtime *rt)
{
    struct time *t = mem_new(sizeof *t);

    t->rt = rt;
    t->mode = rt->options.clock;
    t->clock = watermark_new(rt->options.lateness_ms);
    t->due = due_new(rt);
    ev_periodic_init(&t->wall, on_wall, 0., 0., NULL);
    t->wall.data = t;
    return t;
}

void
time_free(struct time *t)
{
    if (t == NULL)
        return;
    ev_periodic_stop(t->rt->loop, &t->wall);
    due_free(t->due);
    watermark_free(t->clock);
    mem_free(t);
}

int64_t
time_now(const struct time *t)
{
    return t->mode == RUNTIME_CLOCK_WALL ? clock_wall_ms()
                                         : watermark_seen(t->clock);
}

int64_t
time_watermark(const struct time *t)
{
    int64_t at = watermark_at(t->clock);

    if (t->mode == RUNTIME_CLOCK_WALL)
        return clock_wall_ms();
    return at == WATERMARK_NONE ? 0 : at;
}

/* ---- what moves the clock ---- */

static bool
move(struct time *t, uint32_t series, int64_t ms)
{
    if (t->mode == RUNTIME_CLOCK_WALL)
        return !due_is_behind(t->due);
    watermark_line(t->clock, series, ms);
    return due_run(t->due, watermark_at(t->clock));
}

uint32_t
time_source_series(size_t source)
{
    return SOURCES_FROM + (uint32_t)source;
}

bool
time_line(struct time *t, const struct script_line *line)
{
    if (move(t, line->series, record_timestamp(line->text, line->len)))
        return true;
    due_hold_line(t->due, line);
    return false;
}

bool
time_job(struct time *t, struct job *job, uint32_t series, int64_t ms)
{
    if (move(t, series, ms))
        return true;
    due_hold_job(t->due, job);
    return false;
}

static void
run(struct time *t)
{
    due_run(t->due, watermark_at(t->clock));
    t->rt->calls->drained(t->rt->arg);
}

/* ---- silence ---- */

/* Whether the wall clock may move it now. */
static bool
is_silent(const struct time *t)
{
    if (!t->started || t->stopped || t->held || due_is_behind(t->due))
        return false;
    if (t->mode == RUNTIME_CLOCK_WALL)
        return true;
    return t->mode == RUNTIME_CLOCK_AUTO && !t->rt->options.once &&
           watermark_all_rest(t->clock);
}

/* Wakes when the next one is due; at once where the clock has not begun. */
void
time_arm(struct time *t)
{
    int64_t due = due_next(t->due), at = due;

    if (!is_silent(t) || due_is_empty(t->due)) {
        ev_periodic_stop(t->rt->loop, &t->wall);
        return;
    }
    if (watermark_at(t->clock) == WATERMARK_NONE)
        at = 0;
    else if (t->mode == RUNTIME_CLOCK_AUTO)
        at = watermark_wall_for(t->clock, due);
    if (ev_is_active(&t->wall) && t->armed_ms == at)
        return;
    t->armed_ms = at;
    ev_periodic_stop(t->rt->loop, &t->wall);
    ev_periodic_set(&t->wall, ((double)at - ROUNDED_MS) / 1000., 0., NULL);
    ev_periodic_start(t->rt->loop, &t->wall);
}

static void
on_wall(struct ev_loop *loop, struct ev_periodic *wall, int events)
{
    struct time *t = wall->data;

    (void)loop, (void)events;
    t->look_ms = clock_wall_ms();
    if (t->look_ms == t->armed_ms - 1)
        t->look_ms = t->armed_ms; /* woken by half a millisecond early */
    if (t->mode == RUNTIME_CLOCK_WALL) {
        watermark_push(t->clock, t->look_ms);
        run(t);
        time_arm(t);
        return;
    }
    t->looking = true;
    t->rt->calls->look(t->rt->arg);
}

void
runtime_start_clock(struct runtime *rt, uint32_t n_series)
{
    struct time *t = rt->time;

    for (uint32_t i = 0; i < n_series; i++)
        watermark_add(t->clock, i);
    for (size_t i = 0; i < rt->n_sources; i++)
        watermark_add(t->clock, time_source_series(i));
    t->started = true;
    time_arm(t);
}

void
runtime_rested(void *runtime, uint32_t series)
{
    struct runtime *rt = runtime;
    struct time *t = rt->time;

    watermark_rest(t->clock, series);
    if (rt->uses_time)
        run(t);
}

void
runtime_caught_up(void *runtime)
{
    struct time *t = ((struct runtime *)runtime)->time;

    if (t->looking && is_silent(t)) {
        watermark_wall(t->clock, t->look_ms);
        run(t);
    }
    t->looking = false;
    time_arm(t);
}

bool
runtime_is_behind(void *runtime, uint32_t series, uint32_t other)
{
    const struct runtime *rt = runtime;

    return rt->uses_time && watermark_is_behind(rt->time->clock, series, other);
}

void
runtime_end_clock(struct runtime *rt)
{
    struct time *t = rt->time;

    if (!rt->uses_time || t->mode == RUNTIME_CLOCK_WALL)
        return;
    if (watermark_seen(t->clock) > 0)
        watermark_push(t->clock, watermark_seen(t->clock));
    run(t);
}

void
runtime_stop_clock(struct runtime *rt)
{
    rt->time->stopped = true;
    ev_periodic_stop(rt->loop, &rt->time->wall);
}

void
runtime_hold_clock(struct runtime *rt, bool held)
{
    rt->time->held = held;
    time_arm(rt->time);
}

/* ---- what scripts call ---- */

void
time_use(struct time *t)
{
    const struct job *job = t->rt->running;

    if (!t->rt->uses_time && job != NULL && job->line.text != NULL)
        watermark_line(t->clock, job->line.series,
                       record_timestamp(job->line.text, job->line.len));
    t->rt->uses_time = true;
}

uint64_t
time_schedule(struct time *t, const struct timer *timer)
{
    uint64_t token = due_add(t->due, timer);

    time_arm(t);
    return token;
}

bool
time_cancel(struct time *t, uint64_t token)
{
    return due_cancel(t->due, token);
}

bool
time_is_behind(const struct time *t)
{
    return due_is_behind(t->due);
}

void
runtime_go_on(struct runtime *rt)
{
    due_go_on(rt->time->due);
}

/* ---- what survives ---- */

static void
remember(void *arg, const struct kept *state)
{
    struct time *t = arg;
    int64_t at, seen;

    if (sscanf(state->value, "[%" SCNd64 ",%" SCNd64 "]", &at, &seen) == 2)
        watermark_restore(t->clock, at, seen);
}

int
time_keep(struct time *t, struct error *err)
{
    struct runtime *rt = t->rt;

    if (t->kept)
        return 0;
    t->kept = true;
    if (rt->calls->state == NULL)
        return 0;
    if (rt->calls->state(rt->arg, state_name, remember, t, err) < 0)
        return -1;
    t->cut_at_ms = watermark_at(t->clock);
    t->cut_seen_ms = watermark_seen(t->clock);
    due_run(t->due, watermark_at(t->clock));
    return 0;
}

bool
time_is_kept(const struct time *t)
{
    return t->kept;
}

void
time_cut(struct time *t, kept_fn *put, void *arg)
{
    int64_t at = watermark_at(t->clock), seen = watermark_seen(t->clock);
    char text[64];
    int len;

    if (!t->kept || at == WATERMARK_NONE || t->mode == RUNTIME_CLOCK_WALL ||
        (at == t->cut_at_ms && seen == t->cut_seen_ms))
        return;
    len = snprintf(text, sizeof text, "[%" PRId64 ",%" PRId64 "]", at, seen);
    put(arg, &(struct kept){ .name = state_name,
                             .text = "clock",
                             .text_len = 5,
                             .value = text,
                             .value_len = (size_t)len });
    t->cut_at_ms = at;
    t->cut_seen_ms = seen;
}

void
runtime_count_time(const struct runtime *rt, struct runtime_counts *counts)
{
    struct watermark_counts clock;

    watermark_counts(rt->time->clock, &clock);
    counts->late = clock.late;
    counts->ahead = clock.ahead;
    counts->early = clock.early;
}
