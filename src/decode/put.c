/* put.c -- short texts added to a row of bytes, quickly. */
#include "decode/put.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Whether a byte of the eight is a control character, a quote, a backslash or
 * may begin U+2028: a byte is zero where subtracting one borrows into its high
 * bit. */
static inline bool
needs_escape(uint64_t word)
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
    return (found & high) != 0;
}

/* Copies the string if it is spelled as it is. */
static bool
copy_plain(char *to, const char *from, size_t len)
{
    uint64_t word = 0x2020202020202020u;

    for (; len >= 8; to += 8, from += 8, len -= 8) {
        memcpy(&word, from, 8);
        if (needs_escape(word))
            return false;
        memcpy(to, &word, 8);
    }
    word = 0x2020202020202020u;
    memcpy(&word, from, len);
    memcpy(to, &word, len);
    return !needs_escape(word);
}

void
put_string(struct bytes *out, const char *text, size_t len)
{
    char *to;

    if (out->cap - out->len < len + 2)
        bytes_room(out, len + 2);
    to = out->at + out->len;
    if (!copy_plain(to + 1, text, len)) {
        text_quote(out, text, len);
        return;
    }
    to[0] = to[len + 1] = '"';
    out->len += len + 2;
}
