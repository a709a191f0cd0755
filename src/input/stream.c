/* stream.c -- standard input, or a pipe: lines without a place to resume at.
 *
 * libev reports a regular file (or /dev/null) as readable at all times, so it
 * is read to its end like a pipe. */
#include "input/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"

#define FIRST_MOST 1024

struct stream {
    struct tail *tail;
    uint32_t series;
    char *path;
    int fd;
    ev_io io;
    struct lines *lines;
    struct place place;
    uint64_t first_line;
    bool begun, ended;
};

static void
lend(struct stream *s, const struct line *line, bool half)
{
    struct tail_line out = { .text = line->text,
                             .len = line->len,
                             .start = s->place,
                             .path = s->path,
                             .series = s->series,
                             .too_long = line->too_long,
                             .half = half };

    if (line->start == 0)
        s->first_line = hash_bytes(
            line->text, line->len < FIRST_MOST ? line->len : FIRST_MOST);
    s->place.offset = line->end;
    s->place.line++;
    s->place.tail = half ? 0 : lines_tail_hash(s->lines);
    out.end = s->place;
    out.first_line = s->first_line;
    tail_lend(s->tail, &out);
}

static bool
is_held(const struct stream *s)
{
    return s->tail->paused || s->tail->stopped;
}

static void
lend_all(struct stream *s)
{
    struct tail *t = s->tail;
    struct line line;
    bool any = false;

    while (!is_held(s) && lines_next(s->lines, &line)) {
        lend(s, &line, false);
        any = true;
    }
    if (any && t->calls.drained != NULL)
        t->calls.drained(t->arg);
}

static void
end(struct stream *s)
{
    struct tail *t = s->tail;
    struct line line;

    s->ended = true;
    stream_stop(s);
    if (lines_rest(s->lines, &line))
        lend(s, &line, true);
    if (t->calls.ended != NULL)
        t->calls.ended(t->arg, s->path, s->place.offset);
    tail_again(t);
}

static void
begin(struct stream *s)
{
    struct tail *t = s->tail;

    s->begun = true;
    if (t->calls.opened != NULL)
        t->calls.opened(t->arg, s->path, 0);
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
    struct stream *s = io->data;
    char *bytes;
    size_t room;
    ssize_t n;

    (void)loop;
    if (!s->begun)
        begin(s);
    lend_all(s); /* what waited over a pause */
    if (is_held(s) || !(revents & EV_READ))
        return;
    bytes = lines_room(s->lines, &room);
    n = read(s->fd, bytes, room);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0)
        tail_fault(s->tail, s->path, strerror(errno));
    if (n <= 0) {
        end(s);
        return;
    }
    lines_filled(s->lines, (size_t)n);
    lend_all(s);
    if (!is_held(s))
        lines_trim(s->lines);
}

struct stream *
stream_new(struct tail *t, const char *path, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stream *s;

    if (fd < 0) {
        fail(err, "%s: %s", path, strerror(errno));
        return NULL;
    }
    s = mem_new(sizeof *s);
    s->tail = t;
    s->series = t->n_series++;
    s->path = mem_dup(path);
    s->fd = fd;
    s->lines = lines_new(t->options.max_line);
    s->place.tail = hash_bytes("", 0);
    ev_io_init(&s->io, on_readable, fd, EV_READ);
    s->io.data = s;
    return s;
}

void
stream_free(struct stream *s)
{
    stream_stop(s);
    lines_free(s->lines);
    if (s->fd != STDIN_FILENO)
        close(s->fd);
    mem_free(s->path);
    mem_free(s);
}

void
stream_start(struct stream *s)
{
    if (s->ended)
        return;
    ev_io_start(s->tail->loop, &s->io);
    /* What waits in the buffer is there, whatever the pipe says. */
    ev_feed_event(s->tail->loop, &s->io, EV_CUSTOM);
}

void
stream_stop(struct stream *s)
{
    ev_io_stop(s->tail->loop, &s->io);
}

bool
stream_is_ended(const struct stream *s)
{
    return s->ended;
}

uint32_t
stream_series(const struct stream *s)
{
    return s->series;
}

uint64_t
stream_read_bytes(const struct stream *s)
{
    return lines_read_end(s->lines);
}

uint64_t
stream_nul_runs(const struct stream *s)
{
    return lines_nul_runs(s->lines);
}
