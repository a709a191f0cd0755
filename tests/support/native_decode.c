/* native_decode.c -- opens the decoder to the specs. */
#include <lauxlib.h>
#include <lua.h>

#include "decode/record.h"

static const char *const forms[] = { "cdr", "flat", "log", NULL };

static struct decoder *
decoder(lua_State *L)
{
    return *(struct decoder **)lua_touserdata(L, lua_upvalueindex(1));
}

static int
refuse(lua_State *L, const struct error *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->text);
    return 2;
}

static void
push_name(lua_State *L, const char *name, size_t len)
{
    if (name != NULL)
        lua_pushlstring(L, name, len);
    else
        lua_pushnil(L);
}

/* peek(line): form, name, json; or false; or nil and the reason. */
static int
peek(lua_State *L)
{
    struct record_peek peek;
    struct error err;
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    int result = record_peek(text, len, &peek, &err);

    if (result < 0)
        return refuse(L, &err);
    if (result == 0) {
        lua_pushboolean(L, 0);
        return 1;
    }
    lua_pushstring(L, forms[peek.form]);
    push_name(L, peek.name, peek.name_len);
    push_name(L, peek.json, peek.json_len);
    return 3;
}

/* decode(line): the event; or nil and the reason. */
static int
decode(lua_State *L)
{
    struct record_peek peek;
    struct error err;
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    int result = record_peek(text, len, &peek, &err);

    if (result < 0)
        return refuse(L, &err);
    if (result == 0) {
        lua_pushboolean(L, 0);
        return 1;
    }
    if (decoder_event(decoder(L), L, &peek, &err) < 0)
        return refuse(L, &err);
    return 1;
}

static int
value(lua_State *L)
{
    struct error err;
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    if (decoder_value(decoder(L), L, text, len, &err) < 0)
        return refuse(L, &err);
    return 1;
}

static int
give(lua_State *L, int result, struct bytes *out, const struct error *err)
{
    if (result == 0)
        push_name(L, out->at, out->len);
    bytes_free(out);
    return result == 0 ? 1 : refuse(L, err);
}

/* encode(event, [form]): text; or nil and the reason. */
static int
encode(lua_State *L)
{
    int form = luaL_checkoption(L, 2, "cdr", forms);
    struct bytes out = { 0 };
    struct error err;
    int result = decoder_encode_event(decoder(L), L, 1, (enum record_form)form,
                                      &out, &err);

    return give(L, result, &out, &err);
}

/* reshape(line, form): text, made without decoding; or nil, as of the first
 * line with its keys. */
static int
reshape(lua_State *L)
{
    int form = luaL_checkoption(L, 2, "cdr", forms);
    struct record_parts parts;
    struct record_peek peek;
    struct bytes out = { 0 };
    struct error err = { "not clean" };
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    if (record_peek(text, len, &peek, &err) != 1 ||
        !decoder_take_apart(decoder(L), &peek, &parts))
        return give(L, -1, &out, &err);
    record_put_together(&peek, &parts, (enum record_form)form, &out);
    return give(L, 0, &out, &err);
}

static int
encode_value(lua_State *L)
{
    struct bytes out = { 0 };
    struct error err;
    int result = decoder_encode_value(decoder(L), L, 1, &out, &err);

    return give(L, result, &out, &err);
}

static int
equal(lua_State *L)
{
    lua_pushboolean(L, decoder_equal(decoder(L), L, 1, 2));
    return 1;
}

static int
ordered(lua_State *L)
{
    lua_pushboolean(L, decoder_knows_order(decoder(L), L, 1));
    return 1;
}

static int
array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    decoder_mark_array(decoder(L), L, 1);
    lua_settop(L, 1);
    return 1;
}

static int
duplicates(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)decoder_duplicate_keys(decoder(L)));
    return 1;
}

static int
session(lua_State *L)
{
    size_t len, name_len = 0;
    const char *text = luaL_checklstring(L, 1, &len);

    text = record_session(text, len, &name_len);
    push_name(L, text, name_len);
    return 1;
}

static int
timestamp(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    lua_pushinteger(L, (lua_Integer)record_timestamp(text, len));
    return 1;
}

static int
free_decoder(lua_State *L)
{
    decoder_free(*(struct decoder **)lua_touserdata(L, 1));
    return 0;
}

static void
push_decoder(lua_State *L)
{
    struct decoder **d = lua_newuserdatauv(L, sizeof *d, 0);

    *d = decoder_new(L);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, free_decoder);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
}

static const luaL_Reg functions[] = {
    { "peek", peek },       { "decode", decode },
    { "value", value },     { "encode", encode },
    { "reshape", reshape }, { "encode_value", encode_value },
    { "equal", equal },     { "ordered", ordered },
    { "array", array },     { "duplicates", duplicates },
    { "session", session }, { "timestamp", timestamp },
    { NULL, NULL },
};

int luaopen_native_decode(lua_State *L);

int
luaopen_native_decode(lua_State *L)
{
    luaL_newlibtable(L, functions);
    push_decoder(L);
    luaL_setfuncs(L, functions, 1);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
