/* row.h -- what waits in front of a destination, in one row of bytes. */
#ifndef ACTION_ROW_H
#define ACTION_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* Where a message ends, counted from the first byte ever added. */
struct mark {
    uint64_t end;
    uint64_t ticket;
};

/* Where the lines of another file of a folder begin. */
struct turn {
    uint64_t at;
    uint64_t file;
};

/* All zero is an empty one. */
struct row {
    struct bytes bytes;
    size_t start; /* what stands before it was taken */
    struct mark *marks;
    size_t first_mark, end_mark, cap_marks;
    uint64_t sent, taken; /* bytes, of all times */
    struct turn *turns;
    size_t first_turn, end_turn, cap_turns;
};

void row_free(struct row *r);

/* How many bytes wait, and the first of them; it moves with each adding. */
static inline size_t
row_waiting(const struct row *r)
{
    return r->bytes.len - r->start;
}
const char *row_front(const struct row *r);

void row_add(struct row *r, const void *bytes, size_t len);
void row_add_line(struct row *r, const char *text, size_t len); /* and "\n" */
/* A message ends here; its ticket is told when it is taken. */
void row_mark(struct row *r, uint64_t ticket);

/* How many marked messages wait, and the ticket of the first. */
size_t row_count(const struct row *r);
uint64_t row_ticket(const struct row *r);

/* How many bytes the first `n` marked messages have, that still wait. */
size_t row_messages(const struct row *r, size_t n);

/* The first `n` bytes are taken. Then row_next tells the tickets of all that is
 * taken, one after the other, until it says false. */
void row_take(struct row *r, size_t n);
bool row_next(struct row *r, uint64_t *ticket);

/* What is added from now on goes to that file. */
void row_turn(struct row *r, uint64_t file);
/* Tells the files to turn to now, one after the other, until it says false, and
 * how many bytes there are until the next turn. */
bool row_turns(struct row *r, uint64_t *file);
size_t row_before_turn(const struct row *r);

/* An empty one gives back what a burst made of it, and keeps room for so many
 * bytes. */
void row_shrink(struct row *r, size_t kept);

#endif
