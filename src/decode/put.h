/* put.h -- short texts added to a row of bytes, quickly. */
#ifndef DECODE_PUT_H
#define DECODE_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

/* As text_quote does it. */
void put_string(struct bytes *out, const char *text, size_t len);

/* Which of the eight bytes is a control character, a quote, a backslash or may
 * begin U+2028, as its high bit: a byte is zero where subtracting one borrows
 * into that. Exact for the lowest; 0: none is. */
static inline uint64_t
put_escapes(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, high = ones << 7;
    uint64_t quote, slash, line, found;

    quote = word ^ ones * '"';
    slash = word ^ ones * '\\';
    line = word ^ ones * 0xe2;
    found = (word - ones * 0x20) & ~word;
    found |= (quote - ones) & ~quote;
    found |= (slash - ones) & ~slash;
    found |= (line - ones) & ~line;
    return found & high;
}

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
