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

#define ARENA_ALIGN 16

/* For when the block at hand has no room. */
void *arena_alloc_in_new(struct arena *a, size_t size);

/* Aligned for any cJSON item. NULL when the line has taken ARENA_MOST. */
static inline void *
arena_alloc(struct arena *a, size_t size)
{
    size_t room = (size_t)(a->end - a->next);
    char *p = a->next;

    if (size > room || room - size < ARENA_ALIGN)
        return arena_alloc_in_new(a, size);
    a->next += (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    return p;
}

/* All that was given out is gone. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
