/* parts.c -- a clean line taken apart, and put together in another form.
 *
 * Nothing is judged here: whatever is not as expected to the byte is left to
 * the decoder. So what comes out is what the decoder and the encoder would have
 * made of the line; the fuzzer compares them. */
#include <string.h>

#include "decode/keys.h"
#include "decode/plain.h"
#include "decode/put.h"
#include "decode/record.h"

#define NAMES_MOST  64
#define DIGITS_MOST 18 /* no integer of so many is out of range */

struct word {
    const char *at;
    size_t len;
};

/* Going over the fields of one event. */
struct survey {
    const char *end;
    const char *event, *behind_event; /* the field with its name, or NULL */
    uint64_t marks;                   /* of the keys so far; few share one */
    int count;
    struct word keys[NAMES_MOST];
};

static bool
is_word(struct word w, const char *text, size_t len)
{
    return w.len == len && memcmp(w.at, text, len) == 0;
}

static uint64_t
mark_of(struct word key)
{
    unsigned of = (unsigned)key.len;

    if (key.len > 0)
        of += 7u * (unsigned char)key.at[0] +
              13u * (unsigned char)key.at[key.len - 1] +
              29u * (unsigned char)key.at[key.len / 2];
    return (uint64_t)1 << (of & 63);
}

/* False: it was there before, or its place would not be remembered. */
static bool
is_new(struct survey *s, struct word key)
{
    uint64_t mark = mark_of(key);

    if (s->count == NAMES_MOST || key.len > KEYS_LONGEST)
        return false;
    for (int i = 0; (s->marks & mark) != 0 && i < s->count; i++)
        if (is_word(s->keys[i], key.at, key.len))
            return false;
    s->marks |= mark;
    s->keys[s->count++] = key;
    return true;
}

static const char *
expect(const char *p, const char *end, const char *text, size_t len)
{
    if ((size_t)(end - p) < len || memcmp(p, text, len) != 0)
        return NULL;
    return p + len;
}

static const char *
integer(const char *p, const char *end)
{
    const char *digits = p += *p == '-';

    while (p < end && *p >= '0' && *p <= '9')
        p++;
    if (p == digits || p - digits > DIGITS_MOST)
        return NULL;
    if (*digits == '0' && (p - digits > 1 || digits[-1] == '-'))
        return NULL;
    return p;
}

/* Behind the value; NULL when it is nested, a float, or spelled oddly. */
static const char *
value(const char *p, const char *end, bool *escaped)
{
    *escaped = false;
    if (p == end)
        return NULL;
    switch (*p) {
    case '"':
        return plain_string(p + 1, end, escaped);
    case 't':
        return expect(p, end, "true", 4);
    case 'f':
        return expect(p, end, "false", 5);
    case 'n':
        return expect(p, end, "null", 4);
    default:
        return integer(p, end);
    }
}

/* The text between the quotes, without escapes; behind it, or NULL. */
static const char *
word(const char *p, const char *end, struct word *w)
{
    const char *behind;
    bool escaped;

    if (p == end || *p != '"')
        return NULL;
    behind = plain_string(p + 1, end, &escaped);
    if (behind == NULL || escaped)
        return NULL;
    *w = (struct word){ p + 1, (size_t)(behind - p) - 2 };
    return behind;
}

/* A session with escapes is known only when it is decoded. */
static bool
must_be_bare(struct word key)
{
    return is_word(key, "sessionId", 9) || is_word(key, "event", 5);
}

/* Behind the field that begins at `from`, or NULL. */
static const char *
field(struct survey *s, const char *from)
{
    const char *p, *behind;
    struct word key;
    bool escaped;

    p = word(from, s->end, &key);
    if (p == NULL || p == s->end || *p++ != ':' || !is_new(s, key))
        return NULL;
    behind = value(p, s->end, &escaped);
    if (behind == NULL || (escaped && must_be_bare(key)))
        return NULL;
    if (is_word(key, "event", 5)) {
        s->event = *p == '"' ? from : NULL;
        s->behind_event = behind;
    }
    return behind;
}

/* The brace behind the last field, or NULL. */
static const char *
fields(struct survey *s, const char *p)
{
    while ((p = field(s, p)) != NULL && p < s->end && *p == ',')
        p++;
    return p != NULL && p < s->end && *p == '}' ? p : NULL;
}

/* {"NAME":{...}} */
static bool
take_inner(struct survey *s, const char *p, struct record_parts *parts)
{
    struct word name;

    p = word(p + 1, s->end, &name);
    if (p == NULL || (p = expect(p, s->end, ":{", 2)) == NULL)
        return false;
    parts->before = p;
    p = fields(s, p);
    if (p == NULL || p + 2 != s->end || p[1] != '}' || s->behind_event != NULL)
        return false;
    parts->before_len = (size_t)(p - parts->before);
    parts->behind = p;
    parts->behind_len = 0;
    return true;
}

/* {...,"event":"NAME",...} */
static bool
take_around(struct survey *s, const char *p, struct record_parts *parts)
{
    const char *first = p + 1, *brace = fields(s, first);

    if (brace == NULL || brace + 1 != s->end || s->event == NULL)
        return false;
    parts->before = first;
    parts->before_len = s->event == first ? 0 : (size_t)(s->event - first) - 1;
    parts->behind = s->behind_event + (*s->behind_event == ',');
    parts->behind_len = (size_t)(brace - parts->behind);
    return true;
}

bool
record_take_apart(const struct record_peek *peek, struct record_parts *parts)
{
    struct survey s;

    if (peek->name == NULL || *peek->json != '{')
        return false;
    s.end = peek->json + peek->json_len;
    s.event = s.behind_event = NULL;
    s.marks = 0;
    s.count = 0;
    return peek->form == RECORD_FLAT ? take_around(&s, peek->json, parts)
                                     : take_inner(&s, peek->json, parts);
}

static void
put_fields(const struct record_parts *parts, struct bytes *out)
{
    put(out, parts->before, parts->before_len);
    if (parts->before_len > 0 && parts->behind_len > 0)
        put_byte(out, ',');
    put(out, parts->behind, parts->behind_len);
}

void
record_put_together(const struct record_peek *peek,
                    const struct record_parts *parts, enum record_form form,
                    struct bytes *out)
{
    if ((form == RECORD_FLAT) == (peek->form == RECORD_FLAT)) {
        put(out, peek->json, peek->json_len);
        return;
    }
    put(out, "{", 1);
    if (form == RECORD_FLAT) {
        put_fields(parts, out);
        put(out, ",\"event\":\"", 10);
        put(out, peek->name, peek->name_len);
        put(out, "\"}", 2);
        return;
    }
    put_byte(out, '"');
    put(out, peek->name, peek->name_len);
    put(out, "\":{", 3);
    put_fields(parts, out);
    put(out, "}}", 2);
}
