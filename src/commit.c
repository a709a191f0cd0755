/* commit.c -- what is safe is kept, about once a second.
 *
 * First the cut, then the sinks are brought to the disk, then the transaction:
 * what the disk holds is never less than what the places say was done. */
#include "commit.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cut.h"
#include "hold.h"
#include "news.h"
#include "state/checkpoint.h"
#include "tell.h"

#define EVERY_S 1.

struct commit {
    struct commit_parts with;
    void (*room)(void *arg);
    void *arg;
    char *dir;
    struct checkpoint *checkpoint;
    struct news *news;
    struct ev_timer timer;
    struct cut cut;
    bool cutting;    /* it waits for the sinks to take what was sent before */
    uint64_t ticket; /* the newest one at the cut */
    struct hold hold;
    double failed_s; /* since when nothing can be kept; 0: it can */
    bool lost;       /* a disk refused, which is for ever */
};

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events);

struct commit *
commit_new(const struct commit_parts *parts, void (*room)(void *arg), void *arg)
{
    struct commit *c = mem_new(sizeof *c);

    c->with = *parts;
    c->room = room;
    c->arg = arg;
    hold_init(&c->hold, parts->runtime);
    ev_timer_init(&c->timer, on_timer, EVERY_S, 0.);
    c->timer.data = c;
    return c;
}

void
commit_free(struct commit *c)
{
    if (c == NULL)
        return;
    ev_timer_stop(c->with.loop, &c->timer);
    news_free(c->news);
    checkpoint_close(c->checkpoint);
    mem_free(c->dir);
    cut_free(&c->cut);
    mem_free(c);
}

/* ---- what was kept ---- */

static int
open_folder(struct commit *c, struct error *err)
{
    char *moved = NULL;

    if (c->checkpoint != NULL)
        return 0;
    if (c->dir == NULL)
        c->dir = options_state_dir(c->with.options);
    c->checkpoint = checkpoint_open(c->dir, &moved, err);
    if (moved != NULL)
        log_warn("%s", moved);
    mem_free(moved);
    return c->checkpoint != NULL ? 0 : -1;
}

const char *
commit_dir(const struct commit *c)
{
    return c->checkpoint != NULL ? c->dir : NULL;
}

static void
on_news(void *arg)
{
    struct commit *c = arg;

    if (!checkpoint_has_news(c->checkpoint))
        return;
    tell_silences(c->with.runtime);
    sinks_flush(c->with.sinks);
}

/* Without it commands are heard of at the next start. */
static void
listen_for_news(struct commit *c)
{
    struct error err;

    c->news = news_new(c->with.loop, c->dir, on_news, c, &err);
    if (c->news == NULL)
        log_warn("%s (new silences are not noticed)", err.text);
}

int
commit_open(struct commit *c, struct error *err)
{
    bool has_source = runtime_has_source(c->with.runtime);
    bool keeps_places = options_keep_state(c->with.options, has_source);

    if (keeps_places && open_folder(c, err) < 0)
        return -1;
    if (c->checkpoint != NULL)
        listen_for_news(c);
    if (!keeps_places)
        return 0;
    return checkpoint_records(c->checkpoint, tail_remember, c->with.tail, err);
}

int
commit_state(struct commit *c, const char *name, kept_fn *each, void *arg,
             struct error *err)
{
    const struct options *o = c->with.options;

    if (o->once && o->state == NULL)
        return 0;
    if (open_folder(c, err) < 0)
        return -1;
    return checkpoint_states(c->checkpoint, name, each, arg, err);
}

int64_t
commit_known_size(void *commit, const char *path)
{
    struct commit *c = commit;
    uint64_t size;

    if (c->checkpoint == NULL ||
        checkpoint_output(c->checkpoint, path, &size, NULL) <= 0)
        return -1;
    return (int64_t)size;
}

/* ---- the transaction ---- */

static int
put_output(void *arg, const char *path, uint64_t size, struct error *err)
{
    struct commit *c = arg;

    return checkpoint_put_output(c->checkpoint, path, size, err);
}

static int
put_places(struct commit *c, struct error *err)
{
    for (size_t i = 0; i < c->cut.n; i++) {
        struct record record;
        if (tail_record(c->with.tail, c->cut.places[i], &record) == 0 &&
            checkpoint_put_record(c->checkpoint, &record, err) < 0)
            return -1;
    }
    return 0;
}

/* Told once, however long it lasts; and once more when it is for ever. */
static void
failed(struct commit *c, const struct error *err)
{
    bool lost = sinks_lost(c->with.sinks);

    if (c->failed_s != 0. && lost == c->lost)
        return;
    c->failed_s = clock_steady_s();
    c->lost = lost;
    log_error("%s (%s)", err->text,
              lost ? "no place is kept any more; the next start writes again "
                     "what came since"
                   : "the places are not kept yet; trying again");
}

static void
recovered(struct commit *c)
{
    if (c->failed_s == 0.)
        return;
    log_info("%s: the places are kept again, after %.1f s", c->dir,
             clock_steady_s() - c->failed_s);
    c->failed_s = 0.;
}

static int
transact(struct commit *c, struct error *err)
{
    if (checkpoint_begin(c->checkpoint, err) < 0)
        return -1;
    if (sinks_sync(c->with.sinks, put_output, c, err) < 0 ||
        put_places(c, err) < 0 ||
        cut_put_states(&c->cut, c->checkpoint, err) < 0) {
        checkpoint_rollback(c->checkpoint);
        return -1;
    }
    return checkpoint_commit(c->checkpoint, err);
}

static int
keep(struct commit *c, struct error *err)
{
    if (cut_is_empty(&c->cut))
        return 0;
    if (transact(c, err) < 0)
        return -1;
    cut_clear(&c->cut);
    recovered(c);
    return 0;
}

void
commit_outputs(struct commit *c)
{
    struct error err;

    if (c->checkpoint != NULL && transact(c, &err) < 0)
        failed(c, &err);
}

/* ---- the cut ---- */

/* Without state tables each place counts for itself, as soon as all before it
 * is done. */
static int
keep_places(struct commit *c, struct error *err)
{
    ledger_moved(c->with.ledger, cut_add_place, &c->cut);
    return keep(c, err);
}

static void
make_cut(struct commit *c)
{
    runtime_state_cut(c->with.runtime, cut_add_state, &c->cut);
    ledger_read(c->with.ledger, cut_add_place, &c->cut);
    c->ticket = ledger_newest(c->with.ledger);
    c->cutting = !cut_is_empty(&c->cut);
    if (hold_end(&c->hold))
        c->room(c->arg);
}

static int
keep_all(struct commit *c, struct error *err)
{
    if (!c->cutting && !runtime_is_settled(c->with.runtime)) {
        if (hold_await(&c->hold))
            c->room(c->arg);
        return 0;
    }
    if (!c->cutting)
        make_cut(c);
    if (!c->cutting || !ledger_settled(c->with.ledger, c->ticket))
        return 0;
    if (keep(c, err) < 0)
        return -1;
    c->cutting = false;
    return 0;
}

static int
try_to_keep(struct commit *c, struct error *err)
{
    if (c->checkpoint == NULL)
        return 0;
    if (runtime_keeps_state(c->with.runtime))
        return keep_all(c, err);
    return keep_places(c, err);
}

/* ---- when ---- */

static void
try_after(struct commit *c, double seconds)
{
    ev_timer_stop(c->with.loop, &c->timer);
    ev_timer_set(&c->timer, seconds, 0.);
    ev_timer_start(c->with.loop, &c->timer);
}

/* Whether what was waited for has come. */
static bool
is_time(const struct commit *c)
{
    if (c->cutting)
        return ledger_settled(c->with.ledger, c->ticket);
    return c->hold.since_s > 0. && runtime_is_settled(c->with.runtime);
}

void
commit_soon(struct commit *c)
{
    if (c->checkpoint == NULL)
        return;
    if (is_time(c))
        try_after(c, 0.);
    else if (!ev_is_active(&c->timer))
        try_after(c, EVERY_S);
}

bool
commit_holds(const struct commit *c)
{
    return hold_is_on(&c->hold);
}

uint64_t
commit_held(const struct commit *c)
{
    return c->hold.times;
}

/* What came while a cut waited is not in it: it has the next one. */
static void
on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    struct commit *c = timer->data;
    bool waited = c->cutting;
    struct error err;

    (void)loop;
    (void)events;
    if (try_to_keep(c, &err) < 0)
        failed(c, &err);
    else if (c->hold.since_s == 0. && (!waited || c->cutting))
        return;
    try_after(c, EVERY_S);
}

/* A cut that waited is kept first; what came after it then has its own. */
int
commit_last(struct commit *c, struct error *err)
{
    if (try_to_keep(c, err) < 0)
        return -1;
    return c->cutting ? 0 : try_to_keep(c, err);
}
