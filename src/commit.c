/* commit.c -- the places that are safe are kept, about once a second.
 *
 * First the cut, then the sinks are brought to the disk, then the transaction:
 * what the disk holds is never less than what the places say was done. */
#include "commit.h"

#include "base/log.h"
#include "base/mem.h"
#include "state/checkpoint.h"

#define EVERY_S 1.

struct commit {
    struct ev_loop *loop;
    struct ledger *ledger;
    struct sinks *sinks;
    struct tail *tail;
    struct checkpoint *checkpoint;
    struct ev_timer timer;
    struct place *cut; /* one for each file that moved since the last commit */
    size_t n;
    struct log_limit limit;
};

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events);

struct commit *
commit_new(struct ev_loop *loop, struct ledger *ledger, struct sinks *sinks,
           struct tail *tail)
{
    struct commit *c = mem_new(sizeof *c);

    c->loop = loop;
    c->ledger = ledger;
    c->sinks = sinks;
    c->tail = tail;
    ev_timer_init(&c->timer, on_timer, EVERY_S, 0.);
    c->timer.data = c;
    return c;
}

void
commit_free(struct commit *c)
{
    if (c == NULL)
        return;
    ev_timer_stop(c->loop, &c->timer);
    checkpoint_close(c->checkpoint);
    mem_free(c->cut);
    mem_free(c);
}

static void
remember(void *arg, const struct record *record)
{
    struct commit *c = arg;

    tail_remember(c->tail, record);
}

int
commit_open(struct commit *c, const char *dir, struct error *err)
{
    char *moved = NULL;

    c->checkpoint = checkpoint_open(dir, &moved, err);
    if (moved != NULL)
        log_warn("%s", moved);
    mem_free(moved);
    if (c->checkpoint == NULL)
        return -1;
    return checkpoint_records(c->checkpoint, remember, c, err);
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

void
commit_soon(struct commit *c)
{
    if (c->checkpoint == NULL || ev_is_active(&c->timer))
        return;
    ev_timer_set(&c->timer, EVERY_S, 0.);
    ev_timer_start(c->loop, &c->timer);
}

/* A place of the same file that an earlier try did not keep is passed. */
static void
add_to_cut(void *arg, struct place safe)
{
    struct commit *c = arg;
    size_t i = 0;

    while (i < c->n && c->cut[i].file != safe.file)
        i++;
    if (i == c->n)
        c->cut = mem_grow(c->cut, ++c->n * sizeof *c->cut);
    c->cut[i] = safe;
}

static int
put_output(void *arg, const char *path, uint64_t size, struct error *err)
{
    struct commit *c = arg;

    return checkpoint_put_output(c->checkpoint, path, size, err);
}

static int
put_places(struct commit *c, struct error *err)
{
    for (size_t i = 0; i < c->n; i++) {
        struct record record;
        if (tail_record(c->tail, c->cut[i], &record) == 0 &&
            checkpoint_put_record(c->checkpoint, &record, err) < 0)
            return -1;
    }
    return 0;
}

int
commit_now(struct commit *c, struct error *err)
{
    if (c->checkpoint == NULL)
        return 0;
    ledger_moved(c->ledger, add_to_cut, c);
    if (c->n == 0)
        return 0;
    if (checkpoint_begin(c->checkpoint, err) < 0)
        return -1;
    if (sinks_sync(c->sinks, put_output, c, err) < 0 ||
        put_places(c, err) < 0) {
        checkpoint_rollback(c->checkpoint);
        return -1;
    }
    if (checkpoint_commit(c->checkpoint, err) < 0)
        return -1;
    c->n = 0;
    return 0;
}

static void
on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    struct commit *c = timer->data;
    struct error err;

    (void)loop;
    (void)events;
    if (commit_now(c, &err) == 0)
        return;
    log_limited(&c->limit, LOG_ERROR,
                "%s (the places are not kept yet; trying again)", err.text);
    commit_soon(c);
}
