/* api_text.c -- what the library says of words: which one was meant, a hash. */
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "script/api.h"

#define NAMES_MOST 1000

/* The names in the list at `index`, ended by NULL; they live as long as it. */
static const char **
read_names(lua_State *L, int index)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, index);
    const char **names;

    luaL_argcheck(L, n <= NAMES_MOST, index, "too many names");
    names = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *names, 0);
    for (lua_Integer i = 0; i < n; i++) {
        lua_rawgeti(L, index, i + 1);
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, index, "names");
        names[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    names[n] = NULL;
    return names;
}

/* nearest(word, {names}, most) -> the name that differs from it by the fewest
 * letters, at most so many, or nil. */
static int
nearest(lua_State *L)
{
    const char *word = luaL_checkstring(L, 1);
    lua_Integer most = luaL_optinteger(L, 3, 2);

    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_argcheck(L, most >= 0 && most <= 100, 3, "from 0 to 100");
    lua_pushstring(L, text_nearest(word, read_names(L, 2), (size_t)most));
    return 1;
}

/* hash(text) -> an integer, the same on every machine and in every run. */
static int
hash(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    lua_pushinteger(L, (lua_Integer)hash_bytes(text, len));
    return 1;
}

const luaL_Reg api_text[] = {
    { "nearest", nearest },
    { "hash", hash },
    { NULL, NULL },
};
