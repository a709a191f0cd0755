/* changes.c -- what the kernel and the sweep tell of the directories. */
#include "input/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "input/entry.h"
#include "input/input.h"
#include "input/life.h"
#include "input/look.h"
#include "input/read.h"

static void
all_dirty(struct tail *t)
{
    for (size_t i = 0; i < t->n_inputs; i++)
        t->inputs[i]->dirty = true;
}

/* What waited to be complete and did not change since the last sweep is
 * complete. */
static void
settle_waiting(struct input *in)
{
    struct entry *e;

    DL_FOREACH(in->entries, e)
    {
        if (e->kind == ENTRY_WAITING) {
            e->closed = !e->touched;
            entry_is_due(e);
        }
        e->touched = false;
    }
}

/* A life without a name is told of by nobody. */
static void
touch_nameless(struct tail *t)
{
    struct life *life;

    DL_FOREACH(t->lives, life)
    {
        if (life->entry == NULL && life->source != NULL)
            life_touched(life);
    }
}

static void
on_sweep(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct tail *t = timer->data;

    (void)loop;
    (void)revents;
    if (t->paused || t->stopped)
        return;
    for (size_t i = 0; i < t->n_inputs; i++) {
        look_into(t->inputs[i]);
        settle_waiting(t->inputs[i]);
        read_close_quiet(t->inputs[i]);
    }
    touch_nameless(t);
    tail_work(t);
}

static void
on_written(void *arg, const char *dir, const char *name)
{
    struct tail *t = arg;
    char real[4096 + 256];
    struct entry *e;

    snprintf(real, sizeof real, "%s/%s", strcmp(dir, "/") ? dir : "", name);
    e = entry_by_real(t, real);
    if (e == NULL)
        return;
    if (e->kind == ENTRY_OWN && e->life->number != 0)
        life_touched(e->life);
}

static void
on_changed(void *arg, const char *dir, const char *name, bool closed)
{
    struct tail *t = arg;
    char real[4096 + 256];
    struct entry *e;

    snprintf(real, sizeof real, "%s/%s", strcmp(dir, "/") ? dir : "", name);
    e = entry_by_real(t, real);
    if (closed && e != NULL) {
        if (e->kind != ENTRY_WAITING)
            return;
        e->closed = true;
        entry_is_due(e);
        return;
    }
    if (!closed)
        entry_arrival(t, real);
    if (e != NULL)
        e->input->dirty = true;
    for (size_t i = 0; i < t->n_inputs; i++) {
        struct input *in = t->inputs[i];
        if (in->real_dir != NULL && strcmp(in->real_dir, dir) == 0 &&
            input_wants(in, name))
            in->dirty = true;
    }
}

static void
on_dir_gone(void *arg, const char *dir)
{
    struct tail *t = arg;

    for (size_t i = 0; i < t->n_inputs; i++) {
        struct input *in = t->inputs[i];
        if (in->real_dir != NULL && strcmp(in->real_dir, dir) == 0) {
            in->dir_dev = in->dir_ino = 0;
            in->dirty = true;
        }
    }
}

static void
on_overflow(void *arg)
{
    struct tail *t = arg;
    struct life *life;

    tail_note(t, LOG_WARN,
              "inotify: too many changes at once, "
              "looking at all files again");
    all_dirty(t);
    DL_FOREACH(t->lives, life)
    {
        if (life->source != NULL)
            life_touched(life);
    }
}

static void
on_told(void *arg)
{
    tail_work(arg);
}

/* Containers share few watches: what cannot be told is looked for. */
static void
sweep_only(struct tail *t, const struct error *err)
{
    tail_note(t, LOG_WARN, "%s: looking at the files every %g s instead",
              err->text, t->options.sweep_s);
}

int
changes_start(struct tail *t, struct error *err)
{
    static const struct watch_calls calls = { .written = on_written,
                                              .changed = on_changed,
                                              .gone = on_dir_gone,
                                              .overflow = on_overflow,
                                              .told = on_told };
    const char *off = getenv("CDRLUA_NO_INOTIFY");

    if (t->options.once || t->n_inputs == 0)
        return 0;
    ev_timer_init(&t->sweep, on_sweep, t->options.sweep_s, t->options.sweep_s);
    t->sweep.data = t;
    ev_timer_start(t->loop, &t->sweep);
    if (off != NULL && strcmp(off, "1") == 0)
        return 0;
    t->watch = watch_new(t->loop, &calls, t, err);
    if (t->watch == NULL)
        sweep_only(t, err);
    for (size_t i = 0; i < t->n_inputs && t->watch != NULL; i++) {
        const char *dir = t->inputs[i]->real_dir;
        if (dir != NULL && watch_add(t->watch, dir, err) < 0)
            sweep_only(t, err);
    }
    return 0;
}

void
changes_stop(struct tail *t)
{
    ev_timer_stop(t->loop, &t->sweep);
    watch_free(t->watch);
    t->watch = NULL;
}
