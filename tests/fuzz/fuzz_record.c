/* fuzz_record.c -- any bytes as a line: what is taken is written and read
 * again the same, and is what cJSON and a plain grammar say. */
#include <cJSON.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/record.h"
#include "naive_json.h"
#include "standalone.h"

#define CHECK(what) check(what, #what, __LINE__)

static lua_State *L;
static struct decoder *decoder;

static void
check(bool good, const char *what, int line)
{
    if (good)
        return;
    fprintf(stderr, "fuzz_record.c:%d: not so: %s\n", line, what);
    abort();
}

/* --- against cJSON --- */

static void compare(const cJSON *item);

static void
compare_string(const char *expected)
{
    size_t len, seen = strlen(expected);
    const char *text = lua_tolstring(L, -1, &len);

    CHECK(lua_type(L, -1) == LUA_TSTRING);
    CHECK(len >= seen && memcmp(text, expected, seen) == 0);
    CHECK(len == seen || text[seen] == '\0');
}

static void
compare_array(const cJSON *item)
{
    int n = 0;

    for (item = item->child; item != NULL; item = item->next) {
        lua_rawgeti(L, -1, ++n);
        compare(item);
        lua_pop(L, 1);
    }
    CHECK(lua_rawlen(L, -1) == (size_t)n);
}

static bool
comes_again(const cJSON *item)
{
    for (const cJSON *i = item->next; i != NULL; i = i->next)
        if (strcmp(i->string, item->string) == 0)
            return true;
    return false;
}

/* Keys with a NUL in them cannot be told from cJSON's tree. */
static void
compare_object(const cJSON *item)
{
    for (item = item->child; item != NULL; item = item->next) {
        if (comes_again(item))
            continue;
        lua_pushstring(L, item->string);
        if (lua_rawget(L, -2) != LUA_TNIL)
            compare(item);
        lua_pop(L, 1);
    }
}

static void
compare(const cJSON *item)
{
    luaL_checkstack(L, 8, NULL);
    if (cJSON_IsNumber(item)) {
        CHECK(lua_type(L, -1) == LUA_TNUMBER);
        CHECK(lua_tonumber(L, -1) == item->valuedouble);
    } else if (cJSON_IsString(item)) {
        compare_string(item->valuestring);
    } else if (cJSON_IsBool(item)) {
        CHECK(lua_isboolean(L, -1));
        CHECK(lua_toboolean(L, -1) == cJSON_IsTrue(item));
    } else if (cJSON_IsNull(item)) {
        CHECK(lua_islightuserdata(L, -1));
    } else if (cJSON_IsArray(item)) {
        compare_array(item);
    } else {
        compare_object(item);
    }
}

/* --- values --- */

static void
write_and_read(void)
{
    struct bytes out = { 0 };
    struct error err;

    CHECK(decoder_encode_value(decoder, L, -1, &out, &err) == 0);
    CHECK(decoder_value(decoder, L, out.at, out.len, &err) == 0);
    CHECK(decoder_equal(decoder, L, -1, -2));
    lua_pop(L, 1);
    bytes_free(&out);
}

/* Many equal keys are quadratic for the comparison, not for the decoder. */
static bool
is_small(size_t len)
{
    return len < 8192;
}

static void
try_value(const char *text, size_t len)
{
    struct error err = { "" };
    bool taken = decoder_value(decoder, L, text, len, &err) == 0;
    cJSON *root;

    CHECK(taken == naive_json(text, len));
    CHECK(taken || err.text[0] != '\0');
    if (!taken)
        return;
    root = cJSON_ParseWithLength(text, len);
    CHECK(root != NULL);
    if (is_small(len))
        compare(root);
    cJSON_Delete(root);
    write_and_read();
}

/* --- events --- */

static bool
is_name(const struct record_peek *peek)
{
    const char *name;
    size_t len;

    lua_getfield(L, -1, "event");
    name = lua_tolstring(L, -1, &len);
    lua_pop(L, 1);
    return peek->name == NULL ||
           (len == peek->name_len && memcmp(name, peek->name, len) == 0);
}

/* The outer object of a CDR line is one level more than a flat line has. */
static bool
is_too_deep(const struct error *err)
{
    return strstr(err->text, "nested deeper") != NULL;
}

/* A flat line whose first field has the name of an OpenVidu event. */
static bool
looks_like_cdr(const struct record_peek *peek, enum record_form form)
{
    return form == RECORD_FLAT && peek->form == RECORD_CDR;
}

static void
write_event_and_read(enum record_form form)
{
    struct bytes out = { 0 };
    struct record_peek peek;
    struct error err;

    if (decoder_encode_event(decoder, L, -1, form, &out, &err) < 0) {
        CHECK(is_too_deep(&err));
        bytes_free(&out);
        return;
    }
    CHECK(record_peek(out.at, out.len, &peek, &err) == 1);
    if (!looks_like_cdr(&peek, form)) {
        CHECK(is_name(&peek));
        CHECK(decoder_event(decoder, L, &peek, &err) == 0);
        CHECK(decoder_equal(decoder, L, -1, -2));
        lua_pop(L, 1);
    }
    bytes_free(&out);
}

/* The same line by the parser alone, and again now that its layout is known:
 * without a name the quick way is not taken. */
static void
try_again(struct record_peek peek)
{
    struct error err;

    CHECK(decoder_event(decoder, L, &peek, &err) == 0);
    CHECK(decoder_equal(decoder, L, -1, -2));
    peek.name = NULL;
    CHECK(decoder_event(decoder, L, &peek, &err) == 0);
    CHECK(decoder_equal(decoder, L, -1, -3));
    lua_pop(L, 2);
}

/* A plain line is what its event is written as. */
static void
try_plain(const struct record_peek *peek, uint64_t twice)
{
    struct bytes out = { 0 };
    struct error err;

    if (peek->form == RECORD_LOG || decoder_duplicate_keys(decoder) != twice ||
        !decoder_knows_order(decoder, L, -1) ||
        !record_is_plain(peek->json, peek->json_len))
        return;
    CHECK(decoder_encode_event(decoder, L, -1, peek->form, &out, &err) == 0);
    CHECK(out.len == peek->json_len);
    CHECK(memcmp(out.at, peek->json, out.len) == 0);
    bytes_free(&out);
}

static void
try_form(const struct record_peek *peek, const struct record_parts *parts,
         enum record_form form)
{
    struct bytes slow = { 0 }, fast = { 0 };
    struct error err;

    CHECK(decoder_encode_event(decoder, L, -1, form, &slow, &err) == 0);
    record_put_together(peek, parts, form, &fast);
    CHECK(fast.len == slow.len && memcmp(fast.at, slow.at, slow.len) == 0);
    bytes_free(&slow);
    bytes_free(&fast);
}

/* What is told of a clean line beside its text is what its event says. */
static void
try_fields(const struct record_told *told)
{
    size_t expected_len = 0;
    const char *expected = NULL;
    lua_Integer ms = 0;

    if (lua_getfield(L, -1, "sessionId") == LUA_TSTRING)
        expected = lua_tolstring(L, -1, &expected_len);
    if (lua_getfield(L, -2, "timestamp") == LUA_TNUMBER)
        ms = lua_tointeger(L, -1);
    CHECK((told->session != NULL) == (expected != NULL));
    CHECK(told->session_len == expected_len);
    CHECK(expected == NULL ||
          memcmp(told->session, expected, expected_len) == 0);
    CHECK(told->ms == ms);
    lua_pop(L, 2);
}

/* A clean line, put together from its parts, is what its event is written as;
 * where the order of its keys was lost, it is even better. */
static void
try_parts(const struct record_peek *peek, uint64_t twice)
{
    struct record_parts parts;

    if (!decoder_take_apart(decoder, peek, &parts))
        return;
    CHECK(decoder_duplicate_keys(decoder) == twice);
    try_fields(&parts.told);
    if (!decoder_knows_order(decoder, L, -1))
        return;
    try_form(peek, &parts, RECORD_CDR);
    try_form(peek, &parts, RECORD_FLAT);
}

/* At once as one after the other. */
static void
try_told(const struct record_peek *peek)
{
    size_t len;
    const char *session = record_session(peek->json, peek->json_len, &len);
    struct record_told told;

    record_tell(peek, &told);
    if (told.is_escaped) /* record_session does not tell such a one */
        CHECK(session == NULL && len == 0);
    else
        CHECK(told.session == session && told.session_len == len);
    CHECK(told.ms == record_timestamp(peek->json, peek->json_len));
}

static void
try_event(const struct record_peek *peek)
{
    uint64_t twice = decoder_duplicate_keys(decoder);
    struct record_parts parts;
    struct error err = { "" };

    try_told(peek);
    if (decoder_event(decoder, L, peek, &err) < 0) {
        CHECK(!decoder_take_apart(decoder, peek, &parts));
        CHECK(err.text[0] != '\0');
        return;
    }
    CHECK(naive_json(peek->json, peek->json_len));
    CHECK(is_name(peek));
    try_plain(peek, twice);
    try_parts(peek, twice);
    try_again(*peek);
    write_event_and_read(RECORD_CDR);
    write_event_and_read(RECORD_FLAT);
}

/* What is refused at a glance must not be an event. */
static void
try_refused(const char *text, size_t len)
{
    struct record_peek peek = { RECORD_CDR, text, len, NULL, 0 };
    struct error err;

    CHECK(decoder_event(decoder, L, &peek, &err) < 0);
}

static void
try_line(const char *text, size_t len)
{
    struct record_peek peek;
    struct error err = { "" };
    const char *name;
    size_t name_len;

    name = record_session(text, len, &name_len);
    CHECK(name != NULL || name_len == 0);
    CHECK(name == NULL || (name > text && name + name_len < text + len));
    record_timestamp(text, len);
    if (record_peek(text, len, &peek, &err) == 1)
        try_event(&peek);
    else
        try_refused(text, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (L == NULL) {
        L = luaL_newstate();
        decoder = decoder_new(L);
    }
    try_line((const char *)data, size);
    try_value((const char *)data, size);
    lua_settop(L, 0);
    return 0;
}
