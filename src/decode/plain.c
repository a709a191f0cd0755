/* plain.c -- is a line written just as the encoder would write it? */
#include "decode/plain.h"

#include <endian.h>
#include <string.h>

#include "base/text.h"
#include "decode/put.h"
#include "decode/record.h"

/* An escape as text_quote writes it, where it has no shorter form. */
static bool
escape_is_plain(char c)
{
    return c == '"' || c == '\\' || c == 'b' || c == 'f' || c == 'n' ||
           c == 'r' || c == 't';
}

/* As far as nothing is to be looked at: no quote, escape or control character,
 * and no byte that may begin U+2028 or U+2029, which are escaped. */
static const char *
skip_bare(const char *p, const char *end)
{
    uint64_t word, found;

    for (; end - p >= 8; p += 8) {
        memcpy(&word, p, 8);
        found = put_escapes(le64toh(word));
        if (found != 0)
            return p + __builtin_ctzll(found) / 8;
    }
    while (p < end && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\' &&
           (unsigned char)*p != 0xe2)
        p++;
    return p;
}

const char *
plain_string(const char *p, const char *end, bool *escaped)
{
    *escaped = false;
    while ((p = skip_bare(p, end)) < end && *p != '"') {
        if (*p == '\\') {
            *escaped = true;
            if (++p == end || !escape_is_plain(*p))
                return NULL;
        } else if ((unsigned char)*p < 0x20 || text_is_line_separator(p, end)) {
            return NULL;
        }
        p++;
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
    bool escaped;

    while (p < end) {
        char c = *p++;
        if (c == '"')
            p = plain_string(p, end, &escaped);
        else if (c == 'e' && is_word_end(text, p - 1))
            continue;
        else if (!is_plain_mark(c) || !nesting_is_plain(&nesting, c))
            return false;
        if (p == NULL)
            return false;
    }
    return true;
}
