/* arena.c -- memory for one line, given back all at once. */
#include "decode/arena.h"

#include <stdint.h>

#include "base/mem.h"

struct arena_block {
    struct arena_block *older;
    size_t size;
};

#define HEAD                                                                   \
    ((sizeof(struct arena_block) + ARENA_ALIGN - 1) &                          \
     ~(size_t)(ARENA_ALIGN - 1))

static void
enter(struct arena *a, struct arena_block *block)
{
    a->next = (char *)block + HEAD;
    a->end = (char *)block + block->size;
}

/* Each block is twice as large as the one before, so that a line of any size
 * needs few of them. */
void *
arena_alloc_in_new(struct arena *a, size_t size)
{
    size_t most = a->blocks ? a->blocks->size * 2 : ARENA_KEEP;
    size_t need = size + HEAD + 2 * ARENA_ALIGN;
    struct arena_block *block;

    while (most < need && most < ARENA_MOST)
        most *= 2;
    if (most < need || a->taken + most > ARENA_MOST) {
        a->refused = true;
        return NULL;
    }
    block = mem_grow(NULL, most);
    *block = (struct arena_block){ a->blocks, most };
    a->blocks = block;
    a->taken += most;
    enter(a, block);
    return arena_alloc(a, size);
}

void
arena_reset(struct arena *a)
{
    a->refused = false;
    if (a->blocks == NULL)
        return;
    while (a->blocks->older != NULL) {
        struct arena_block *older = a->blocks->older;
        a->taken -= a->blocks->size;
        mem_free(a->blocks);
        a->blocks = older;
    }
    enter(a, a->blocks);
}

void
arena_free(struct arena *a)
{
    arena_reset(a);
    mem_free(a->blocks);
    *a = (struct arena){ 0 };
}
