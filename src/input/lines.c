/* lines.c -- cut a stream of bytes into lines.
 *
 * The buffer always keeps the PLACE_TAIL bytes before the text in hand, so
 * that the hash of the bytes before a place is one look at the buffer. What is
 * passed over (NULs, a line too long) leaves the buffer before its line ends:
 * the hash of the place before it is then taken beforehand. */
#include "input/lines.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/place.h"

#define ROOM      ((size_t)64 * 1024)
#define FIRST_CAP (ROOM + 4096)
#define KEPT_MOST ((size_t)1024)
#define BEHIND    32 /* bytes behind a line that may be read */
#define BOM       "\xef\xbb\xbf"

struct lines {
    size_t most;
    char *buf; /* NULL: given back, the last bytes are in `before` */
    size_t cap;
    size_t text, scan, end; /* the line in hand; no newline before scan */
    uint64_t read_end, place;
    uint64_t place_hash;
    bool place_hashed;
    bool in_nuls;
    bool passing; /* over a line too long; its beginning is in `kept` */
    char *kept;
    size_t kept_len;
    uint64_t nul_runs;
    char before[PLACE_TAIL];
    size_t before_len;
};

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct lines *
lines_new(size_t most)
{
    struct lines *l = mem_new(sizeof *l);

    l->most = most;
    lines_seek(l, 0, "", 0);
    return l;
}

void
lines_free(struct lines *l)
{
    if (l == NULL)
        return;
    mem_free(l->buf);
    mem_free(l->kept);
    mem_free(l);
}

void
lines_seek(struct lines *l, uint64_t offset, const char *before,
           size_t before_len)
{
    mem_free(l->buf);
    l->buf = NULL;
    l->text = l->scan = l->end = 0;
    l->in_nuls = l->passing = false;
    l->read_end = l->place = offset;
    if (before_len > 0)
        memcpy(l->before, before, before_len);
    l->before_len = before_len;
    l->place_hash = hash_bytes(l->before, before_len);
    l->place_hashed = true;
}

static void
take_buffer(struct lines *l)
{
    l->cap = FIRST_CAP;
    l->buf = mem_grow(NULL, l->cap + BEHIND);
    memcpy(l->buf, l->before, l->before_len);
    l->text = l->scan = l->end = l->before_len;
}

/* Drops what is not needed any more, before the text in hand. */
static void
compact(struct lines *l)
{
    size_t drop = l->text > PLACE_TAIL ? l->text - PLACE_TAIL : 0;

    l->place_hash = lines_tail_hash(l);
    l->place_hashed = true;
    memmove(l->buf, l->buf + drop, l->end - drop);
    l->text -= drop;
    l->scan -= drop;
    l->end -= drop;
}

static void
resize(struct lines *l, size_t cap)
{
    l->buf = mem_grow(l->buf, cap + BEHIND);
    l->cap = cap;
}

char *
lines_room(struct lines *l, size_t *room)
{
    size_t cap;

    if (l->buf == NULL)
        take_buffer(l);
    if (l->cap - l->end < ROOM)
        compact(l);
    for (cap = l->cap; cap - l->end < ROOM;)
        cap *= 2;
    if (cap != l->cap)
        resize(l, cap);
    *room = l->cap - l->end;
    return l->buf + l->end;
}

void
lines_filled(struct lines *l, size_t n)
{
    l->end += n;
    l->read_end += n;
}

static uint64_t
offset_of(const struct lines *l, size_t at)
{
    return l->read_end - (l->end - at);
}

/* False while the first bytes of the stream may still become a BOM. */
static bool
pass_bom(struct lines *l)
{
    size_t have = smaller(l->end - l->text, 3);

    if (offset_of(l, l->text) != 0 || have == 0 ||
        memcmp(l->buf + l->text, BOM, have) != 0)
        return true;
    if (have < 3)
        return false;
    l->text = l->scan = l->text + 3;
    return true;
}

static void
pass_nuls(struct lines *l)
{
    size_t at = l->text;

    while (at < l->end && l->buf[at] == '\0')
        at++;
    if (at > l->text && !l->in_nuls) {
        l->in_nuls = true;
        l->nul_runs++;
    }
    l->text = l->scan = at;
}

static void
keep_beginning(struct lines *l)
{
    if (l->kept == NULL)
        l->kept = mem_new(KEPT_MOST + BEHIND);
    l->kept_len = smaller(l->end - l->text, KEPT_MOST);
    memcpy(l->kept, l->buf + l->text, l->kept_len);
    l->passing = true;
}

/* The text in hand, up to `end`, as a line. */
static void
show(const struct lines *l, size_t end, struct line *line)
{
    size_t len = end - l->text;

    if (l->passing) {
        *line = (struct line){ .text = l->kept, .len = l->kept_len };
        line->too_long = true;
    } else {
        if (len > 0 && l->buf[end - 1] == '\r')
            len--;
        *line = (struct line){ .text = l->buf + l->text, .len = len };
        line->too_long = len > l->most;
        if (line->too_long)
            line->len = smaller(len, KEPT_MOST);
    }
    line->start = l->place;
}

static void
begin_line(struct lines *l, size_t at, uint64_t place)
{
    l->text = l->scan = at;
    l->place = place;
    l->place_hashed = false;
    l->in_nuls = l->passing = false;
}

bool
lines_next(struct lines *l, struct line *line)
{
    const char *newline;
    size_t next;

    if (l->scan == l->text && !l->passing && l->text < l->end) {
        if (!pass_bom(l))
            return false;
        pass_nuls(l);
    }
    if (l->scan == l->end)
        return false;
    newline = memchr(l->buf + l->scan, '\n', l->end - l->scan);
    if (newline == NULL) {
        l->scan = l->end;
        /* One more than the longest line may be the CR of its end. */
        if (!l->passing && l->end - l->text > l->most + 1)
            keep_beginning(l);
        if (l->passing)
            l->text = l->end;
        return false;
    }
    next = (size_t)(newline - l->buf) + 1;
    show(l, next - 1, line);
    line->end = offset_of(l, next);
    begin_line(l, next, line->end);
    return true;
}

bool
lines_rest(struct lines *l, struct line *line)
{
    if (l->text == l->end && !l->passing)
        return false;
    show(l, l->end, line);
    line->end = l->read_end;
    return true;
}

void
lines_take_rest(struct lines *l)
{
    char last[PLACE_TAIL];
    size_t n = lines_last_bytes(l, last);

    begin_line(l, l->end, l->read_end);
    l->place_hash = hash_bytes(last, n);
    l->place_hashed = true;
}

void
lines_trim(struct lines *l)
{
    if (l->buf == NULL)
        return;
    compact(l);
    if (l->text == l->end) {
        l->before_len = lines_last_bytes(l, l->before);
        mem_free(l->buf);
        l->buf = NULL;
        l->text = l->scan = l->end = 0;
    } else if (l->cap > FIRST_CAP && l->end <= FIRST_CAP) {
        resize(l, FIRST_CAP);
    }
}

uint64_t
lines_read_end(const struct lines *l)
{
    return l->read_end;
}

uint64_t
lines_place(const struct lines *l)
{
    return l->place;
}

uint64_t
lines_tail_hash(const struct lines *l)
{
    size_t at = l->end - (size_t)(l->read_end - l->place);
    size_t n = l->place < PLACE_TAIL ? (size_t)l->place : PLACE_TAIL;

    if (l->place_hashed)
        return l->place_hash;
    return hash_bytes(l->buf + at - n, n);
}

size_t
lines_last_bytes(const struct lines *l, char bytes[PLACE_TAIL])
{
    const char *from = l->buf ? l->buf : l->before;
    size_t end = l->buf ? l->end : l->before_len;
    size_t n = smaller(end, PLACE_TAIL);

    memcpy(bytes, from + end - n, n);
    return n;
}

uint64_t
lines_nul_runs(const struct lines *l)
{
    return l->nul_runs;
}
