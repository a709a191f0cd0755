/* again.h -- the key that came next before, most likely comes next again. */
#ifndef DECODE_AGAIN_H
#define DECODE_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/cursor.h"
#include "decode/decoder.h"

#define AGAIN_TRIES 4

static inline bool
again_is_next(const struct key *key, const char *p, const char *end)
{
    return key->plain && (size_t)(end - p) >= key->quoted_len &&
           keys_alike(p, key->quoted, key->quoted_len);
}

/* The place one key further, when one of the keys that came at `place` in an
 * order of keys before is next in the text, with its colon and spelled as it
 * is; else 0. */
static inline uint32_t
again_step(const struct decoder *d, uint32_t place, const char *p,
           const char *end)
{
    const struct step *steps = d->shapes.steps;
    uint32_t i = steps[place].first;

    for (int tries = AGAIN_TRIES; i != 0 && tries > 0; tries--) {
        if (again_is_next(&d->keys.at[steps[i].key], p, end))
            return i;
        i = steps[i].beside;
    }
    return 0;
}

/* When one of the keys that came at `*place` in an order of keys before is
 * next in the text, with its colon: pushes it on the decoder's own thread,
 * moves the cursor to its value and `*place` one key further. Such a key is
 * never there twice, since an order of keys has none twice. */
bool again_key(struct decoder *d, struct cursor *c, uint32_t *place);

#endif
