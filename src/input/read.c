/* read.c -- the bytes of a life become lines for the caller. */
#include "input/read.h"

#define OPEN_MOST 32 /* more than these are closed when they are read */

#include "base/hash.h"
#include "input/input.h"
#include "input/open.h"
#include "input/life.h"

static void
note_trouble(struct life *life, const char *cause)
{
    if (!life->troubled)
        tail_fault(life->tail, life->shown, cause);
    life->troubled = true;
}

static struct place
place_of(const struct life *life)
{
    return (struct place){ .file = life->number,
                           .offset = life->offset,
                           .line = life->line,
                           .tail = life->tail_hash };
}

/* The life's place is behind that line. */
static void
step(struct life *life, const struct line *line, uint64_t tail_hash)
{
    life->offset = line->end;
    life->line++;
    life->tail_hash = tail_hash;
}

/* Lends the line that ends at the place where `lines` stands. */
static bool
lend(struct life *life, const struct line *line, uint64_t tail_hash, bool half)
{
    struct tail_line out = { .text = line->text,
                             .len = line->len,
                             .start = place_of(life),
                             .end = { life->number, line->end, life->line + 1,
                                      tail_hash },
                             .path = life->shown,
                             .series = life->input->series,
                             .first_line = open_first_line(life),
                             .too_long = line->too_long,
                             .half = half };

    life->input->rests = false;
    life->tail->undrained = true;
    if (!half)
        step(life, line, tail_hash);
    return tail_lend(life->tail, &out);
}

static bool
is_held(const struct tail *t)
{
    return t->paused || t->stopped;
}

/* Series that are read to their ends go by their clocks, line by line. */
static bool
is_in_turn(const struct input *in)
{
    const struct tail *t = in->tail;

    if (!t->options.once || t->n_inputs < 2 || t->clock.is_behind == NULL)
        return true;
    for (size_t i = 0; i < t->n_inputs; i++)
        if (!t->inputs[i]->rests &&
            t->clock.is_behind(t->clock_arg, t->inputs[i]->series, in->series))
            return false;
    return true;
}

/* True: all whole lines in the buffer went out. */
static bool
lend_all(struct life *life)
{
    struct line line;

    while (!is_held(life->tail) && is_in_turn(life->input)) {
        if (!lines_next(life->lines, &line))
            return true;
        lend(life, &line, lines_tail_hash(life->lines), false);
    }
    return false;
}

static void
lend_rest(struct life *life)
{
    char last[PLACE_TAIL];
    struct line line;
    uint64_t tail_hash;

    if (life->lines == NULL || !lines_rest(life->lines, &line))
        return;
    tail_hash = hash_bytes(last, lines_last_bytes(life->lines, last));
    if (!lend(life, &line, tail_hash, true)) {
        tail_note(life->tail, LOG_WARN,
                  "%s: the last line has no end, it was left", life->shown);
        return;
    }
    step(life, &line, tail_hash);
    lines_take_rest(life->lines);
}

static void
say_ended(struct life *life)
{
    struct tail *t = life->tail;

    if (!life->begun || life->ended)
        return;
    life->ended = true;
    if (t->calls.ended != NULL)
        t->calls.ended(t->arg, life->shown, life->offset);
}

static void
note_cut(struct life *life)
{
    if (!life->source || !source_is_cut(life->source) || life->told_cut)
        return;
    life->told_cut = true;
    tail_fault(life->tail, life->shown, "the end of this .gz is missing");
}

void
read_finish(struct life *life)
{
    note_cut(life);
    lend_rest(life);
    say_ended(life);
    open_close(life);
    life->ready = false;
    if (life->entry == NULL)
        life_end(life);
}

/* Where a younger file is begun, the older ones were read to their ends. */
static void
begin(struct life *life)
{
    struct tail *t = life->tail;
    struct input *in = life->input;

    if (life->begun)
        return;
    life->begun = true;
    for (size_t i = 0; i < in->n_order && in->order[i] != life; i++)
        if (!in->order[i]->ready)
            say_ended(in->order[i]);
    if (t->calls.opened != NULL)
        t->calls.opened(t->arg, life->shown, life->offset);
}

void
read_leave_rewritten(struct life *life)
{
    open_close_source(life);
    if (life->entry != NULL)
        life_unsettle(life);
    life->final = life->lost = true;
    life->ready = false;
    life->input->dirty = life->input->has_lost = true;
    if (life->begun && !life->ended)
        tail_note(life->tail, LOG_INFO, "%s: was rewritten", life->shown);
}

/* False: there is nothing to read from now. */
static bool
open_it(struct life *life)
{
    struct error err;

    life->moved_s = ev_now(life->tail->loop);
    switch (open_life(life, &err)) {
    case MATCH_YES:
        life->troubled = false;
        begin(life);
        return true;
    case MATCH_FAILED:
        note_trouble(life, err.text);
        break;
    case MATCH_ELSEWHERE:
        life->troubled = true;
        break;
    default:
        read_leave_rewritten(life);
    }
    life->ready = false;
    life->input->dirty = true;
    return false;
}

/* An old file; or there are many and this is not the youngest. */
static bool
is_to_close(struct life *life)
{
    struct stamp stamp;
    double now = ev_now(life->tail->loop);

    if (life == input_newest(life->input))
        return false;
    return life->tail->n_open > OPEN_MOST ||
           (source_stamp(life->source, &stamp) == 0 &&
            (double)stamp.changed_ns / 1e9 + QUIET_S < now);
}

/* Everything that is there was read. */
static void
rest(struct life *life)
{
    life->ready = false;
    if (life->tail->options.once || life->final ||
        source_is_whole_gz(life->source))
        read_finish(life);
    else if (life->entry != NULL && !source_is_cut(life->source) &&
             is_to_close(life))
        open_close(life);
    else
        lines_trim(life->lines);
}

static void
took(struct life *life, const char *bytes, size_t n, size_t room)
{
    struct tail *t = life->tail;

    open_keep_head(life, lines_read_end(life->lines), bytes, n);
    lines_filled(life->lines, n);
    life->moved_s = ev_now(t->loop);
    life->stalls = 0;
    t->more = n == room;
    /* Less than there was room for: the end, and more will be told of. */
    if (lend_all(life) && !source_is_gz(life->source) && n < room &&
        !t->options.once)
        rest(life);
}

/* A plain file may be readable again (NFS); a .gz that is damaged is not. */
static void
leave_unreadable(struct life *life)
{
    life->ready = false;
    life->input->dirty = true;
    if (source_is_gz(life->source)) {
        life->told_cut = true;
        read_finish(life);
    } else {
        open_close(life);
    }
}

static void
read_burst(struct life *life)
{
    char last[PLACE_TAIL], *bytes;
    size_t room, last_len;
    struct error err;
    ssize_t n;

    if (!lend_all(life))
        return;
    bytes = lines_room(life->lines, &room);
    last_len = lines_last_bytes(life->lines, last);
    n = source_read(life->source, last, last_len, bytes, room, &err);
    if (n >= 0 && open_is_rewritten(life))
        n = SOURCE_CHANGED;
    if (n > 0) {
        took(life, bytes, (size_t)n, room);
    } else if (n == 0) {
        rest(life);
    } else if (n == SOURCE_CHANGED) {
        if (!open_go_back(life))
            read_leave_rewritten(life);
    } else {
        note_trouble(life, err.text);
        leave_unreadable(life);
    }
}

static struct life *
oldest_ready(const struct input *in)
{
    for (size_t i = 0; i < in->n_order; i++)
        if (in->order[i]->ready)
            return in->order[i];
    return NULL;
}

/* What a writer put into a file before it made the next one may not have been
 * told of yet when the next one is found: the older files are looked at once
 * more before a new one is begun. */
static void
look_at_older(struct life *life)
{
    struct input *in = life->input;

    life->preceded = true;
    for (size_t i = 0; i < in->n_order && in->order[i] != life; i++)
        if (in->order[i]->source != NULL)
            life_touched(in->order[i]);
}

bool
read_some(struct input *in)
{
    struct life *life;

    input_order(in);
    life = oldest_ready(in);
    if (life == NULL)
        return false;
    if (!life->preceded) {
        look_at_older(life);
        life = oldest_ready(in);
    }
    if (life->source != NULL || open_it(life))
        read_burst(life);
    return true;
}

/* A .gz without an end: that it is still being written is believed for two
 * looks in which nothing came. */
static void
close_cut(struct life *life)
{
    if (++life->stalls >= 2)
        read_finish(life);
    else
        life_touched(life);
}

void
read_close_quiet(struct input *in)
{
    struct life *newest = input_newest(in);
    double now = ev_now(in->tail->loop);

    for (size_t i = 0; i < in->n_order; i++) {
        struct life *life = in->order[i];
        if (life->troubled && life->entry != NULL)
            life_touched(life);
        if (life->source == NULL || life->ready)
            continue;
        if (source_is_cut(life->source))
            close_cut(life);
        else if (now - life->moved_s < QUIET_S)
            continue;
        else if (life->entry == NULL)
            read_finish(life);
        else if (life != newest)
            open_close(life);
    }
}
