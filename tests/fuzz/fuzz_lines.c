/* fuzz_lines.c -- lines cut at random compared with a naive splitter.
 *
 * The first byte of the input chooses the longest line, the second how the
 * rest arrives, the third how often it is repeated. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/place.h"
#include "input/lines.h"
#include "standalone.h"

#define CHECK(what) check(what, #what, __LINE__)

struct stream {
    const char *text;
    size_t len, most;
    uint64_t random;
};

/* A line as it should be; `raw` with a CR at its end. */
struct expected {
    const char *text;
    size_t len, raw_len, start, end;
    bool too_long;
};

static void
check(bool good, const char *what, int line)
{
    if (good)
        return;
    fprintf(stderr, "fuzz_lines.c:%d: not so: %s\n", line, what);
    abort();
}

static size_t
below(struct stream *s, size_t n)
{
    s->random = s->random * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(s->random >> 33) % n;
}

static struct expected
expect(const struct stream *s, size_t start)
{
    const char *p = s->text + start, *end = s->text + s->len;
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    struct expected e = { .start = start };

    if (newline != NULL)
        end = newline;
    e.end = (size_t)(end - s->text) + (newline != NULL);
    if (start == 0 && end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    while (p < end && *p == '\0')
        p++;
    e.text = p;
    e.raw_len = e.len = (size_t)(end - p);
    if (e.len > 0 && p[e.len - 1] == '\r')
        e.len--;
    e.too_long = e.len > s->most;
    return e;
}

static uint64_t
tail_hash(const struct stream *s, size_t at)
{
    size_t n = at < PLACE_TAIL ? at : PLACE_TAIL;

    return hash_bytes(s->text + at - n, n);
}

static void
compare(const struct line *line, struct expected e)
{
    CHECK(line->start == e.start);
    CHECK(line->end == e.end);
    CHECK(line->too_long == e.too_long);
    if (e.too_long)
        CHECK(line->len <= 1024 && line->len <= e.raw_len);
    else
        CHECK(line->len == e.len);
    CHECK(line->len == 0 || memcmp(line->text, e.text, line->len) == 0);
}

/* All lines that are there now; returns the place behind them. */
static size_t
take_lines(struct stream *s, struct lines *l, size_t place)
{
    struct line line;

    while (lines_next(l, &line)) {
        struct expected e = expect(s, place);
        compare(&line, e);
        place = e.end;
        CHECK(lines_place(l) == place);
        CHECK(lines_tail_hash(l) == tail_hash(s, place));
    }
    return place;
}

static size_t
fill(struct stream *s, struct lines *l, size_t at)
{
    size_t room, n = s->len - at;
    char *to = lines_room(l, &room);

    CHECK(room >= 64 * 1024);
    n = n < room ? n : room;
    if (below(s, 4) > 0)
        n = 1 + below(s, n < 100 ? n : 100);
    else
        n = 1 + below(s, n);
    memcpy(to, s->text + at, n);
    lines_filled(l, n);
    return at + n;
}

static void
check_end(struct stream *s, struct lines *l, size_t read, size_t place)
{
    char last[PLACE_TAIL];
    size_t n = lines_last_bytes(l, last);

    CHECK(n == (read < PLACE_TAIL ? read : PLACE_TAIL));
    CHECK(memcmp(last, s->text + read - n, n) == 0);
    CHECK(lines_read_end(l) == read);
    CHECK(lines_place(l) == place);
    CHECK(lines_tail_hash(l) == tail_hash(s, place));
}

static void
check_rest(struct stream *s, struct lines *l, size_t place)
{
    struct expected e = expect(s, place);
    struct line line;

    CHECK(lines_rest(l, &line) == (e.raw_len > 0));
    if (e.raw_len > 0)
        compare(&line, e);
    lines_take_rest(l);
    CHECK(!lines_rest(l, &line));
    check_end(s, l, s->len, s->len);
}

static void
run(struct stream *s, struct lines *l, size_t start)
{
    size_t at = start, place = start;

    while (at < s->len) {
        at = fill(s, l, at);
        if (below(s, 3) > 0)
            place = take_lines(s, l, place);
        if (below(s, 5) == 0)
            lines_trim(l);
        check_end(s, l, at, place);
    }
    place = take_lines(s, l, place);
    check_rest(s, l, place);
}

/* From the start, then once more from a line in the middle. */
static void
run_twice(struct stream *s)
{
    struct lines *l = lines_new(s->most);
    size_t start = 0, n;

    run(s, l, 0);
    for (size_t i = below(s, 20); i > 0 && start < s->len; i--)
        start = expect(s, start).end;
    n = start < PLACE_TAIL ? start : PLACE_TAIL;
    lines_seek(l, start, s->text + start - n, n);
    run(s, l, start);
    lines_free(l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t most[] = { 0, 1, 2, 3, 64, 1024, 5000, 1 << 20 };
    struct bytes text = { 0 };
    struct stream s = { 0 };
    size_t times;

    if (size < 4)
        return 0;
    times = data[2] % 64 == 0 ? 1 + 150000 / (size - 3) : 1 + data[2] % 3u;
    for (; times > 0; times--)
        bytes_add(&text, data + 3, size - 3);
    s = (struct stream){ text.at, text.len, most[data[0] % 8], data[1] };
    run_twice(&s);
    bytes_free(&text);
    return 0;
}
