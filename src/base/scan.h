/* scan.h -- going over JSON text without decoding it. */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include <stdbool.h>

static inline bool
scan_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline const char *
scan_space(const char *p, const char *end)
{
    while (p < end && scan_is_space(*p))
        p++;
    return p;
}

/* The end of the string that begins at `p`, behind its opening quote; NULL
 * when it has none. */
const char *scan_quote(const char *p, const char *end);

/* The value of the member whose key ends with the quote at `quote` (NULL: it
 * has none), or NULL. */
const char *scan_colon(const char *quote, const char *end);

/* The place behind the value; NULL when the text ends before it. */
const char *scan_value(const char *p, const char *end);

#endif
