/* json.c -- JSON text becomes a Lua value; the only home of cJSON.
 *
 * cJSON says whether the text is JSON and what its tree is; a cursor then
 * walks the text in step with the tree. From the text come the numbers (cJSON
 * has only doubles), the lengths of strings (it ends them at \u0000) and the
 * strictness: what cJSON lets pass (01, 1., odd white space) stops the
 * cursor. Strings with escapes come from the tree, the others from the text. */
#include "decode/json.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/fault.h"
#include "decode/number.h"

struct walk {
    struct decoder *d;
    lua_State *T;
    const char *text, *p, *end;
    const char *slash;      /* the first backslash from `p` on, or `end` */
    int depth, event_depth; /* where a field may not be called `event` */
    struct fault fault;
};

static struct arena *lent;

static void *
take(size_t size)
{
    return lent ? arena_alloc(lent, size) : malloc(size);
}

static void
give(void *p)
{
    if (lent == NULL)
        free(p);
}

static int value(struct walk *w, const cJSON *item);

/* No reason: it is no JSON at all. */
static int
stop(struct walk *w, const char *reason)
{
    return fault_stop(&w->fault, reason);
}

static void
skip_space(struct walk *w)
{
    while (w->p < w->end &&
           (*w->p == ' ' || *w->p == '\t' || *w->p == '\n' || *w->p == '\r'))
        w->p++;
}

/* The mark, with white space around it. */
static int
expect(struct walk *w, char mark)
{
    skip_space(w);
    if (w->p == w->end || *w->p != mark)
        return stop(w, NULL);
    w->p++;
    skip_space(w);
    return 0;
}

static const char *
find_slash(const char *p, const char *end)
{
    const char *slash = memchr(p, '\\', (size_t)(end - p));

    return slash ? slash : end;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code behind `\u`, or -1; cJSON reads anything as a number. */
static int
hex_code(const char *p, const char *end)
{
    int code = 0;

    if (end - p < 6)
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* How long the escape at `p` is, and how many bytes it stands for. */
static size_t
escape_len(const char *p, const char *end, size_t *bytes)
{
    int code;

    *bytes = 1;
    if (p[1] != 'u')
        return 2;
    code = hex_code(p, end);
    if (code < 0)
        return 0;
    *bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    if (code < 0xd800 || code > 0xdfff)
        return 6;
    *bytes = 4;
    return hex_code(p + 6, end) < 0 ? 0 : 12;
}

/* A string as the text has it, `len` bytes without the quotes. */
struct spelled {
    const char *text;
    size_t len, decoded_len;
    bool escaped;
};

static const char *
closing_quote(const char *p, const char *end)
{
    while (p < end && *p != '"')
        p += *p == '\\' ? 2 : 1;
    return p;
}

static int
decoded_len(struct walk *w, const char *p, const char *end, size_t *len)
{
    *len = 0;
    while (p < end) {
        size_t bytes = 1, n = 1;
        if (*p == '\\')
            n = escape_len(p, end, &bytes);
        if (n == 0) {
            w->p = p;
            return stop(w, NULL);
        }
        *len += bytes;
        p += n;
    }
    return 0;
}

/* The string whose opening quote the cursor stands on. */
static int
spell(struct walk *w, struct spelled *s)
{
    const char *from = w->p + 1, *quote;

    if (w->p == w->end || *w->p != '"')
        return stop(w, NULL);
    quote = memchr(from, '"', (size_t)(w->end - from));
    if (quote == NULL)
        return stop(w, NULL);
    s->escaped = w->slash < quote;
    if (s->escaped) {
        quote = closing_quote(w->slash, w->end);
        if (quote >= w->end)
            return stop(w, NULL);
        w->slash = find_slash(quote, w->end);
    }
    s->text = from;
    s->len = (size_t)(quote - from);
    w->p = quote + 1;
    return 0;
}

static int
push_spelled(struct walk *w, const struct spelled *s, const char *decoded)
{
    size_t len = s->len;

    if (!s->escaped) {
        decoded = s->text;
    } else if (decoded_len(w, s->text, s->text + s->len, &len) < 0) {
        return -1;
    }
    lua_pushlstring(w->T, decoded, len);
    return 0;
}

static int
string(struct walk *w, const cJSON *item)
{
    struct values *values = &w->d->values;
    struct value *place;
    struct spelled s;

    if (spell(w, &s) < 0)
        return -1;
    if (s.len > VALUES_LONGEST)
        return push_spelled(w, &s, item->valuestring);
    place = values_place(values, s.text, s.len);
    if (value_is(place, s.text, s.len)) {
        lua_pushvalue(w->T, place->slot);
        return 0;
    }
    if (push_spelled(w, &s, item->valuestring) < 0)
        return -1;
    values_keep(values, place, s.text, s.len);
    return 0;
}

static int
number(struct walk *w, const cJSON *item)
{
    int64_t integer;
    size_t len;

    switch (number_read(w->p, w->end, &len, &integer)) {
    case NUMBER_INTEGER:
        lua_pushinteger(w->T, integer);
        break;
    case NUMBER_FLOAT:
        if (isinf(item->valuedouble))
            return stop(w, "number out of range");
        lua_pushnumber(w->T, item->valuedouble);
        break;
    case NUMBER_TOO_LARGE:
        return stop(w, "number out of range");
    default:
        return stop(w, NULL);
    }
    w->p += len;
    return 0;
}

static int
children(const cJSON *item)
{
    int n = 0;

    for (const cJSON *child = item->child; child; child = child->next)
        n++;
    return n;
}

static int
enter(struct walk *w, char mark)
{
    if (++w->depth > DECODE_DEPTH)
        return stop(w, "nested deeper than 64");
    return expect(w, mark);
}

static int
array(struct walk *w, const cJSON *item)
{
    int i = 0;

    if (enter(w, '[') < 0)
        return -1;
    lua_createtable(w->T, children(item), 0);
    for (item = item->child; item != NULL; item = item->next) {
        if (value(w, item) < 0)
            return fault_in_element(&w->fault, i + 1);
        lua_rawseti(w->T, -2, ++i);
        if (item->next != NULL && expect(w, ',') < 0)
            return -1;
    }
    lua_pushvalue(w->T, w->d->array_slot);
    lua_setmetatable(w->T, -2);
    w->depth--;
    return expect(w, ']');
}

/* Lines of one event are alike: mostly the key is the one that came after the
 * same keys before, and one comparison tells. */
static bool
key_again(struct walk *w, uint32_t *place)
{
    const struct shapes *shapes = &w->d->shapes;
    uint32_t next = shapes->steps[*place].next;
    const struct key *key;

    if (next == 0)
        return false;
    key = &w->d->keys.at[shapes->steps[next].key];
    if (!key->plain || (size_t)(w->end - w->p) < key->quoted_len ||
        memcmp(w->p, key->quoted, key->quoted_len) != 0)
        return false;
    lua_pushvalue(w->T, key->slot);
    w->p += key->quoted_len;
    *place = next;
    return true;
}

/* An object whose order is lost is asked whether it has the key. */
static bool
has_key_on_top(lua_State *T)
{
    bool has;

    lua_pushvalue(T, -1);
    has = lua_rawget(T, -3) != LUA_TNIL;
    lua_pop(T, 1);
    return has;
}

static uint32_t
step_on(struct walk *w, uint32_t place, int key)
{
    uint32_t next = shapes_step(&w->d->shapes, place, key);

    if (next == SHAPE_LOST)
        w->d->duplicates += has_key_on_top(w->T);
    else
        w->d->duplicates += next == place;
    return next;
}

static int
key_anew(struct walk *w, const cJSON *item, uint32_t *place)
{
    struct keys *keys = &w->d->keys;
    struct spelled s;
    const char *name;
    size_t len;
    int key;

    if (spell(w, &s) < 0 || push_spelled(w, &s, item->string) < 0)
        return -1;
    name = lua_tolstring(w->T, -1, &len);
    key = keys_find(keys, name, len);
    if (key == w->d->event_key && w->depth == w->event_depth)
        return stop(w, "is kept for the event's name");
    *place = step_on(w, *place, key);
    return expect(w, ':');
}

static int
member(struct walk *w, const cJSON *item, uint32_t *place)
{
    if (key_again(w, place)) {
        skip_space(w);
        if (value(w, item) == 0)
            return 0;
    } else if (key_anew(w, item, place) == 0 && value(w, item) == 0) {
        return 0;
    }
    return fault_in_field(&w->fault, item->string, strlen(item->string));
}

/* What is between the braces goes into the table on top. */
static int
members(struct walk *w, const cJSON *item, uint32_t place)
{
    for (item = item->child; item != NULL; item = item->next) {
        if (member(w, item, &place) < 0)
            return -1;
        lua_rawset(w->T, -3);
        if (item->next != NULL && expect(w, ',') < 0)
            return -1;
    }
    shapes_mark(&w->d->shapes, place);
    w->depth--;
    return expect(w, '}');
}

static int
object(struct walk *w, const cJSON *item)
{
    if (enter(w, '{') < 0)
        return -1;
    lua_createtable(w->T, 0, children(item));
    return members(w, item, SHAPE_OBJECT);
}

static int
value(struct walk *w, const cJSON *item)
{
    switch (item->type & 0xff) {
    case cJSON_String:
        return string(w, item);
    case cJSON_Object:
        return object(w, item);
    case cJSON_Array:
        return array(w, item);
    case cJSON_NULL:
        lua_pushlightuserdata(w->T, NULL);
        w->p += 4;
        return 0;
    case cJSON_True:
    case cJSON_False:
        lua_pushboolean(w->T, cJSON_IsTrue(item));
        w->p += cJSON_IsTrue(item) ? 4 : 5;
        return 0;
    default:
        return number(w, item);
    }
}

/* Where cJSON gave up is told apart from where it went too deep. */
static int
refuse(const char *text, const char *at, const struct arena *arena,
       struct error *err)
{
    int depth = 0, deepest = 0;

    if (arena->refused)
        return fail(err, "too much in one text");
    for (const char *p = text; p < at; p++) {
        if (*p == '"')
            p = closing_quote(p + 1, at);
        else if (*p == '{' || *p == '[')
            depth++;
        else if (*p == '}' || *p == ']')
            depth--;
        deepest = depth > deepest ? depth : deepest;
    }
    if (deepest > DECODE_DEPTH)
        return fail(err, "nested deeper than %d", DECODE_DEPTH);
    return fail(err, "not JSON at byte %zu", (size_t)(at - text) + 1);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* cJSON reads one byte behind a text that ends in a comma (fixed in 1.7.18),
 * and takes a NUL for white space. */
static int
parse(struct walk *w, const cJSON **root, struct error *err)
{
    const char *behind, *nul;
    size_t len = (size_t)(w->end - w->text);

    nul = memchr(w->text, '\0', len);
    if (nul != NULL)
        return fail(err, "NUL at byte %zu", (size_t)(nul - w->text) + 1);
    if (len == 0 || w->end[-1] == ',')
        return fail(err, "not JSON at byte %zu", len + 1);
    *root = cJSON_ParseWithLengthOpts(w->text, len, &behind, 0);
    if (*root == NULL)
        return refuse(w->text, behind, &w->d->arena, err);
    if (behind < w->end)
        return fail(err, "text behind the value at byte %zu",
                    (size_t)(behind - w->text) + 1);
    return 0;
}

static int
explain(const struct walk *w, struct error *err)
{
    if (w->fault.reason != NULL)
        return fault_tell(&w->fault, err);
    return fail(err, "not JSON at byte %zu", (size_t)(w->p - w->text) + 1);
}

static void
begin(struct walk *w, struct decoder *d, const char *text, size_t len)
{
    cJSON_Hooks hooks = { take, give };

    while (len > 0 && is_space(text[len - 1]))
        len--;
    *w = (struct walk){ .d = d, .T = d->pins.lua, .text = text, .p = text };
    w->end = text + len;
    w->slash = find_slash(text, w->end);
    lent = &d->arena;
    cJSON_InitHooks(&hooks);
    skip_space(w);
}

static int
finish(struct walk *w, int result, struct error *err)
{
    if (result < 0)
        return explain(w, err);
    return 0;
}

int
json_value(struct decoder *d, const char *text, size_t len, struct error *err)
{
    const cJSON *root;
    struct walk w;
    int result;

    begin(&w, d, text, len);
    result = parse(&w, &root, err);
    if (result == 0)
        result = finish(&w, value(&w, root), err);
    lent = NULL;
    arena_reset(&d->arena);
    return result;
}

static bool
is_cdr(const cJSON *root)
{
    return cJSON_IsObject(root) && root->child != NULL &&
           root->child->next == NULL && cJSON_IsObject(root->child);
}

/* {"NAME":{...}}: the name goes into the table first. */
static int
cdr(struct walk *w, const cJSON *root)
{
    const cJSON *item = root->child;
    struct decoder *d = w->d;
    struct spelled s;
    const char *name;
    size_t len;

    w->event_depth = 2;
    if (enter(w, '{') < 0 || spell(w, &s) < 0)
        return -1;
    if (push_spelled(w, &s, item->string) < 0 || expect(w, ':') < 0)
        return -1;
    if (enter(w, '{') < 0)
        return -1;
    lua_createtable(w->T, 0, children(item) + 1);
    lua_pushvalue(w->T, d->keys.at[d->event_key].slot);
    lua_pushvalue(w->T, -3); /* name, event, "event", name */
    lua_rawset(w->T, -3);    /* name, event */
    name = lua_tolstring(w->T, -2, &len);
    if (members(w, item,
                shapes_event(&d->shapes, keys_find(&d->keys, name, len))) < 0)
        return -1;
    lua_remove(w->T, -2);
    return expect(w, '}');
}

static int
flat(struct walk *w, const cJSON *root, const struct record_peek *peek)
{
    static const char neither[] =
        "neither {\"NAME\":{...}} nor an object with an \"event\" name";
    const char *name;
    size_t len;

    if (!cJSON_IsObject(root))
        return stop(w, neither);
    if (object(w, root) < 0)
        return -1;
    lua_pushvalue(w->T, w->d->keys.at[w->d->event_key].slot);
    if (lua_rawget(w->T, -2) != LUA_TSTRING)
        return stop(w, neither);
    name = lua_tolstring(w->T, -1, &len);
    if (peek->name != NULL &&
        (len != peek->name_len || memcmp(name, peek->name, len) != 0))
        return stop(w, "the line has two names");
    lua_pop(w->T, 1);
    return 0;
}

int
json_event(struct decoder *d, const struct record_peek *peek, struct error *err)
{
    const cJSON *root;
    struct walk w;
    int result;

    begin(&w, d, peek->json, peek->json_len);
    result = parse(&w, &root, err);
    if (result == 0)
        result = finish(&w, is_cdr(root) ? cdr(&w, root) : flat(&w, root, peek),
                        err);
    lent = NULL;
    arena_reset(&d->arena);
    return result;
}
