/* replay.c -- what was rejected goes over the road once more.
 *
 * Each record is a ticket: its number in the row of tries, from 1. It is taken
 * when all that held the ticket let it go and nothing failed. */
#include "command/replay.h"

#include <ev.h>
#include <inttypes.h>
#include <string.h>

#include "action/sinks.h"
#include "base/log.h"
#include "base/mem.h"
#include "decode/record.h"
#include "script/runtime.h"
#include "signals.h"
#include "tell.h"

#define IN_HAND_MOST 1000 /* records */

struct
try {
    struct rejected record;
    unsigned holds;
};

struct replay {
    struct chosen *chosen;
    const struct options *options;
    struct ev_loop *loop;
    struct sinks *sinks;
    struct runtime *runtime;
    struct signals *signals;
    struct ev_prepare step;
    struct ev_idle more; /* to come back without waiting */

    struct try *tries;
    bool *left;     /* it is not taken */
    size_t n, next; /* all of them; the next one to begin */
    size_t in_hand;
    unsigned others; /* tickets that are no record's */
    bool told, stopped;
};

/* ---- tickets ---- */

static struct try *
try_of(struct replay *p, uint64_t ticket)
{
    return ticket > 0 && ticket <= p->n ? &p->tries[ticket - 1] : NULL;
}

static void
hold(void *arg, uint64_t ticket)
{
    struct replay *p = arg;
    struct try *t = try_of(p, ticket);

    if (t != NULL)
        t->holds++;
    else
        p->others++;
}

static void
release(void *arg, uint64_t ticket)
{
    struct replay *p = arg;
    struct try *t = try_of(p, ticket);

    if (t == NULL) {
        p->others--;
        return;
    }
    if (--t->holds > 0)
        return;
    rejected_free(&t->record);
    p->in_hand--;
}

/* Of what no record made: timers, the end. */
static uint64_t
other_ticket(void *arg)
{
    struct replay *p = arg;

    p->others++;
    return p->n + 1;
}

static void
leave(struct replay *p, uint64_t ticket, const char *who, const char *reason)
{
    if (try_of(p, ticket) == NULL) {
        log_warn("%s: %s", who, reason);
        return;
    }
    p->left[ticket - 1] = true;
    log_warn("record %zu: %s: %s", p->chosen->list[ticket - 1] + 1, who,
             reason);
}

/* It does not even begin. */
static void
give_up(struct replay *p, uint64_t ticket, const char *reason)
{
    leave(p, ticket, "not sent", reason);
    release(p, ticket);
}

/* ---- what scripts and sinks call ---- */

static void
refused(void *arg, const struct script_line *line, const char *station,
        const char *reason)
{
    leave(arg, line != NULL ? line->ticket : 0,
          station != NULL ? station : "no event", reason);
}

static void
refused_message(void *arg, uint64_t ticket, const struct message *message,
                const char *dest, const char *reason)
{
    (void)message;
    leave(arg, ticket, dest, reason);
}

static bool
has_room(void *arg)
{
    const struct replay *p = arg;

    return p->in_hand < IN_HAND_MOST && !sinks_full(p->sinks) &&
           runtime_has_room(p->runtime);
}

static void
drained(void *arg)
{
    sinks_flush(((struct replay *)arg)->sinks);
}

static void
nothing(void *arg)
{
    (void)arg;
}

static int
no_state(void *arg, const char *name, kept_fn *each, void *each_arg,
         struct error *err)
{
    (void)arg;
    (void)name;
    (void)each;
    (void)each_arg;
    (void)err;
    return 0;
}

static void
stop(void *arg)
{
    struct replay *p = arg;

    p->stopped = true;
    ev_break(p->loop, EVBREAK_ALL);
}

static void
gone(void *arg, const char *sentence)
{
    log_error("%s", sentence);
    stop(arg);
}

static const struct runtime_calls runtime_calls = {
    other_ticket, hold,    release,  refused, has_room, drained,
    nothing,      nothing, no_state, nothing, NULL
};
static const struct outbox_calls outbox_calls = { release, nothing, log_note,
                                                  gone, refused_message };
static const struct signal_calls signal_calls = { stop, nothing };

/* ---- one record ---- */

static void
run_scripts(struct replay *p, const struct rejected *r, uint64_t ticket)
{
    struct script_line line = {
        .text = r->text,
        .len = r->text_len,
        .ticket = ticket,
        .path = r->file != NULL ? r->file : r->sink,
        .offset = r->offset,
        .number = r->line,
        .id = r->id,
    };

    runtime_line(p->runtime, &line);
}

static void
post(struct outbox *to, const struct rejected *r, uint64_t ticket)
{
    struct message m = { .text = { r->text, r->text_len },
                         .id = span_of(r->id ? r->id : r->key) };
    struct record_peek peek;

    m.session.at = record_session(r->text, r->text_len, &m.session.len);
    m.ms = record_timestamp(r->text, r->text_len);
    if (record_peek(r->text, r->text_len, &peek, NULL) > 0 && peek.name)
        m.event = (struct span){ peek.name, peek.name_len };
    outbox_send_message(to, ticket, &m);
}

static void
send(struct outbox *to, const struct rejected *r, uint64_t ticket)
{
    if (outbox_takes_messages(to)) {
        post(to, r, ticket);
        return;
    }
    outbox_date(to, record_timestamp(r->text, r->text_len));
    outbox_send(to, ticket, r->text, r->text_len);
}

/* A line that is an event goes where all events go that survive a road, in the
 * shape in which a run would send it. */
static bool
is_event(const struct rejected *r)
{
    struct record_peek peek;

    return r->sink == NULL &&
           record_peek(r->text, r->text_len, &peek, NULL) > 0;
}

/* Without scripts: to the destination that was named, else to the one that
 * refused it. */
static void
send_back(struct replay *p, const struct rejected *r, uint64_t ticket)
{
    const char *dest = p->options->which.to;
    struct outbox *to = NULL;
    struct error err;

    if (dest == NULL)
        dest = r->sink;
    if (dest == NULL)
        fail(&err, "a line: which scripts, or --to which destination?");
    else
        to = sinks_get(p->sinks, dest, NULL, &err);
    if (to == NULL)
        give_up(p, ticket, err.text);
    else if (outbox_takes_messages(to) && is_event(r))
        run_scripts(p, r, ticket);
    else
        send(to, r, ticket);
}

static void
begin(struct replay *p, size_t i)
{
    struct rejected *r = &p->tries[i].record;
    uint64_t ticket = i + 1;
    struct error err;
    const char *line;
    size_t len;

    p->tries[i].holds = 1;
    p->in_hand++;
    if (chosen_read(p->chosen, i, r, &line, &len, &err) < 0)
        give_up(p, ticket, err.text);
    else if (r->length > r->text_len)
        give_up(p, ticket, "only a part of the text was kept");
    else if (p->options->scripts.n > 0)
        run_scripts(p, r, ticket);
    else
        send_back(p, r, ticket);
}

/* ---- all of them ---- */

static bool
is_done(const struct replay *p)
{
    return p->next == p->n && p->in_hand == 0 && p->others == 0 &&
           sinks_empty(p->sinks);
}

/* Before the loop sleeps. */
static void
on_step(struct ev_loop *loop, struct ev_prepare *watcher, int events)
{
    struct replay *p = watcher->data;

    (void)events;
    for (int i = 0; i < IN_HAND_MOST && p->next < p->n && has_room(p); i++)
        begin(p, p->next++);
    sinks_flush(p->sinks);
    if (is_done(p) && !p->told) {
        p->told = true;
        tell_ended(p->runtime, "end");
        sinks_flush(p->sinks);
    }
    if (is_done(p))
        ev_break(loop, EVBREAK_ALL);
    if (p->next < p->n && has_room(p))
        ev_idle_start(loop, &p->more);
    else
        ev_idle_stop(loop, &p->more);
}

static void
on_more(struct ev_loop *loop, struct ev_idle *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
}

static struct replay *
new_replay(struct chosen *c, const struct options *o)
{
    struct replay *p = mem_new(sizeof *p);
    struct runtime_options runtime = { .sets = o->sets.list,
                                       .lua_dir = o->lua_dir,
                                       .scripts = o->scripts.list,
                                       .once = true,
                                       .clock = RUNTIME_CLOCK_EVENT,
                                       .max_time_s = o->max_time_s,
                                       .max_memory_bytes = o->max_memory };

    p->chosen = c;
    p->options = o;
    p->loop = ev_default_loop(EVFLAG_AUTO);
    p->sinks = sinks_new(p->loop, &outbox_calls, p);
    p->runtime = runtime_new(p->loop, p->sinks, &runtime, &runtime_calls, p);
    p->n = c->n;
    p->tries = mem_new((c->n + 1) * sizeof *p->tries);
    p->left = mem_new((c->n + 1) * sizeof *p->left);
    ev_prepare_init(&p->step, on_step);
    ev_idle_init(&p->more, on_more);
    p->step.data = p;
    return p;
}

static void
free_replay(struct replay *p)
{
    signals_free(p->signals);
    runtime_free(p->runtime);
    sinks_free(p->sinks);
    for (size_t i = 0; i < p->n; i++)
        rejected_free(&p->tries[i].record);
    mem_free(p->tries);
    mem_free(p->left);
    ev_loop_destroy(p->loop);
    mem_free(p);
}

static int
prepare(struct replay *p, struct error *err)
{
    const struct options *o = p->options;

    for (size_t i = 0; i < o->forwards.n; i++)
        if (runtime_forward(p->runtime, o->forwards.list[i], err) < 0)
            return -1;
    if (o->scripts.n > 0 && o->which.to != NULL)
        return fail(err, "replay: either scripts or --to, not both");
    if (o->which.to != NULL &&
        runtime_forward(p->runtime, o->which.to, err) < 0)
        return -1;
    if (o->scripts.n > 0 && runtime_load(p->runtime, err) < 0)
        return -1;
    if (sinks_open(p->sinks, NULL, NULL, err) < 0)
        return -1;
    p->signals = signals_new(p->loop, &signal_calls, p);
    ev_prepare_start(p->loop, &p->step);
    ev_idle_start(p->loop, &p->more);
    return 0;
}

static int
no_size(void *arg, const char *path, uint64_t size, struct error *err)
{
    (void)arg;
    (void)path;
    (void)size;
    (void)err;
    return 0;
}

/* What is still in hand may arrive or not: it stays in the file. */
static int
finish(struct replay *p, struct error *err)
{
    size_t n_left = 0;

    for (size_t i = 0; i < p->n; i++) {
        p->left[i] = p->left[i] || i >= p->next || p->tries[i].holds > 0;
        n_left += p->left[i];
    }
    if (sinks_sync(p->sinks, no_size, NULL, err) < 0 ||
        chosen_drop(p->chosen, p->left, err) < 0)
        return -1;
    log_info("%zu of %zu taken", p->n - n_left, p->n);
    return n_left > 0 || p->stopped ? 1 : runtime_exit_code(p->runtime);
}

int
replay_rejects(struct chosen *c, struct options *o, struct error *err)
{
    struct replay *p = new_replay(c, o);
    int code = prepare(p, err);

    if (code == 0 && p->n > 0) {
        ev_run(p->loop, 0);
        code = finish(p, err);
    }
    free_replay(p);
    return code;
}
