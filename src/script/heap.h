/* heap.h -- memory for Lua: small blocks from free lists, by size. */
#ifndef SCRIPT_HEAP_H
#define SCRIPT_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* A lua_Alloc (its `ud` is the heap). Never returns NULL for a size, but where
 * heap_over_fn says so: no memory aborts, as everywhere, so that the Lua API
 * raises no memory error. */
struct heap;
struct heap *heap_new(void);
void heap_free(struct heap *h); /* and every block of it */
void *heap_alloc(void *ud, void *block, size_t old_size, size_t new_size);

/* How many bytes it has of the system, and a watch over them: `over` is called
 * whenever it takes a block of that size beyond `most`. False: Lua does not get
 * a large one, and raises an error. */
typedef bool heap_over_fn(void *arg, size_t size);
size_t heap_held(const struct heap *h);
size_t heap_large(const struct heap *h); /* of that, in large blocks */
void heap_watch(struct heap *h, size_t most, heap_over_fn *over, void *arg);

#endif
