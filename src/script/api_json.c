/* api_json.c -- cdr.json and cdr.array. */
#include "script/api.h"
#include "script/job.h"

static int
decode(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    struct error err;

    if (decoder_value(runtime_of(L)->decoder, L, text, len, &err) < 0)
        return api_nil(L, err.text);
    return 1;
}

static int
push_or_raise(lua_State *L, int got, struct bytes text, const struct error *err)
{
    if (got == 0)
        lua_pushlstring(L, text.at, text.len);
    runtime_give_text(runtime_of(L), text);
    return got == 0 ? 1 : luaL_error(L, "%s", err->text);
}

static int
encode(lua_State *L)
{
    struct runtime *rt = runtime_of(L);
    struct bytes text;
    struct error err;
    int got;

    luaL_checkany(L, 1);
    text = runtime_take_text(rt);
    got = decoder_encode_value(rt->decoder, L, 1, &text, &err);
    return push_or_raise(L, got, text, &err);
}

static int
encode_event(lua_State *L, enum record_form form)
{
    struct runtime *rt = runtime_of(L);
    struct bytes text;
    struct error err;
    int got;

    luaL_checktype(L, 1, LUA_TTABLE);
    text = runtime_take_text(rt);
    got = decoder_encode_event(rt->decoder, L, 1, form, &text, &err);
    return push_or_raise(L, got, text, &err);
}

static int
encode_cdr(lua_State *L)
{
    return encode_event(L, RECORD_CDR);
}

static int
encode_webhook(lua_State *L)
{
    return encode_event(L, RECORD_FLAT);
}

static int
array(lua_State *L)
{
    if (lua_isnoneornil(L, 1))
        lua_newtable(L);
    else
        luaL_checktype(L, 1, LUA_TTABLE);
    decoder_mark_array(runtime_of(L)->decoder, L, -1);
    return 1;
}

const luaL_Reg api_json[] = {
    { "json_decode", decode },
    { "json_encode", encode },
    { "json_encode_cdr", encode_cdr },
    { "json_encode_webhook", encode_webhook },
    { "array", array },
    { NULL, NULL },
};
