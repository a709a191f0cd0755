/* parts.c -- a clean line taken apart, and put together in another form.
 *
 * As in flat.c nothing is judged: whatever is not as expected to the byte, with
 * keys that came in that order before, is left to the decoder, which also
 * learns that order. So what comes out is what the decoder and the encoder
 * would have made of the line; the fuzzer compares them. */
#include <string.h>

#include "decode/again.h"
#include "decode/decoder.h"
#include "decode/plain.h"
#include "decode/put.h"

#define DIGITS_MOST 18 /* no integer of so many is out of range */

/* Going over the fields of one event. */
struct survey {
    struct decoder *d;
    const char *end;
    uint32_t place;                   /* in the order of keys */
    const char *event, *behind_event; /* the field with its name, or NULL */
    struct record_told told;
};

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

static int64_t
number(const char *p, const char *end)
{
    bool negative = *p == '-';
    int64_t n = 0;

    for (p += negative; p < end; p++)
        n = n * 10 + (*p - '0');
    return negative ? -n : n;
}

/* Notes the fields that tell more. False: it is not known without decoding, a
 * session with escapes in it. */
static bool
note(struct survey *s, int key, const char *p, const char *end)
{
    bool is_string = *p == '"';

    if (key == s->d->time_key && (*p == '-' || (*p >= '0' && *p <= '9')))
        s->told.ms = number(p, end);
    if (key != s->d->session_key || !is_string)
        return true;
    s->told.session = p + 1;
    s->told.session_len = (size_t)(end - p) - 2;
    return memchr(p, '\\', (size_t)(end - p)) == NULL;
}

/* Behind the field that begins at `from`, or NULL. */
static const char *
field(struct survey *s, const char *from)
{
    const struct decoder *d = s->d;
    const char *p, *behind;
    bool escaped;
    int key;

    s->place = again_step(d, s->place, from, s->end);
    if (s->place == 0)
        return NULL;
    key = d->shapes.steps[s->place].key;
    p = from + d->keys.at[key].quoted_len;
    behind = value(p, s->end, &escaped);
    if (behind == NULL || !note(s, key, p, behind))
        return NULL;
    if (key == d->event_key) {
        s->event = *p == '"' && !escaped ? from : NULL;
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
take_inner(struct survey *s, const struct record_peek *peek,
           struct record_parts *parts)
{
    int name = keys_known(&s->d->keys, peek->name, peek->name_len);
    const char *p = peek->name + peek->name_len;

    if (name == KEYS_NONE || !s->d->keys.at[name].plain ||
        peek->name != peek->json + 2)
        return false;
    s->place = shapes_event(&s->d->shapes, name);
    p = expect(p, s->end, "\":{", 3);
    if (p == NULL)
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
decoder_take_apart(struct decoder *d, const struct record_peek *peek,
                   struct record_parts *parts)
{
    struct survey s = { .d = d,
                        .end = peek->json + peek->json_len,
                        .place = SHAPE_OBJECT };

    if (peek->name == NULL || *peek->json != '{' ||
        !(peek->form == RECORD_FLAT ? take_around(&s, peek->json, parts)
                                    : take_inner(&s, peek, parts)))
        return false;
    parts->told = s.told;
    return true;
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
