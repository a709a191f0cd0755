/* outbox.c -- the queue in front of a destination, the same for all sinks.
 *
 * Any callback may send again: nothing that a callback can move is held over
 * a call, and a flush inside a flush leaves the work to the outer one. */
#include "action/outbox.h"

#include <assert.h>

#include "action/breaker.h"
#include "action/halves.h"
#include "action/linger.h"
#include "action/outage.h"
#include "action/path.h"
#include "action/sink.h"
#include "base/mem.h"

#define BATCH_SIZE ((size_t)64 << 10)
#define FULL_TIMES 4 /* so many batches wait at most */
#define ROOM_TIMES 3.5

struct outbox {
    const struct sink_class *class;
    void *sink;
    char *dest; /* as it may be shown */
    const struct sink_options *options;
    struct ev_loop *loop;
    struct outbox_calls calls;
    void *arg;

    struct row row;
    size_t batch; /* bytes, see sink.h */

    bool opened, late, gone, was_full;
    size_t *n_full;       /* of many, see outbox_count_full */
    int64_t known;        /* for a late opening */
    bool flushing;        /* further up on the stack */
    bool later;           /* the sink will call */
    size_t given;         /* messages that it will answer for */
    struct halves halves; /* one of these is refused */
    struct breaker breaker;
    struct outage outage;
    struct linger linger; /* a batch may still grow */
};

static void flush_now(struct outbox *o);

/* Says the sink, or the breaker when a pause has ended. */
static void
on_ready(void *arg)
{
    ((struct outbox *)arg)->later = false;
    flush_now(arg);
}

/* No longer to wait for more. */
static void
on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)events;
    flush_now(timer->data);
}

struct outbox *
outbox_new(struct ev_loop *loop, const char *dest,
           const struct sink_options *options, const struct outbox_calls *calls,
           void *arg, struct error *err)
{
    static const char *const none[] = { NULL };
    const struct sink_class *class = sink_class_of(dest, err);
    struct outbox *o;

    if (class == NULL ||
        sink_options_check(options, class->options ? class->options : none,
                           dest, err) < 0)
        return NULL;
    o = mem_new(sizeof *o);
    o->class = class;
    o->options = options;
    o->batch = class->batch != 0 ? class->batch : BATCH_SIZE;
    o->dest = path_shown(dest);
    o->loop = loop;
    o->calls = *calls;
    o->arg = arg;
    breaker_begin(&o->breaker, loop, on_ready, o);
    o->breaker.network = outbox_takes_messages(o);
    o->outage = (struct outage){
        .breaker = &o->breaker, .dest = o->dest, .note = calls->note, .arg = arg
    };
    outage_begin(&o->outage, loop);
    linger_init(&o->linger, loop, on_timer, o);
    o->sink = class->make(loop, dest, options, on_ready, o, err);
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
    breaker_end(&o->breaker);
    outage_end(&o->outage);
    linger_stop(&o->linger);
    o->class->unmake(o->sink);
    row_free(&o->row);
    mem_free(o->dest);
    mem_free(o);
}

const char *
outbox_path(const struct outbox *o)
{
    return o->class->path != NULL ? o->class->path(o->sink) : NULL;
}

void
outbox_know(struct outbox *o, outbox_known_fn *known, void *arg)
{
    if (outbox_is_dated(o))
        o->class->days->know(o->sink, known, arg);
}

static void
warn(struct outbox *o)
{
    const char *warning =
        o->class->warning != NULL ? o->class->warning(o->sink) : NULL;
    struct error note;

    if (warning == NULL)
        return;
    fail(&note, "%s: %s", o->dest, warning);
    o->calls.note(o->arg, LOG_WARN, note.text);
}

int
outbox_open(struct outbox *o, int64_t known, struct error *err)
{
    if (o->class->open(o->sink, known, err) < 0)
        return -1;
    o->opened = true;
    warn(o);
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

bool
outbox_is_dated(const struct outbox *o)
{
    return o->class->days != NULL;
}

void
outbox_date(struct outbox *o, int64_t ms)
{
    uint64_t file;

    if (!outbox_is_dated(o))
        return;
    file = o->class->days->date(o->sink, ms);
    if (file != 0)
        row_turn(&o->row, file);
}

void
outbox_begin_file(struct outbox *o)
{
    if (outbox_is_dated(o))
        o->class->days->begin(o->sink);
}

static void
set_full(struct outbox *o, bool full)
{
    if (o->n_full != NULL)
        *o->n_full += (size_t)full - (size_t)o->was_full;
    o->was_full = full;
}

/* Something was added. */
static void
push(struct outbox *o)
{
    if (row_waiting(&o->row) < o->batch)
        return;
    flush_now(o);
    if (outbox_full(o))
        set_full(o, true);
}

void
outbox_send(struct outbox *o, uint64_t ticket, const char *text, size_t len)
{
    row_add_line(&o->row, text, len);
    if (ticket != 0)
        row_mark(&o->row, ticket);
    push(o);
}

bool
outbox_takes_messages(const struct outbox *o)
{
    return o->class->give != NULL;
}

void
outbox_send_message(struct outbox *o, uint64_t ticket,
                    const struct message *message)
{
    message_pack(&o->row, ticket, message);
    push(o);
}

const char *
outbox_shape(const struct outbox *o)
{
    const char *said = sink_options_get(o->options, "shape");

    if (said != NULL)
        return said;
    return o->class->shape != NULL ? o->class->shape : "same";
}

bool
outbox_full(const struct outbox *o)
{
    return row_waiting(&o->row) > FULL_TIMES * o->batch;
}

void
outbox_count_full(struct outbox *o, size_t *n_full)
{
    o->n_full = n_full;
}

bool
outbox_empty(const struct outbox *o)
{
    return row_waiting(&o->row) == 0;
}

static void
took(struct outbox *o, size_t n)
{
    uint64_t ticket;

    row_take(&o->row, n);
    breaker_eased(&o->breaker);
    while (row_next(&o->row, &ticket))
        o->calls.taken(o->arg, ticket);
    if (outbox_empty(o))
        row_shrink(&o->row, 2 * o->batch);
    if (o->was_full && row_waiting(&o->row) < ROOM_TIMES * o->batch) {
        set_full(o, false);
        o->calls.room(o->arg);
    }
}

uint64_t
outbox_outages(const struct outbox *o, bool *lasts)
{
    *lasts = o->breaker.state != BREAKER_CLOSED;
    return o->breaker.outages;
}

/* ---- messages ---- */

/* So many are given: few to one that has failed, or to find the one that is
 * refused. */
static size_t
how_many(const struct outbox *o)
{
    size_t most = o->class->most != NULL ? o->class->most(o->sink) : 1;
    size_t waiting = row_count(&o->row);

    most = breaker_most(&o->breaker, halves_most(&o->halves, most));
    return waiting < most ? waiting : most;
}

static ssize_t
give(struct outbox *o, struct error *why)
{
    size_t n = how_many(o);
    struct message *messages = mem_new(n * sizeof *messages);
    ssize_t got;

    message_unpack_row(row_front(&o->row), messages, n);
    o->given = n;
    got = o->class->give(o->sink, messages, n, why);
    mem_free(messages);
    return got;
}

static void
took_messages(struct outbox *o, size_t n)
{
    outage_took(&o->outage, o->given, row_count(&o->row) > n);
    took(o, row_messages(&o->row, n));
}

/* One alone goes where it is kept; of several it is not known which one. */
static void
refused(struct outbox *o, const struct error *why)
{
    struct message message;

    if (o->given > 1) {
        halves_refused(&o->halves, o->given);
        return;
    }
    message_unpack(row_front(&o->row), &message);
    o->calls.refused(o->arg, row_ticket(&o->row), &message, o->dest, why->text);
    halves_found(&o->halves);
    took_messages(o, 1);
}

/* ---- what a sink answers ---- */

/* Whether it may be offered more at once. */
static bool
answered(struct outbox *o, ssize_t n, double after_s, const struct error *why)
{
    switch (n) {
    case SINK_LATER:
        o->later = true;
        if (o->class->waits)
            outage_silence(&o->outage);
        return false;
    case SINK_FAILED:
        outage_failed(&o->outage, why, row_waiting(&o->row), after_s);
        return false;
    case SINK_GONE:
        o->gone = true;
        o->calls.gone(o->arg, why->text);
        return false;
    case SINK_REFUSED:
        refused(o, why);
        return true;
    default:
        if (outbox_takes_messages(o) && n > 0) {
            halves_took(&o->halves, (size_t)n);
            took_messages(o, (size_t)n);
        } else {
            took(o, (size_t)n);
        }
        return n > 0;
    }
}

void
outbox_answer(void *outbox, ssize_t n, double after_s, const struct error *why)
{
    struct outbox *o = outbox;

    assert(o->later && n != SINK_LATER);
    o->later = false;
    if (o->class->waits)
        outage_answer(&o->outage);
    o->flushing = true;
    answered(o, n, after_s, why);
    o->flushing = false;
    outbox_flush(o);
}

static bool
offer(struct outbox *o)
{
    struct error why;
    ssize_t n;
    uint64_t file;

    while (row_turns(&o->row, &file))
        o->class->days->turn(o->sink, file);
    if (!o->opened && outbox_open(o, o->known, &why) < 0)
        n = SINK_FAILED;
    else if (outbox_takes_messages(o))
        n = give(o, &why);
    else
        n = o->class->offer(o->sink, row_front(&o->row),
                            row_before_turn(&o->row), &why);
    return answered(o, n, 0., &why);
}

static bool
may_offer(const struct outbox *o)
{
    return (o->opened || o->late) && !o->gone && !o->flushing && !o->later &&
           o->breaker.state != BREAKER_OPEN;
}

static void
flush_now(struct outbox *o)
{
    if (outbox_empty(o) || !may_offer(o))
        return;
    linger_stop(&o->linger);
    o->flushing = true;
    while (!outbox_empty(o) && offer(o))
        continue;
    o->flushing = false;
    if (!o->gone && !o->later && o->breaker.state != BREAKER_OPEN)
        outage_took(&o->outage, 0, false);
}

/* A sink that lingers gets what comes in the next moment too. */
void
outbox_flush(struct outbox *o)
{
    bool grows = o->class->lingers && row_waiting(&o->row) < o->batch &&
                 o->breaker.state == BREAKER_CLOSED && o->halves.left == 0;

    if (!grows)
        flush_now(o);
    else if (!outbox_empty(o) && may_offer(o))
        linger_on(&o->linger);
}

int
outbox_sync(struct outbox *o, uint64_t *size, struct error *err)
{
    if (!o->opened)
        return fail(err, "%s: not open", o->dest);
    if (o->class->sync != NULL && o->class->sync(o->sink, err) < 0)
        return -1;
    *size = o->class->size != NULL ? o->class->size(o->sink) : 0;
    return 0;
}

const char *
outbox_present(const struct outbox *o, uint64_t *size)
{
    return outbox_is_dated(o) ? o->class->days->present(o->sink, size) : NULL;
}
