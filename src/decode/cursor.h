/* cursor.h -- a place in JSON text that moves over one token after another. */
#ifndef DECODE_CURSOR_H
#define DECODE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/scan.h"

struct cursor {
    const char *text, *p, *end;
    const char *slash; /* the first backslash from `p` on, or `end` */
};

/* A string as the text spells it, `len` bytes without the quotes. */
struct spelled {
    const char *text;
    size_t len;
    bool escaped;
};

/* White space around the text is left out. */
void cursor_begin(struct cursor *c, const char *text, size_t len);

/* The string whose opening quote is next: false when none is. */
bool cursor_string(struct cursor *c, struct spelled *s);

/* How many bytes the string stands for: false when an escape in it is none,
 * and the cursor is there then. */
bool cursor_decoded_len(struct cursor *c, const struct spelled *s, size_t *len);

/* Where the string that goes on at `p` ends: its closing quote, or `end`. */
const char *cursor_closing_quote(const char *p, const char *end);

static inline const char *
cursor_find_slash(const char *p, const char *end)
{
    const char *slash = memchr(p, '\\', (size_t)(end - p));

    return slash ? slash : end;
}

static inline void
cursor_skip_space(struct cursor *c)
{
    c->p = scan_space(c->p, c->end);
}

/* The mark, with white space around it: false when something else is next. */
static inline bool
cursor_mark(struct cursor *c, char mark)
{
    cursor_skip_space(c);
    if (c->p == c->end || *c->p != mark)
        return false;
    c->p++;
    cursor_skip_space(c);
    return true;
}

#endif
