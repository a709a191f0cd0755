/* field.c -- an event's session and time, found in its text. */
#include "decode/scan.h"

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
    p = scan_colon(scan_quote(first + 1, end), end);
    if (p == NULL || *p != '{')
        return first;
    behind = scan_value(p, end);
    if (behind == NULL)
        return NULL;
    behind = scan_space(behind, end);
    return behind < end && *behind == '}' ? p + 1 : first;
}

struct member {
    const char *next, *end; /* where it goes on; NULL: nowhere */
    const char *key, *value;
    size_t key_len;
};

static bool
next_member(struct member *m)
{
    const char *p = m->next ? scan_space(m->next, m->end) : m->end, *quote;

    m->next = NULL;
    if (p == m->end || *p != '"')
        return false;
    quote = scan_quote(p + 1, m->end);
    m->value = scan_colon(quote, m->end);
    if (m->value == NULL)
        return false;
    m->key = p + 1;
    m->key_len = (size_t)(quote - m->key);
    return true;
}

/* Over its value. */
static void
pass_member(struct member *m)
{
    const char *p = scan_value(m->value, m->end);

    p = p ? scan_space(p, m->end) : m->end;
    m->next = p < m->end && *p == ',' ? p + 1 : NULL;
}

static bool
is_key(const struct member *m, const char *key, size_t len)
{
    return m->key_len == len && memcmp(m->key, key, len) == 0;
}

static struct member
first_member(struct record_peek *peek)
{
    struct member m = { .end = peek->json + peek->json_len };

    m.next = members(peek, m.end);
    return m;
}

static bool
has_escapes(const char *text, size_t len)
{
    return text != NULL && memchr(text, '\\', len) != NULL;
}

static const char *
session_of(const struct member *m, size_t *len)
{
    const char *quote;

    if (*m->value != '"')
        return NULL;
    quote = scan_quote(m->value + 1, m->end);
    if (quote == NULL)
        return NULL;
    *len = (size_t)(quote - m->value) - 1;
    return m->value + 1;
}

static int64_t
number_of(const struct member *m)
{
    const char *p = m->value;
    bool negative = *p == '-';
    int64_t n = 0;

    for (p += negative; p < m->end && *p >= '0' && *p <= '9'; p++) {
        if (n > (INT64_MAX - 9) / 10)
            return 0;
        n = n * 10 + (*p - '0');
    }
    return negative ? -n : n;
}

/* The event's first field of this name. */
static bool
find_field(const char *text, size_t len, const char *key, struct member *m)
{
    struct record_peek peek;
    size_t key_len = strlen(key);

    if (scan_line(text, len, &peek) != 1)
        return false;
    for (*m = first_member(&peek); next_member(m); pass_member(m))
        if (is_key(m, key, key_len))
            return true;
    return false;
}

const char *
record_session(const char *text, size_t len, size_t *name_len)
{
    struct member m;
    const char *name = NULL;

    *name_len = 0;
    if (find_field(text, len, "sessionId", &m))
        name = session_of(&m, name_len);
    if (!has_escapes(name, *name_len))
        return name;
    *name_len = 0;
    return NULL;
}

int64_t
record_timestamp(const char *text, size_t len)
{
    struct member m;

    return find_field(text, len, "timestamp", &m) ? number_of(&m) : 0;
}

void
record_tell(const struct record_peek *peek, struct record_told *told)
{
    struct record_peek known = *peek;
    bool has_session = false, has_time = false;
    struct member m = first_member(&known);

    *told = (struct record_told){ 0 };
    for (; !(has_session && has_time) && next_member(&m); pass_member(&m)) {
        if (!has_session && is_key(&m, "sessionId", 9)) {
            told->session = session_of(&m, &told->session_len);
            told->is_escaped = has_escapes(told->session, told->session_len);
            has_session = true;
        } else if (!has_time && is_key(&m, "timestamp", 9)) {
            told->ms = number_of(&m);
            has_time = true;
        }
    }
}
