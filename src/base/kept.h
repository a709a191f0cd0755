/* kept.h -- one key that a script remembers, and its value. */
#ifndef BASE_KEPT_H
#define BASE_KEPT_H

#include <stddef.h>
#include <stdint.h>

/* One row of a state table. A key is a text or an integer, a value is JSON. */
struct kept {
    const char *name; /* of the table */
    const char *text; /* the key; NULL: it is the number */
    size_t text_len;
    int64_t number;
    const char *value; /* NULL: there is none (any more) */
    size_t value_len;
    int64_t seen_ms; /* when it was last touched, where that counts; else 0 */
};

/* Lent for the call. */
typedef void kept_fn(void *arg, const struct kept *kept);

#endif
