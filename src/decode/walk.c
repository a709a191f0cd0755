/* walk.c -- the cursor goes over one token and its value is pushed. */
#include "decode/walk.h"

#include <math.h>

#include "decode/number.h"

int
walk_spelled(struct walk *w, const struct spelled *s, const char *decoded)
{
    const char *text = s->text;
    size_t len = s->len;

    if (s->escaped) {
        text = decoded;
        if (!cursor_decoded_len(&w->at, s, &len))
            return walk_stop(w, NULL);
    }
    lua_pushlstring(w->T, text, len);
    return 0;
}

int
walk_string(struct walk *w, const cJSON *item)
{
    struct values *values = &w->d->values;
    struct value *place;
    struct spelled s;
    bool pushed;

    if (!cursor_string(&w->at, &s))
        return walk_stop(w, NULL);
    if (s.len > VALUES_LONGEST)
        return walk_spelled(w, &s, item->valuestring);
    place = values_push(values, s.text, s.len, &pushed);
    if (pushed)
        return 0;
    if (walk_spelled(w, &s, item->valuestring) < 0)
        return -1;
    values_keep(values, place, s.text, s.len);
    return 0;
}

int
walk_number(struct walk *w, const cJSON *item)
{
    int64_t integer;
    size_t len;

    switch (number_read(w->at.p, w->at.end, &len, &integer)) {
    case NUMBER_INTEGER:
        lua_pushinteger(w->T, integer);
        break;
    case NUMBER_FLOAT:
        if (isinf(item->valuedouble))
            return walk_stop(w, "number out of range");
        lua_pushnumber(w->T, item->valuedouble);
        break;
    case NUMBER_TOO_LARGE:
        return walk_stop(w, "number out of range");
    default:
        return walk_stop(w, NULL);
    }
    w->at.p += len;
    return 0;
}

int
walk_word(struct walk *w, const char *expected, size_t len)
{
    struct cursor *c = &w->at;

    if ((size_t)(c->end - c->p) < len || memcmp(c->p, expected, len) != 0)
        return walk_stop(w, NULL);
    c->p += len;
    return 0;
}
