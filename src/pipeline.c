/* pipeline.c -- the order of things: from the file to the sinks and back.
 *
 * A line enters at on_line and holds a ticket until every station is done with
 * it and every sink has taken what was sent: on_taken. The places that the
 * ledger then calls safe are committed about once a second. Nothing else flows
 * back but "pause" and "go on". */
#include "pipeline.h"

#include <ev.h>

#include "action/sinks.h"
#include "anew.h"
#include "base/mem.h"
#include "commit.h"
#include "ending.h"
#include "input/tail.h"
#include "progress.h"
#include "rejects.h"
#include "script/runtime.h"
#include "signals.h"
#include "state/ledger.h"
#include "tell.h"

#define IN_HAND_MOST 20000 /* lines */

struct pipeline {
    const struct options *options;
    struct ev_loop *loop;
    struct ledger *ledger;
    struct sinks *sinks;
    struct runtime *runtime;
    struct tail *tail;
    struct rejects *rejects;
    struct progress *progress;
    struct commit *commit;
    struct anew *anew;

    struct signals *signals;
    struct ending *ending;
    bool paused, input_done;
    uint64_t lines;
};

/* ---- pause and go on ---- */

static bool
has_room(void *arg)
{
    const struct pipeline *p = arg;

    return ledger_in_hand(p->ledger) < IN_HAND_MOST && !sinks_full(p->sinks) &&
           runtime_has_room(p->runtime) && !commit_holds(p->commit);
}

static void
pause_if_full(struct pipeline *p)
{
    if (has_room(p))
        return;
    p->paused = true;
    tail_pause(p->tail);
}

static void
go_on(void *arg)
{
    struct pipeline *p = arg;

    commit_soon(p->commit);
    runtime_go_on(p->runtime);
    if (ending_has_begun(p->ending) || !has_room(p))
        return;
    p->paused = false;
    tail_resume(p->tail);
    runtime_start_sources(p->runtime);
}

/* ---- a ticket is opened, held, and let go of ---- */

static uint64_t
on_ticket(void *arg)
{
    return ledger_open(((struct pipeline *)arg)->ledger, (struct place){ 0 });
}

static void
on_hold(void *arg, uint64_t ticket)
{
    ledger_hold(((struct pipeline *)arg)->ledger, ticket);
}

static void
on_taken(void *arg, uint64_t ticket)
{
    struct pipeline *p = arg;

    ledger_release(p->ledger, ticket);
    commit_soon(p->commit);
    if (p->paused)
        go_on(p);
}

/* ---- what cannot be used ---- */

static void
refuse(struct pipeline *p, const struct script_line *line, uint64_t whole_len,
       const char *station, const char *reason)
{
    ledger_hold(p->ledger, line->ticket);
    rejects_add(p->rejects, line, whole_len, station, reason);
    tell_rejected(p->runtime, line, reason);
}

static void
on_refused(void *arg, const struct script_line *line, const char *station,
           const char *reason)
{
    struct pipeline *p = arg;

    if (line != NULL)
        refuse(p, line, line->len, station, reason);
    else
        rejects_warn(p->rejects, station, reason);
}

static void
on_refused_message(void *arg, uint64_t ticket, const struct message *message,
                   const char *dest, const char *reason)
{
    struct pipeline *p = arg;

    ledger_hold(p->ledger, ticket);
    rejects_add_message(p->rejects, ticket, message, dest, reason);
}

/* ---- the tail has a line ---- */

/* A half last line is taken if it is an event. One of a file else stays where
 * it is: the rest of it may come before the next run. */
static bool
half_line_waits(struct pipeline *p, const struct tail_line *tl)
{
    return tl->half && tl->end.file != 0 &&
           !runtime_parses(p->runtime, tl->text, tl->len);
}

static void
enter(struct pipeline *p, const struct tail_line *tl, struct script_line *line)
{
    p->lines++;
    commit_soon(p->commit);
    line->text = tl->text;
    line->len = tl->len;
    line->ticket = ledger_open(p->ledger, tl->end);
    line->path = tl->path;
    line->offset = tl->start.offset;
    line->number = tl->start.line + 1;
    line->first_line = tl->first_line;
    line->series = tl->series;
    line->id = NULL;
}

/* Why a line is not run, or NULL. */
static const char *
bars(struct pipeline *p, const struct tail_line *tl, const char **station)
{
    *station = NULL;
    return tl->too_long ? "longer than --max-line"
                        : anew_refuses(p->anew, tl, station);
}

static void
pass_over(struct pipeline *p, const struct tail_line *tl,
          const struct script_line *line, const char *station,
          const char *reason)
{
    uint64_t whole = tl->end.offset - tl->start.offset;

    refuse(p, line, tl->too_long ? whole : tl->len, station, reason);
    ledger_release(p->ledger, line->ticket);
}

static bool
on_line(void *arg, const struct tail_line *tl)
{
    struct pipeline *p = arg;
    struct script_line line;
    const char *station, *bar;

    if (half_line_waits(p, tl))
        return false;
    enter(p, tl, &line);
    bar = bars(p, tl, &station);
    if (bar != NULL)
        pass_over(p, tl, &line, station, bar);
    else
        runtime_line(p->runtime, &line);
    pause_if_full(p);
    return true;
}

static void
on_skipped(void *arg, struct place place)
{
    struct pipeline *p = arg;

    ledger_pass(p->ledger, place);
    commit_soon(p->commit);
}

static void
tell_of(struct pipeline *p, const char *event, const char *path, uint64_t at)
{
    log_debug("%s: %s at byte %llu", path, event, (unsigned long long)at);
    tell_file(p->runtime, event, path, at);
    pause_if_full(p);
}

static void
on_opened(void *arg, const char *path, uint64_t offset)
{
    tell_of(arg, "file.opened", path, offset);
}

static void
on_ended(void *arg, const char *path, uint64_t offset)
{
    tell_of(arg, "file.ended", path, offset);
}

static void
on_drained(void *arg)
{
    sinks_flush(((struct pipeline *)arg)->sinks);
}

/* ---- what is asked for ---- */

static int
on_state(void *arg, const char *name, kept_fn *each, void *each_arg,
         struct error *err)
{
    return commit_state(((struct pipeline *)arg)->commit, name, each, each_arg,
                        err);
}

static void
on_look(void *arg)
{
    tail_look(((struct pipeline *)arg)->tail);
}

static void
on_report(void *arg)
{
    progress_summary(((struct pipeline *)arg)->progress);
}

/* ---- the end ---- */

static void
on_done(void *arg)
{
    struct pipeline *p = arg;

    p->input_done = true;
    if (runtime_source_ended(p->runtime))
        ending_at_end(p->ending);
}

static void
on_sources_ended(void *arg)
{
    struct pipeline *p = arg;

    if (p->input_done || p->options->inputs.n == 0)
        ending_at_end(p->ending);
}

static void
on_stop(void *arg)
{
    ending_stop(((struct pipeline *)arg)->ending);
}

static void
on_gone(void *arg, const char *sentence)
{
    struct pipeline *p = arg;

    log_debug("%s", sentence);
    ending_broken(p->ending);
}

static void
on_stuck(void *arg)
{
    anew_stuck(((struct pipeline *)arg)->anew);
}

/* ---- birth ---- */

static const struct tail_calls tail_calls = { on_line,  on_skipped, on_opened,
                                              on_ended, on_drained, log_note,
                                              on_done };
static const struct tail_clock tail_clock = { runtime_rested, runtime_caught_up,
                                              runtime_is_behind };
static const struct runtime_calls runtime_calls = {
    on_ticket,        on_hold, on_taken, on_refused, has_room, on_drained,
    on_sources_ended, go_on,   on_state, on_look,    on_stuck
};
static const struct signal_calls signal_calls = { on_stop, on_report };
static const struct outbox_calls outbox_calls = { on_taken, go_on, log_note,
                                                  on_gone, on_refused_message };

static struct pipeline *
new_pipeline(const struct options *o)
{
    struct pipeline *p = mem_new(sizeof *p);
    struct tail_options tail = { o->max_line, o->sweep_s, o->from, o->once };
    struct runtime_options runtime = { .sets = o->sets.list,
                                       .lua_dir = o->lua_dir,
                                       .scripts = o->scripts.list,
                                       .inputs = o->inputs.list,
                                       .once = o->once,
                                       .clock = o->clock,
                                       .lateness_ms =
                                           (int64_t)(o->lateness_s * 1000),
                                       .max_time_s = o->max_time_s,
                                       .max_memory_bytes = o->max_memory };

    p->options = o;
    p->loop = ev_default_loop(EVFLAG_AUTO);
    p->ledger = ledger_new();
    p->sinks = sinks_new(p->loop, &outbox_calls, p);
    p->runtime = runtime_new(p->loop, p->sinks, &runtime, &runtime_calls, p);
    p->tail = tail_new(p->loop, &tail, &tail_calls, p);
    tail_tell_clock(p->tail, &tail_clock, p->runtime);
    p->anew = anew_new(o, p->runtime);
    p->rejects = rejects_new(o, p->sinks);
    p->commit =
        commit_new(&(struct commit_parts){ o, p->loop, p->ledger, p->sinks,
                                           p->tail, p->runtime },
                   go_on, p);
    p->progress = progress_new(
        &(struct progress_parts){ p->loop, o, p->tail, p->runtime, p->rejects,
                                  p->sinks, p->commit, &p->lines });
    p->ending = ending_new(
        &(struct ending_parts){ o, p->loop, p->ledger, p->sinks, p->tail,
                                p->runtime, p->progress, p->commit });
    return p;
}

static void
free_pipeline(struct pipeline *p)
{
    signals_free(p->signals);
    ending_free(p->ending);
    progress_free(p->progress);
    commit_free(p->commit);
    tail_free(p->tail);
    runtime_free(p->runtime); /* which may be stuck */
    anew_free(p->anew);
    rejects_free(p->rejects);
    sinks_free(p->sinks);
    ledger_free(p->ledger);
    ev_loop_destroy(p->loop);
    mem_free(p);
}

static int
load(struct pipeline *p, struct error *err)
{
    const struct options *o = p->options;

    for (size_t i = 0; i < o->forwards.n; i++)
        if (runtime_forward(p->runtime, o->forwards.list[i], err) < 0)
            return -1;
    return runtime_load(p->runtime, err);
}

static int
add_inputs(struct pipeline *p, struct error *err)
{
    const struct words *inputs = &p->options->inputs;

    if (inputs->n == 0 && !runtime_has_source(p->runtime))
        return tail_add(p->tail, options_default_input(), err);
    for (size_t i = 0; i < inputs->n; i++)
        if (tail_add(p->tail, inputs->list[i], err) < 0)
            return -1;
    return 0;
}

static int
prepare(struct pipeline *p, struct error *err)
{
    if (load(p, err) < 0 || add_inputs(p, err) < 0 ||
        commit_open(p->commit, err) < 0 ||
        rejects_open(p->rejects, commit_dir(p->commit), err) < 0 ||
        sinks_each_path(p->sinks, tail_refuse_circle, p->tail, err) < 0 ||
        sinks_open(p->sinks, commit_dir(p->commit) ? commit_known_size : NULL,
                   p->commit, err) < 0)
        return -1;
    commit_outputs(p->commit);
    anew_open(p->anew, commit_dir(p->commit));
    p->signals = signals_new(p->loop, &signal_calls, p);
    if (tail_start(p->tail, err) < 0)
        return -1;
    runtime_start_clock(p->runtime, tail_n_series(p->tail));
    runtime_start_sources(p->runtime);
    return 0;
}

/* Following goes on after a fault of an input; a result without it is none. */
static int
finish(struct pipeline *p)
{
    int code = runtime_exit_code(p->runtime);
    struct error err;

    if (commit_last(p->commit, &err) < 0) {
        log_error("%s", err.text);
        return 1;
    }
    if (ending_is_broken(p->ending))
        return 1;
    return code == 0 && p->options->once && tail_faults(p->tail) ? 1 : code;
}

int
pipeline_run(const struct options *o)
{
    struct pipeline *p = new_pipeline(o);
    struct error err;
    int code;

    if (prepare(p, &err) < 0) {
        log_error("%s", err.text);
        code = 2;
    } else {
        progress_begin(p->progress, commit_dir(p->commit));
        ev_run(p->loop, 0);
        code = finish(p);
        progress_end(p->progress);
    }
    free_pipeline(p);
    return code;
}
