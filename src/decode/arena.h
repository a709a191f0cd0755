/* arena.h -- memory for one line, given back all at once. */
#ifndef DECODE_ARENA_H
#define DECODE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* What is kept from one line to the next, and what one line may take: a short
 * text can ask for thirty times its size. */
#define ARENA_KEEP (64u << 10)
#define ARENA_MOST (256u << 20)

struct arena_block;

/* All zero is an empty one. */
struct arena {
    char *next, *end;
    struct arena_block *blocks; /* the newest; the last is the one kept */
    size_t taken;
    bool refused; /* ARENA_MOST was reached */
};

/* Aligned for any cJSON item. NULL when the line has taken ARENA_MOST. */
void *arena_alloc(struct arena *a, size_t size);

/* All that was given out is gone. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
