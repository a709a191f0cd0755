/* heap.h -- memory for Lua: small blocks from free lists, by size. */
#ifndef SCRIPT_HEAP_H
#define SCRIPT_HEAP_H

#include <stddef.h>

/* A lua_Alloc (its `ud` is the heap). Never returns NULL for a size: no memory
 * aborts, as everywhere, so that the Lua API raises no memory error. */
struct heap;
struct heap *heap_new(void);
void heap_free(struct heap *h); /* and every block of it */
void *heap_alloc(void *ud, void *block, size_t old_size, size_t new_size);

#endif
