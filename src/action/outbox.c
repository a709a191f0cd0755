/* outbox.c -- the queue in front of a destination, the same for all sinks.
 *
 * Any callback may send again: nothing that a callback can move is held over
 * a call, and a flush inside a flush leaves the work to the outer one. */
#include "action/outbox.h"

#include <assert.h>
#include <string.h>

#include "action/path.h"
#include "action/sink.h"
#include "base/clock.h"
#include "base/mem.h"

#define BATCH_SIZE  ((size_t)64 << 10)
#define FULL_SIZE   ((size_t)256 << 10)
#define KEPT_SIZE   ((size_t)128 << 10) /* the most an idle queue occupies */
#define KEPT_MARKS  ((size_t)1 << 10)
#define FIRST_TRY_S 0.1
#define LAST_TRY_S  5.0

/* Where a line ends, counted from the first byte ever sent. */
struct mark {
    uint64_t end;
    uint64_t ticket;
};

/* Where the lines of another file of a folder begin. */
struct turn {
    uint64_t at;
    uint64_t file;
};

struct outbox {
    const struct sink_class *class;
    void *sink;
    char *dest;
    struct ev_loop *loop;
    struct outbox_calls calls;
    void *arg;

    struct bytes queue;
    size_t queue_start; /* what stands before it was taken */
    struct mark *marks;
    size_t first_mark, end_mark, cap_marks;
    uint64_t sent, taken;
    struct turn *turns;
    size_t first_turn, end_turn, cap_turns;

    bool opened, late, gone, was_full;
    int64_t known; /* for a late opening */
    bool flushing; /* further up on the stack */
    bool later;    /* the sink will call */
    ev_timer retry;
    double pause_s;  /* until the next try; 0 while all is well */
    double failed_s; /* since when nothing is taken */
};

static const struct sink_class *const classes[] = { &sink_file };

static const struct sink_class *
class_of(const char *dest, struct error *err)
{
    size_t n = path_scheme(dest);

    if (strcmp(dest, "-") == 0)
        return &sink_stdout;
    if (path_is_folder(dest))
        return &sink_folder;
    if (n == 0)
        return &sink_file;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strlen(classes[i]->scheme) == n &&
            strncmp(dest, classes[i]->scheme, n) == 0)
            return classes[i];
    fail(err, "%s: there is no sink for %.*s://", dest, (int)n, dest);
    return NULL;
}

static void
on_ready(void *arg)
{
    struct outbox *o = arg;

    o->later = false;
    outbox_flush(o);
}

static void
on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    outbox_flush(timer->data);
}

struct outbox *
outbox_new(struct ev_loop *loop, const char *dest,
           const struct outbox_calls *calls, void *arg, struct error *err)
{
    const struct sink_class *class = class_of(dest, err);
    struct outbox *o;

    if (class == NULL)
        return NULL;
    o = mem_new(sizeof *o);
    o->class = class;
    o->dest = mem_dup(dest);
    o->loop = loop;
    o->calls = *calls;
    o->arg = arg;
    ev_timer_init(&o->retry, on_retry, 0., 0.);
    o->retry.data = o;
    o->sink = class->make(loop, dest, on_ready, o, err);
    if (o->sink == NULL) {
        outbox_free(o);
        return NULL;
    }
    return o;
}

void
outbox_free(struct outbox *o)
{
    if (o == NULL)
        return;
    ev_timer_stop(o->loop, &o->retry);
    o->class->unmake(o->sink);
    bytes_free(&o->queue);
    mem_free(o->marks);
    mem_free(o->turns);
    mem_free(o->dest);
    mem_free(o);
}

const char *
outbox_path(const struct outbox *o)
{
    return o->class->path(o->sink);
}

void
outbox_know(struct outbox *o, outbox_known_fn *known, void *arg)
{
    if (outbox_is_dated(o))
        o->class->days->know(o->sink, known, arg);
}

int
outbox_open(struct outbox *o, int64_t known, struct error *err)
{
    if (o->class->open(o->sink, known, err) < 0)
        return -1;
    o->opened = true;
    return 0;
}

void
outbox_open_late(struct outbox *o, int64_t known)
{
    o->late = true;
    o->known = known;
}

bool
outbox_is_open(const struct outbox *o)
{
    return o->opened;
}

static size_t
waiting(const struct outbox *o)
{
    return o->queue.len - o->queue_start;
}

/* Where it would cost less than was taken since the last time, what is left is
 * moved to the front. */
static void
add_bytes(struct outbox *o, const char *text, size_t len)
{
    if (o->queue_start > BATCH_SIZE && o->queue_start > waiting(o)) {
        bytes_drop(&o->queue, o->queue_start);
        o->queue_start = 0;
    }
    bytes_room(&o->queue, len + 1);
    bytes_add(&o->queue, text, len);
    bytes_add(&o->queue, "\n", 1);
    o->sent += len + 1;
}

static void
add_mark(struct outbox *o, uint64_t ticket)
{
    if (o->end_mark == o->cap_marks && o->first_mark > o->cap_marks / 2) {
        o->end_mark -= o->first_mark;
        memmove(o->marks, o->marks + o->first_mark,
                o->end_mark * sizeof *o->marks);
        o->first_mark = 0;
    }
    if (o->end_mark == o->cap_marks) {
        o->cap_marks = o->cap_marks ? 2 * o->cap_marks : 64;
        o->marks = mem_grow(o->marks, o->cap_marks * sizeof *o->marks);
    }
    o->marks[o->end_mark++] = (struct mark){ o->sent, ticket };
}

bool
outbox_is_dated(const struct outbox *o)
{
    return o->class->days != NULL;
}

static void
add_turn(struct outbox *o, uint64_t file)
{
    if (o->end_turn == o->cap_turns) {
        o->cap_turns = o->cap_turns ? 2 * o->cap_turns : 16;
        o->turns = mem_grow(o->turns, o->cap_turns * sizeof *o->turns);
    }
    o->turns[o->end_turn++] = (struct turn){ o->sent, file };
}

void
outbox_date(struct outbox *o, int64_t ms)
{
    uint64_t file;

    if (!outbox_is_dated(o))
        return;
    file = o->class->days->date(o->sink, ms);
    if (file != 0)
        add_turn(o, file);
}

void
outbox_begin_file(struct outbox *o)
{
    if (outbox_is_dated(o))
        o->class->days->begin(o->sink);
}

void
outbox_send(struct outbox *o, uint64_t ticket, const char *text, size_t len)
{
    add_bytes(o, text, len);
    if (ticket != 0)
        add_mark(o, ticket);
    if (waiting(o) >= BATCH_SIZE)
        outbox_flush(o);
    if (outbox_full(o))
        o->was_full = true;
}

bool
outbox_full(const struct outbox *o)
{
    return waiting(o) > FULL_SIZE;
}

bool
outbox_empty(const struct outbox *o)
{
    return waiting(o) == 0;
}

/* Both rows are empty: gives back what a burst made of them. */
static void
shrink(struct outbox *o)
{
    o->queue.len = o->queue_start = 0;
    if (o->queue.cap > KEPT_SIZE)
        bytes_free(&o->queue);
    o->first_mark = o->end_mark = 0;
    if (o->cap_marks > KEPT_MARKS) {
        mem_free(o->marks);
        o->marks = NULL;
        o->cap_marks = 0;
    }
}

static void
acknowledge(struct outbox *o)
{
    while (o->first_mark < o->end_mark &&
           o->marks[o->first_mark].end <= o->taken)
        o->calls.taken(o->arg, o->marks[o->first_mark++].ticket);
}

static void
took(struct outbox *o, size_t n)
{
    assert(n <= waiting(o));
    o->queue_start += n;
    o->taken += n;
    o->pause_s = 0.;
    acknowledge(o);
    if (outbox_empty(o))
        shrink(o);
    if (o->was_full && waiting(o) < FULL_SIZE / 2) {
        o->was_full = false;
        o->calls.room(o->arg);
    }
}

/* Told once, however often the tries fail. */
static void
failed(struct outbox *o, const struct error *why)
{
    struct error note;

    if (o->failed_s == 0.) {
        o->failed_s = clock_steady_s();
        fail(&note, "%.400s (%zu bytes wait; trying again)", why->text,
             waiting(o));
        o->calls.note(o->arg, LOG_WARN, note.text);
    }
    o->pause_s = o->pause_s > 0. ? o->pause_s : FIRST_TRY_S;
    ev_timer_stop(o->loop, &o->retry);
    ev_now_update(o->loop);
    ev_timer_set(&o->retry, o->pause_s, 0.);
    ev_timer_start(o->loop, &o->retry);
    o->pause_s = o->pause_s * 2 < LAST_TRY_S ? o->pause_s * 2 : LAST_TRY_S;
}

static void
recovered(struct outbox *o)
{
    struct error note;

    if (o->failed_s == 0.)
        return;
    fail(&note, "%s: goes on after %.1f s", o->dest,
         clock_steady_s() - o->failed_s);
    o->failed_s = o->pause_s = 0.;
    o->calls.note(o->arg, LOG_INFO, note.text);
}

static void
turn_if_due(struct outbox *o)
{
    while (o->first_turn < o->end_turn &&
           o->turns[o->first_turn].at == o->taken)
        o->class->days->turn(o->sink, o->turns[o->first_turn++].file);
    if (o->first_turn == o->end_turn)
        o->first_turn = o->end_turn = 0;
}

/* How many bytes go to the same file. */
static size_t
before_turn(const struct outbox *o)
{
    return o->first_turn < o->end_turn
               ? (size_t)(o->turns[o->first_turn].at - o->taken)
               : waiting(o);
}

/* Whether it may be offered more at once. */
static bool
offer(struct outbox *o)
{
    struct error why;
    ssize_t n = SINK_FAILED;

    turn_if_due(o);
    if (o->opened || outbox_open(o, o->known, &why) == 0)
        n = o->class->offer(o->sink, o->queue.at + o->queue_start,
                            before_turn(o), &why);
    switch (n) {
    case SINK_LATER:
        o->later = true;
        return false;
    case SINK_FAILED:
        failed(o, &why);
        return false;
    case SINK_GONE:
        o->gone = true;
        o->calls.gone(o->arg, why.text);
        return false;
    default:
        took(o, (size_t)n);
        return n > 0;
    }
}

static bool
may_offer(const struct outbox *o)
{
    return (o->opened || o->late) && !o->gone && !o->flushing && !o->later &&
           !ev_is_active(&o->retry);
}

void
outbox_flush(struct outbox *o)
{
    if (outbox_empty(o) || !may_offer(o))
        return;
    o->flushing = true;
    while (!outbox_empty(o) && offer(o))
        continue;
    o->flushing = false;
    if (!o->gone && !ev_is_active(&o->retry))
        recovered(o);
}

int
outbox_sync(struct outbox *o, uint64_t *size, struct error *err)
{
    if (!o->opened)
        return fail(err, "%s: not open", o->dest);
    if (o->class->sync(o->sink, err) < 0)
        return -1;
    *size = o->class->size(o->sink);
    return 0;
}

const char *
outbox_present(const struct outbox *o, uint64_t *size)
{
    return outbox_is_dated(o) ? o->class->days->present(o->sink, size) : NULL;
}
