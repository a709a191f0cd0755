/* plain.c -- is a line written just as the encoder would write it? */
#include "decode/record.h"

#include <string.h>

/* An escape as text_quote writes it, where it has no shorter form. */
static bool
escape_is_plain(char c)
{
    return c != '\0' && strchr("\"\\bfnrt", c) != NULL;
}

/* Behind the closing quote of the string whose first byte is `p`; NULL when it
 * is not plain. 0xe2 may begin U+2028 or U+2029, which are escaped. */
static const char *
plain_string(const char *p, const char *end)
{
    for (; p < end && *p != '"'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0xe2)
            return NULL;
        if (c == '\\' && (++p == end || !escape_is_plain(*p)))
            return NULL;
    }
    return p < end ? p + 1 : NULL;
}

/* Between strings: what numbers, names and marks are made of, without the
 * point and the exponent of a float, and "-", since -0 is one. */
static bool
is_plain_mark(char c)
{
    return (c >= '0' && c <= '9') || c == ',' || c == ':' || c == '{' ||
           c == '}' || (c >= 'a' && c <= 'z' && c != 'e');
}

/* `true`, `false` and `null` have an "e" that is no exponent. */
static bool
is_word_end(const char *text, const char *p)
{
    return p - text >= 3 &&
           (memcmp(p - 3, "tru", 3) == 0 || memcmp(p - 3, "als", 3) == 0);
}

/* Only {...} and {"NAME":{...}}: an object among other fields has an order of
 * keys of its own. */
struct nesting {
    int depth, opened;
    bool has_fields; /* outside of the inner object */
};

static bool
nesting_is_plain(struct nesting *n, char c)
{
    n->depth += (c == '{') - (c == '}');
    n->opened += c == '{';
    n->has_fields = n->has_fields || (c == ',' && n->depth == 1);
    return n->opened < 2 || (n->opened == 2 && !n->has_fields);
}

bool
record_is_plain(const char *text, size_t len)
{
    const char *p = text, *end = text + len;
    struct nesting nesting = { 0, 0, false };

    while (p < end) {
        char c = *p++;
        if (c == '"')
            p = plain_string(p, end);
        else if (c == 'e' && is_word_end(text, p - 1))
            continue;
        else if (!is_plain_mark(c) || !nesting_is_plain(&nesting, c))
            return false;
        if (p == NULL)
            return false;
    }
    return true;
}
