/* naive_json.h -- whether a text is JSON, by the grammar and nothing else. */
#ifndef FUZZ_NAIVE_JSON_H
#define FUZZ_NAIVE_JSON_H

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NAIVE_DEPTH 64

struct naive {
    const char *p, *end;
    int depth;
};

static bool naive_value(struct naive *n);

static bool
naive_is(const struct naive *n, const char *among)
{
    return n->p < n->end && *n->p != '\0' && strchr(among, *n->p) != NULL;
}

static bool
naive_take(struct naive *n, const char *among)
{
    if (!naive_is(n, among))
        return false;
    n->p++;
    return true;
}

static void
naive_space(struct naive *n)
{
    while (naive_take(n, " \t\r\n"))
        ;
}

static bool
naive_digits(struct naive *n)
{
    if (!naive_take(n, "0123456789"))
        return false;
    while (naive_take(n, "0123456789"))
        ;
    return true;
}

static bool
naive_in_range(const char *text, size_t len, bool integer)
{
    char *copy = strndup(text, len);
    bool good;

    errno = 0;
    if (integer && strtoll(copy, NULL, 10) != 0)
        good = errno != ERANGE;
    else
        good = !isinf(strtod(copy, NULL));
    free(copy);
    return good;
}

static bool
naive_number(struct naive *n)
{
    const char *start = n->p;
    bool integer = true;

    naive_take(n, "-");
    if (!naive_take(n, "0") && !naive_digits(n))
        return false;
    if (naive_take(n, ".")) {
        integer = false;
        if (!naive_digits(n))
            return false;
    }
    if (naive_take(n, "eE")) {
        integer = false;
        naive_take(n, "+-");
        if (!naive_digits(n))
            return false;
    }
    return naive_in_range(start, (size_t)(n->p - start), integer);
}

static bool
naive_hex(struct naive *n, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        char digit[2] = { 0 };
        if (!naive_is(n, "0123456789abcdefABCDEF"))
            return false;
        digit[0] = *n->p++;
        *code = *code * 16 + (unsigned)strtoul(digit, NULL, 16);
    }
    return true;
}

static bool
naive_escape(struct naive *n)
{
    unsigned high, low;

    if (naive_take(n, "\"\\/bfnrt"))
        return true;
    if (!naive_take(n, "u") || !naive_hex(n, &high))
        return false;
    if (high < 0xd800 || high > 0xdfff)
        return true;
    return high < 0xdc00 && naive_take(n, "\\") && naive_take(n, "u") &&
           naive_hex(n, &low) && low >= 0xdc00 && low <= 0xdfff;
}

/* Control characters pass, but for NUL. */
static bool
naive_string(struct naive *n)
{
    if (!naive_take(n, "\""))
        return false;
    while (n->p < n->end && *n->p != '"') {
        char c = *n->p++;
        if (c == '\0' || (c == '\\' && !naive_escape(n)))
            return false;
    }
    return naive_take(n, "\"");
}

static bool
naive_word(struct naive *n, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(n->end - n->p) < len || memcmp(n->p, word, len) != 0)
        return false;
    n->p += len;
    return true;
}

static bool
naive_member(struct naive *n, bool named)
{
    naive_space(n);
    if (named) {
        if (!naive_string(n))
            return false;
        naive_space(n);
        if (!naive_take(n, ":"))
            return false;
        naive_space(n);
    }
    if (!naive_value(n))
        return false;
    naive_space(n);
    return true;
}

static bool
naive_nested(struct naive *n, bool named, const char *close)
{
    n->p++;
    if (++n->depth > NAIVE_DEPTH)
        return false;
    naive_space(n);
    if (!naive_is(n, close)) {
        do {
            if (!naive_member(n, named))
                return false;
        } while (naive_take(n, ","));
    }
    n->depth--;
    return naive_take(n, close);
}

static bool
naive_value(struct naive *n)
{
    if (n->p == n->end)
        return false;
    switch (*n->p) {
    case '{':
        return naive_nested(n, true, "}");
    case '[':
        return naive_nested(n, false, "]");
    case '"':
        return naive_string(n);
    case 't':
        return naive_word(n, "true");
    case 'f':
        return naive_word(n, "false");
    case 'n':
        return naive_word(n, "null");
    default:
        return naive_number(n);
    }
}

static bool
naive_json(const char *text, size_t len)
{
    struct naive n = { text, text + len, 0 };

    naive_space(&n);
    if (!naive_value(&n))
        return false;
    naive_space(&n);
    return n.p == n.end;
}

#endif
