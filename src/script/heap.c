/* heap.c -- memory for Lua: small blocks from free lists, by size.
 *
 * Lua tells the size of what it gives back, so a block needs no header, and a
 * table of one event is built from the memory of the event before. */
#include "script/heap.h"

#include <stdint.h>
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
    size_t held, slab_bytes, most;
    heap_over_fn *over;
    void *over_arg;
};

struct heap *
heap_new(void)
{
    struct heap *h = mem_new(sizeof *h);

    h->most = SIZE_MAX;
    return h;
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

size_t
heap_held(const struct heap *h)
{
    return h->held;
}

size_t
heap_large(const struct heap *h)
{
    return h->held - h->slab_bytes;
}

void
heap_watch(struct heap *h, size_t most, heap_over_fn *over, void *arg)
{
    h->most = most;
    h->over = over;
    h->over_arg = arg;
}

/* False: it may not. */
static bool
grow(struct heap *h, size_t size)
{
    h->held += size;
    return h->held <= h->most || h->over(h->over_arg, size);
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
        h->slab_bytes += SLAB;
        grow(h, SLAB);
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
resize_large(struct heap *h, void *p, size_t old_size, size_t new_size)
{
    if (new_size > old_size && !grow(h, new_size - old_size)) {
        h->held -= new_size - old_size;
        return NULL;
    }
    if (new_size < old_size)
        h->held -= old_size - new_size;
    return mem_grow(p, new_size);
}

static void *
take(struct heap *h, size_t size)
{
    size_t class;
    union block *block;

    if (size > SMALL)
        return resize_large(h, NULL, 0, size);
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
        h->held -= size;
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
        return resize_large(h, p, old_size, new_size);
    if (old_size <= SMALL && new_size <= SMALL &&
        class_of(old_size) == class_of(new_size))
        return p;
    q = take(h, new_size);
    if (q == NULL)
        return NULL;
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
