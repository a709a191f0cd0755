/* columns.h -- lines whose words stand below each other. */
#ifndef COMMAND_COLUMNS_H
#define COMMAND_COLUMNS_H

#include <stddef.h>

#include "base/mem.h"

enum colour { PLAIN = 0, RED = 31, GREEN = 32, YELLOW = 33, GREY = 90 };

/* All zero is an empty one. */
struct columns {
    struct cell *cells;
    size_t n;
    size_t width[16]; /* in characters */
    size_t at;        /* the column of the next cell */
};

/* The next cell of the line; what is not printable in it becomes "?". It has
 * its colour on a terminal only. */
void columns_add(struct columns *c, enum colour colour, const char *text);
void columns_end_line(struct columns *c);

/* To standard output; nothing is left. */
void columns_print(struct columns *c);

#endif
