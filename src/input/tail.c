/* tail.c -- follow directories, files and globs, losing no line of them. */
#include "input/tail.h"

#include <stdarg.h>
#include <stdio.h>
#include <utlist.h>

#include "base/mem.h"
#include "input/changes.h"
#include "input/decide.h"
#include "input/entry.h"
#include "input/input.h"
#include "input/life.h"
#include "input/look.h"
#include "input/lost.h"
#include "input/read.h"
#include "input/records.h"
#include "input/series.h"
#include "input/stream.h"

void
tail_note(struct tail *t, enum log_level level, const char *fmt, ...)
{
    char sentence[1024];
    va_list args;

    if (t->calls.note == NULL)
        return;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    t->calls.note(t->arg, level, sentence);
}

void
tail_fault(struct tail *t, const char *name, const char *cause)
{
    t->faults++;
    tail_note(t, LOG_WARN, "%s: %s", name, cause);
}

bool
tail_lend(struct tail *t, struct tail_line *line)
{
    return t->calls.line(t->arg, line);
}

void
tail_again(struct tail *t)
{
    if (t->started && !t->paused && !t->stopped)
        ev_timer_start(t->loop, &t->again);
}

static void
rest(struct tail *t, struct input *in)
{
    if (in->rests)
        return;
    in->rests = true;
    if (t->clock.rested != NULL)
        t->clock.rested(t->clock_arg, in->series);
}

/* Series that are read to their ends go by their clocks. */
static void
choose_turn(struct tail *t)
{
    if (!t->options.once || t->clock.is_behind == NULL)
        return;
    for (size_t i = 0; i < t->n_inputs; i++) {
        const struct input *in = t->inputs[i], *best = t->inputs[t->turn];
        if (!in->rests &&
            (best->rests ||
             t->clock.is_behind(t->clock_arg, in->series, best->series)))
            t->turn = i;
    }
}

/* One step of one input, the next in turn that has something to do. */
static bool
step(struct tail *t)
{
    choose_turn(t);
    for (size_t i = 0; i < t->n_inputs; i++) {
        struct input *in = t->inputs[(t->turn + i) % t->n_inputs];
        if (lost_check(in) || lost_find(in) || decide_one(in) ||
            read_some(in)) {
            t->turn = (t->turn + i + 1) % t->n_inputs;
            return true;
        }
        rest(t, in);
    }
    return false;
}

static bool
are_streams_ended(const struct tail *t)
{
    for (size_t i = 0; i < t->n_streams; i++)
        if (!stream_is_ended(t->streams[i]))
            return false;
    return true;
}

static void
say_done(struct tail *t)
{
    if (t->said_done || t->paused || t->stopped || !are_streams_ended(t))
        return;
    if (!t->options.once && (t->n_inputs > 0 || t->n_streams == 0))
        return;
    t->said_done = true;
    if (t->calls.done != NULL)
        t->calls.done(t->arg);
}

/* A pipe may always bring more: it is read to its end only when it ended. */
static void
say_caught_up(struct tail *t)
{
    bool all = true;

    for (size_t i = 0; i < t->n_streams; i++) {
        const struct stream *s = t->streams[i];
        if (!stream_is_ended(s))
            all = false;
        else if (t->clock.rested != NULL)
            t->clock.rested(t->clock_arg, stream_series(s));
    }
    if (all && t->clock.caught_up != NULL)
        t->clock.caught_up(t->clock_arg);
}

/* A burst that filled the buffer is not yet the end of what is there. */
static void
drain(struct tail *t, bool goes_on)
{
    if (!t->undrained || (goes_on && t->more && !t->paused && !t->stopped))
        return;
    t->undrained = false;
    if (t->calls.drained != NULL)
        t->calls.drained(t->arg);
}

/* A bounded piece of work; the rest of it comes after other watchers had
 * their turn. */
void
tail_work(struct tail *t)
{
    bool goes_on;

    ev_timer_stop(t->loop, &t->again);
    if (t->paused || t->stopped)
        return;
    look_until_quiet(t);
    t->more = false;
    goes_on = step(t);
    drain(t, goes_on);
    if (goes_on) {
        tail_again(t);
    } else {
        say_caught_up(t);
        say_done(t);
    }
    life_forget_some(t);
}

static void
on_again(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    tail_work(timer->data);
}

struct tail *
tail_new(struct ev_loop *loop, const struct tail_options *options,
         const struct tail_calls *calls, void *arg)
{
    struct tail *t = mem_new(sizeof *t);

    t->loop = loop;
    t->options = *options;
    t->calls = *calls;
    t->arg = arg;
    ev_timer_init(&t->again, on_again, 0., 0.);
    t->again.data = t;
    return t;
}

void
tail_tell_clock(struct tail *t, const struct tail_clock *clock, void *arg)
{
    t->clock = *clock;
    t->clock_arg = arg;
}

void
tail_free(struct tail *t)
{
    if (t == NULL)
        return;
    tail_stop(t);
    entry_forget_arrivals(t);
    for (size_t i = 0; i < t->n_inputs; i++)
        input_free(t->inputs[i]);
    for (size_t i = 0; i < t->n_streams; i++)
        stream_free(t->streams[i]);
    while (t->lives != NULL)
        life_free(t->lives);
    mem_free(t->inputs);
    mem_free(t->streams);
    mem_free(t);
}

void
tail_remember(void *tail, const struct record *record)
{
    struct tail *t = tail;

    if (record->place.file > t->last_number)
        t->last_number = record->place.file;
    if (t->options.from != TAIL_FROM_START)
        life_from_record(t, record);
}

int
tail_start(struct tail *t, struct error *err)
{
    if (changes_start(t, err) < 0)
        return -1;
    t->starting = true;
    for (size_t i = 0; i < t->n_inputs; i++)
        look_into(t->inputs[i]);
    t->starting = false;
    records_find(t);
    t->started = true;
    for (size_t i = 0; i < t->n_streams && !t->paused; i++)
        stream_start(t->streams[i]);
    tail_again(t);
    return 0;
}

void
tail_pause(struct tail *t)
{
    if (t->paused)
        return;
    t->paused = true;
    ev_timer_stop(t->loop, &t->again);
    for (size_t i = 0; i < t->n_streams; i++)
        stream_stop(t->streams[i]);
}

void
tail_resume(struct tail *t)
{
    if (!t->paused)
        return;
    t->paused = false;
    if (!t->started || t->stopped)
        return;
    for (size_t i = 0; i < t->n_streams; i++)
        stream_start(t->streams[i]);
    tail_again(t);
}

uint32_t
tail_n_series(const struct tail *t)
{
    return t->n_series;
}

void
tail_look(struct tail *t)
{
    struct life *life;

    for (size_t i = 0; i < t->n_inputs; i++)
        t->inputs[i]->dirty = true;
    DL_FOREACH(t->lives, life)
    {
        if (life->source != NULL)
            life_touched(life);
    }
    tail_again(t);
}

void
tail_stop(struct tail *t)
{
    t->stopped = true;
    ev_timer_stop(t->loop, &t->again);
    for (size_t i = 0; i < t->n_streams; i++)
        stream_stop(t->streams[i]);
    changes_stop(t);
}

int
tail_record(struct tail *t, struct place place, struct record *record)
{
    struct life *life;

    HASH_FIND(hh, t->numbered, &place.file, sizeof place.file, life);
    if (life == NULL)
        return -1;
    record->place = place;
    life_describe(life, record);
    return 0;
}

void
tail_progress(const struct tail *t, struct tail_progress *progress)
{
    struct life *life;
    struct entry *e;

    *progress = (struct tail_progress){ .nul_runs = t->nul_runs };
    DL_FOREACH(t->lives, life)
    {
        life_count(life, progress);
    }
    for (e = t->by_id; e != NULL; e = e->hh.next) {
        if (e->kind != ENTRY_NEW)
            continue;
        progress->files++;
        if (!series_is_gz(base_name(e->path)))
            progress->known_bytes += e->stamp.size;
    }
    for (size_t i = 0; i < t->n_streams; i++) {
        progress->read_bytes += stream_read_bytes(t->streams[i]);
        progress->nul_runs += stream_nul_runs(t->streams[i]);
    }
}

uint64_t
tail_faults(const struct tail *t)
{
    return t->faults;
}
