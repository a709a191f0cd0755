/* scan.c -- going over JSON text without decoding it. */
#include "base/scan.h"

#include <string.h>

static bool
is_escaped(const char *from, const char *quote)
{
    const char *p = quote;

    while (p > from && p[-1] == '\\')
        p--;
    return (quote - p) % 2 != 0;
}

const char *
scan_quote(const char *p, const char *end)
{
    const char *quote = p;

    while ((quote = memchr(quote, '"', (size_t)(end - quote))) != NULL) {
        if (!is_escaped(p, quote))
            return quote;
        quote++;
    }
    return NULL;
}

const char *
scan_colon(const char *quote, const char *end)
{
    const char *p = quote ? scan_space(quote + 1, end) : end;

    if (p == end || *p != ':')
        return NULL;
    p = scan_space(p + 1, end);
    return p < end ? p : NULL;
}

static const char *
skip_nested(const char *p, const char *end)
{
    int depth = 0;

    for (; p != NULL && p < end; p++) {
        if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (--depth == 0)
                return p + 1;
        } else if (*p == '"') {
            p = scan_quote(p + 1, end);
            if (p == NULL)
                return NULL;
        }
    }
    return NULL;
}

const char *
scan_value(const char *p, const char *end)
{
    if (p == end)
        return NULL;
    if (*p == '{' || *p == '[')
        return skip_nested(p, end);
    if (*p == '"') {
        p = scan_quote(p + 1, end);
        return p ? p + 1 : NULL;
    }
    while (p < end && *p != ',' && *p != '}' && !scan_is_space(*p))
        p++;
    return p;
}
