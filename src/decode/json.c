/* json.c -- JSON text becomes a Lua value.
 *
 * cJSON says whether the text is JSON and what its tree is; a cursor then
 * walks the text in step with the tree. From the text come the numbers (cJSON
 * has only doubles), the lengths of strings (it ends them at \u0000) and the
 * strictness: what cJSON lets pass (01, 1., odd white space) stops the
 * cursor. Strings with escapes come from the tree, the others from the text. */
#include "decode/json.h"

#include <string.h>

#include "decode/again.h"
#include "decode/parse.h"
#include "decode/walk.h"

static int value(struct walk *w, const cJSON *item);

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
        return walk_stop(w, "nested deeper than 64");
    return walk_expect(w, mark);
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
        if (item->next != NULL && walk_expect(w, ',') < 0)
            return -1;
    }
    lua_pushvalue(w->T, w->d->array_slot);
    lua_setmetatable(w->T, -2);
    w->depth--;
    return walk_expect(w, ']');
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
    struct spelled s;
    const char *name;
    size_t len;
    int key;

    if (!cursor_string(&w->at, &s))
        return walk_stop(w, NULL);
    if (walk_spelled(w, &s, item->string) < 0)
        return -1;
    name = lua_tolstring(w->T, -1, &len);
    key = shapes_key(&w->d->shapes, *place, name, len);
    if (key == w->d->event_key && w->depth == w->event_depth)
        return walk_stop(w, "is kept for the event's name");
    *place = step_on(w, *place, key);
    return walk_expect(w, ':');
}

static int
member(struct walk *w, const cJSON *item, uint32_t *place)
{
    if ((again_key(w->d, &w->at, place) || key_anew(w, item, place) == 0) &&
        value(w, item) == 0)
        return 0;
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
        if (item->next != NULL && walk_expect(w, ',') < 0)
            return -1;
    }
    shapes_mark(&w->d->shapes, place);
    w->depth--;
    return walk_expect(w, '}');
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
        return walk_string(w, item);
    case cJSON_Object:
        return object(w, item);
    case cJSON_Array:
        return array(w, item);
    case cJSON_NULL:
        lua_pushlightuserdata(w->T, NULL);
        return walk_word(w, "null", 4);
    case cJSON_True:
        lua_pushboolean(w->T, 1);
        return walk_word(w, "true", 4);
    case cJSON_False:
        lua_pushboolean(w->T, 0);
        return walk_word(w, "false", 5);
    default:
        return walk_number(w, item);
    }
}

static void
begin(struct walk *w, struct decoder *d, const char *text, size_t len)
{
    w->d = d;
    w->T = d->pins.lua;
    w->depth = 0;
    w->event_depth = 0;
    w->fault.reason = NULL;
    w->fault.path[0] = '\0';
    cursor_begin(&w->at, text, len);
}

static int
end(struct walk *w, int result)
{
    arena_reset(&w->d->arena);
    return result;
}

static int
explain(const struct walk *w, struct error *err)
{
    if (w->fault.reason != NULL)
        return fault_tell(&w->fault, err);
    return parse_refuse(&w->at, w->at.p, err);
}

int
json_value(struct decoder *d, const char *text, size_t len, struct error *err)
{
    const cJSON *root;
    struct walk w;

    begin(&w, d, text, len);
    root = parse_text(&d->arena, &w.at, err);
    if (root == NULL)
        return end(&w, -1);
    return end(&w, value(&w, root) < 0 ? explain(&w, err) : 0);
}

static bool
is_cdr(const cJSON *root)
{
    return cJSON_IsObject(root) && root->child != NULL &&
           root->child->next == NULL && cJSON_IsObject(root->child);
}

/* The name, and its number among the keys: names are few. */
static int
event_name(struct walk *w, const cJSON *item, int *number)
{
    struct keys *keys = &w->d->keys;
    struct spelled s;
    const char *name;
    size_t len;

    if (!cursor_string(&w->at, &s))
        return walk_stop(w, NULL);
    if (!s.escaped) {
        *number = keys_find(keys, s.text, s.len);
        if (*number != KEYS_NONE) {
            lua_pushvalue(w->T, keys->at[*number].slot);
            return walk_expect(w, ':');
        }
    }
    if (walk_spelled(w, &s, item->string) < 0)
        return -1;
    name = lua_tolstring(w->T, -1, &len);
    *number = keys_find(keys, name, len);
    return walk_expect(w, ':');
}

/* {"NAME":{...}}: the name goes into the table first. */
static int
cdr(struct walk *w, const cJSON *root)
{
    const cJSON *item = root->child;
    struct decoder *d = w->d;
    int name = KEYS_NONE;

    w->event_depth = 2;
    if (enter(w, '{') < 0 || event_name(w, item, &name) < 0)
        return -1;
    if (enter(w, '{') < 0)
        return -1;
    lua_createtable(w->T, 0, children(item) + 1);
    lua_pushvalue(w->T, d->keys.at[d->event_key].slot);
    lua_pushvalue(w->T, -3); /* name, event, "event", name */
    lua_rawset(w->T, -3);    /* name, event */
    if (members(w, item, shapes_event(&d->shapes, name)) < 0)
        return -1;
    return walk_expect(w, '}');
}

static int
flat(struct walk *w, const cJSON *root, const struct record_peek *peek)
{
    static const char neither[] =
        "neither {\"NAME\":{...}} nor an object with an \"event\" name";
    const char *name;
    size_t len;

    if (!cJSON_IsObject(root))
        return walk_stop(w, neither);
    if (object(w, root) < 0)
        return -1;
    lua_pushvalue(w->T, w->d->keys.at[w->d->event_key].slot);
    if (lua_rawget(w->T, -2) != LUA_TSTRING)
        return walk_stop(w, neither);
    name = lua_tolstring(w->T, -1, &len);
    if (peek->name != NULL &&
        (len != peek->name_len || memcmp(name, peek->name, len) != 0))
        return walk_stop(w, "the line has two names");
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
    root = parse_text(&d->arena, &w.at, err);
    if (root == NULL)
        return end(&w, -1);
    result = is_cdr(root) ? cdr(&w, root) : flat(&w, root, peek);
    return end(&w, result < 0 ? explain(&w, err) : 0);
}
