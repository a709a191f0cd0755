/* put.h -- short texts added to a row of bytes, quickly. */
#ifndef DECODE_PUT_H
#define DECODE_PUT_H

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

/* As text_quote does it. */
void put_string(struct bytes *out, const char *text, size_t len);

/* Short as most texts are, a call to copy one costs more than the copying. */
static inline void
copy(char *to, const char *from, size_t len)
{
    if (len < 8 || len > 64) {
        memcpy(to, from, len);
        return;
    }
    for (size_t i = 0; i + 8 < len; i += 8)
        memcpy(to + i, from + i, 8);
    memcpy(to + len - 8, from + len - 8, 8);
}

static inline void
put(struct bytes *out, const char *text, size_t len)
{
    if (out->cap - out->len < len)
        bytes_room(out, len);
    copy(out->at + out->len, text, len);
    out->len += len;
}

static inline void
put_byte(struct bytes *out, char c)
{
    if (out->cap == out->len)
        bytes_room(out, 1);
    out->at[out->len++] = c;
}

#endif
