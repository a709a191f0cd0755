/* row.c -- what waits in front of a destination, in one row of bytes. */
#include "action/row.h"

#include <assert.h>
#include <string.h>

#define MOVED_SIZE ((size_t)64 << 10) /* less than that is not moved */
#define MARK_SIZE  128                /* a message is rarely smaller */

void
row_free(struct row *r)
{
    bytes_free(&r->bytes);
    mem_free(r->marks);
    mem_free(r->turns);
}

const char *
row_front(const struct row *r)
{
    return r->bytes.at + r->start;
}

/* Where it would cost less than was taken since the last time, what is left is
 * moved to the front. */
static char *
room(struct row *r, size_t len)
{
    if (r->start > MOVED_SIZE && r->start > row_waiting(r)) {
        bytes_drop(&r->bytes, r->start);
        r->start = 0;
    }
    return bytes_room(&r->bytes, len);
}

static void
added(struct row *r, size_t len)
{
    r->bytes.len += len;
    r->sent += len;
}

void
row_add(struct row *r, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    memcpy(room(r, len), bytes, len);
    added(r, len);
}

void
row_add_line(struct row *r, const char *text, size_t len)
{
    char *to = room(r, len + 1);

    if (len > 0)
        memcpy(to, text, len);
    to[len] = '\n';
    added(r, len + 1);
}

void
row_mark(struct row *r, uint64_t ticket)
{
    if (r->end_mark == r->cap_marks && r->first_mark > r->cap_marks / 2) {
        r->end_mark -= r->first_mark;
        memmove(r->marks, r->marks + r->first_mark,
                r->end_mark * sizeof *r->marks);
        r->first_mark = 0;
    }
    if (r->end_mark == r->cap_marks) {
        r->cap_marks = r->cap_marks ? 2 * r->cap_marks : 64;
        r->marks = mem_grow(r->marks, r->cap_marks * sizeof *r->marks);
    }
    r->marks[r->end_mark++] = (struct mark){ r->sent, ticket };
}

size_t
row_count(const struct row *r)
{
    return r->end_mark - r->first_mark;
}

uint64_t
row_ticket(const struct row *r)
{
    assert(row_count(r) > 0);
    return r->marks[r->first_mark].ticket;
}

size_t
row_messages(const struct row *r, size_t n)
{
    assert(n > 0 && n <= row_count(r));
    return (size_t)(r->marks[r->first_mark + n - 1].end - r->taken);
}

void
row_take(struct row *r, size_t n)
{
    assert(n <= row_waiting(r));
    r->start += n;
    r->taken += n;
}

bool
row_next(struct row *r, uint64_t *ticket)
{
    if (r->first_mark == r->end_mark || r->marks[r->first_mark].end > r->taken)
        return false;
    *ticket = r->marks[r->first_mark++].ticket;
    return true;
}

void
row_turn(struct row *r, uint64_t file)
{
    if (r->end_turn == r->cap_turns) {
        r->cap_turns = r->cap_turns ? 2 * r->cap_turns : 16;
        r->turns = mem_grow(r->turns, r->cap_turns * sizeof *r->turns);
    }
    r->turns[r->end_turn++] = (struct turn){ r->sent, file };
}

bool
row_turns(struct row *r, uint64_t *file)
{
    if (r->first_turn == r->end_turn)
        r->first_turn = r->end_turn = 0;
    if (r->first_turn == r->end_turn || r->turns[r->first_turn].at != r->taken)
        return false;
    *file = r->turns[r->first_turn++].file;
    return true;
}

size_t
row_before_turn(const struct row *r)
{
    return r->first_turn < r->end_turn
               ? (size_t)(r->turns[r->first_turn].at - r->taken)
               : row_waiting(r);
}

void
row_shrink(struct row *r, size_t kept)
{
    assert(row_waiting(r) == 0);
    r->bytes.len = r->start = 0;
    if (r->bytes.cap > kept)
        bytes_free(&r->bytes);
    r->first_mark = r->end_mark = 0;
    if (r->cap_marks > kept / MARK_SIZE) {
        mem_free(r->marks);
        r->marks = NULL;
        r->cap_marks = 0;
    }
}
