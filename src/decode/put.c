/* put.c -- short texts added to a row of bytes, quickly. */
#include "decode/put.h"

#include "base/text.h"

/* Copies the string if it is spelled as it is. */
static bool
copy_plain(char *to, const char *from, size_t len)
{
    uint64_t word = 0x2020202020202020u;

    for (; len >= 8; to += 8, from += 8, len -= 8) {
        memcpy(&word, from, 8);
        if (put_escapes(word) != 0)
            return false;
        memcpy(to, &word, 8);
    }
    word = 0x2020202020202020u;
    memcpy(&word, from, len);
    memcpy(to, &word, len);
    return put_escapes(word) == 0;
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
