/* heap.c -- memory for Lua: small blocks from free lists, by size.
 *
 * Lua tells the size of what it gives back, so a block needs no header, and a
 * table of one event is built from the memory of the event before. */
#include "script/heap.h"

#include <string.h>

#include "base/mem.h"

#define STEP    16
#define SMALL   512 /* the largest size that comes from the lists */
#define CLASSES (SMALL / STEP)
#define SLAB    (32 * 1024)

union block {
    union block *next;
    char bytes[STEP];
};

struct slab {
    struct slab *next;
    char pad[STEP - sizeof(struct slab *)];
};

struct heap {
    union block *free[CLASSES];
    struct slab *slabs;
    char *at;
    size_t left;
};

struct heap *
heap_new(void)
{
    return mem_new(sizeof(struct heap));
}

void
heap_free(struct heap *h)
{
    struct slab *slab, *next;

    if (h == NULL)
        return;
    for (slab = h->slabs; slab != NULL; slab = next) {
        next = slab->next;
        mem_free(slab);
    }
    mem_free(h);
}

static size_t
class_of(size_t size)
{
    return (size - 1) / STEP;
}

static void *
carve(struct heap *h, size_t size)
{
    void *block;

    if (h->left < size) {
        struct slab *slab = mem_grow(NULL, SLAB);
        slab->next = h->slabs;
        h->slabs = slab;
        h->at = (char *)(slab + 1);
        h->left = SLAB - sizeof *slab;
    }
    block = h->at;
    h->at += size;
    h->left -= size;
    return block;
}

static void *
take(struct heap *h, size_t size)
{
    size_t class;
    union block *block;

    if (size > SMALL)
        return mem_grow(NULL, size);
    class = class_of(size);
    block = h->free[class];
    if (block == NULL)
        return carve(h, (class + 1) * STEP);
    h->free[class] = block->next;
    return block;
}

static void
give(struct heap *h, void *p, size_t size)
{
    union block *block = p;
    size_t class;

    if (size > SMALL) {
        mem_free(p);
        return;
    }
    class = class_of(size);
    block->next = h->free[class];
    h->free[class] = block;
}

static void *
resize(struct heap *h, void *p, size_t old_size, size_t new_size)
{
    void *q;

    if (old_size > SMALL && new_size > SMALL)
        return mem_grow(p, new_size);
    if (old_size <= SMALL && new_size <= SMALL &&
        class_of(old_size) == class_of(new_size))
        return p;
    q = take(h, new_size);
    memcpy(q, p, old_size < new_size ? old_size : new_size);
    give(h, p, old_size);
    return q;
}

void *
heap_alloc(void *ud, void *block, size_t old_size, size_t new_size)
{
    if (new_size == 0) {
        if (block != NULL && old_size > 0)
            give(ud, block, old_size);
        return NULL;
    }
    if (block == NULL)
        return take(ud, new_size);
    return resize(ud, block, old_size, new_size);
}
