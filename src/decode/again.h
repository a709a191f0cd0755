/* again.h -- the key that came next before, most likely comes next again. */
#ifndef DECODE_AGAIN_H
#define DECODE_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/cursor.h"
#include "decode/decoder.h"

/* The place one key further, when one of the keys that came at `place` in an
 * order of keys before is next in the text, with its colon and spelled as it
 * is; else 0. */
uint32_t again_step(const struct decoder *d, uint32_t place, const char *p,
                    const char *end);

/* When one of the keys that came at `*place` in an order of keys before is
 * next in the text, with its colon: pushes it on the decoder's own thread,
 * moves the cursor to its value and `*place` one key further. Such a key is
 * never there twice, since an order of keys has none twice. */
bool again_key(struct decoder *d, struct cursor *c, uint32_t *place);

#endif
