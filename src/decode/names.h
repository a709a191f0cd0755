/* names.h -- the keys of a table that its shape does not know. */
#ifndef DECODE_NAMES_H
#define DECODE_NAMES_H

#include <stddef.h>

#include "decode/decoder.h"

/* Good while the table holds it. */
struct name {
    const char *text;
    size_t len;
};

/* Adds to d->names, sorted, the keys of the table on top of the decoder's own
 * thread that are neither in `shape` nor in `order` (both may be NULL) nor the
 * key numbered `without` (or KEYS_NONE). All its keys must be strings. */
void names_gather(struct decoder *d, const struct shape *shape,
                  const struct order *order, int without);

#endif
