/* field.c -- an event's session and time, found in its text. */
#include "decode/scan.h"

/* The value behind the key's closing quote, or NULL. */
static const char *
behind_colon(const char *quote, const char *end)
{
    const char *p = quote ? scan_space(quote + 1, end) : end;

    if (p == end || *p != ':')
        return NULL;
    p = scan_space(p + 1, end);
    return p < end ? p : NULL;
}

/* Where the members of the event begin. An object that is not the only member
 * is a field of a flat line. */
static const char *
members(struct record_peek *peek, const char *end)
{
    const char *first = scan_space(peek->json + 1, end), *p, *behind;

    if (scan_known(peek))
        return peek->name + peek->name_len + 3;
    if (first == end || *first != '"')
        return NULL;
    p = behind_colon(scan_quote(first + 1, end), end);
    if (p == NULL || *p != '{')
        return first;
    behind = scan_value(p, end);
    if (behind == NULL)
        return NULL;
    behind = scan_space(behind, end);
    return behind < end && *behind == '}' ? p + 1 : first;
}

/* The value of the event's first field of this name, or NULL. */
static const char *
find_field(const char *text, size_t len, const char *key, const char **end)
{
    size_t key_len = strlen(key);
    const char *p, *quote, *value;
    struct record_peek peek;

    if (scan_line(text, len, &peek) != 1)
        return NULL;
    *end = peek.json + peek.json_len;
    p = members(&peek, *end);
    while (p != NULL && (p = scan_space(p, *end)) < *end && *p == '"') {
        quote = scan_quote(p + 1, *end);
        value = behind_colon(quote, *end);
        if (value == NULL)
            return NULL;
        if ((size_t)(quote - p) - 1 == key_len &&
            memcmp(p + 1, key, key_len) == 0)
            return value;
        p = scan_value(value, *end);
        p = p ? scan_space(p, *end) : *end;
        if (p == *end || *p++ != ',')
            return NULL;
    }
    return NULL;
}

const char *
record_session(const char *text, size_t len, size_t *name_len)
{
    const char *end, *quote;
    const char *p = find_field(text, len, "sessionId", &end);

    *name_len = 0;
    if (p == NULL || *p != '"')
        return NULL;
    quote = scan_quote(p + 1, end);
    if (quote == NULL || memchr(p, '\\', (size_t)(quote - p)) != NULL)
        return NULL;
    *name_len = (size_t)(quote - p) - 1;
    return p + 1;
}

int64_t
record_timestamp(const char *text, size_t len)
{
    const char *end;
    const char *p = find_field(text, len, "timestamp", &end);
    bool negative;
    int64_t n = 0;

    if (p == NULL)
        return 0;
    negative = *p == '-';
    for (p += negative; p < end && *p >= '0' && *p <= '9'; p++) {
        if (n > (INT64_MAX - 9) / 10)
            return 0;
        n = n * 10 + (*p - '0');
    }
    return negative ? -n : n;
}
