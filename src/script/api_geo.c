/* api_geo.c -- cdr.geo and cdr.ip: where addresses are, and to hide them. */
#include <limits.h>
#include <unistd.h>

#include "action/geo.h"
#include "action/hmac.h"
#include "base/log.h"
#include "script/api.h"
#include "script/job.h"

#define GEO "cdr.geo"

struct handle {
    struct geo *geo; /* NULL: not opened, or collected */
};

static struct geo *
to_geo(lua_State *L)
{
    struct handle *h = luaL_checkudata(L, 1, GEO);

    luaL_argcheck(L, h->geo != NULL, 1, "it is closed");
    return h->geo;
}

static int
close_geo(lua_State *L)
{
    struct handle *h = luaL_checkudata(L, 1, GEO);

    geo_free(h->geo);
    h->geo = NULL;
    return 0;
}

/* ---- opening ---- */

/* The texts stay on the stack, where the table's user may not change them. */
static size_t
check_paths(lua_State *L, int list, const char **paths)
{
    lua_Integer n;

    luaL_checktype(L, list, LUA_TTABLE);
    n = luaL_len(L, list);
    luaL_argcheck(L, n >= 1 && n <= GEO_DATABASES_MOST, list,
                  "a list of 1 to 8 paths");
    luaL_checkstack(L, (int)n + 8, "paths");
    for (lua_Integer i = 0; i < n; i++)
        if (lua_geti(L, list, i + 1) != LUA_TSTRING)
            luaL_argerror(L, list, "a path is a text");
        else
            paths[i] = lua_tostring(L, -1);
    return (size_t)n;
}

/* Gives a handle; or nil, a sentence, and whether the script is loading. */
static int
open_geo(lua_State *L)
{
    const char *paths[GEO_DATABASES_MOST];
    struct geo_options options = { .paths = paths };
    struct runtime *rt = runtime_of(L);
    struct handle *h;
    struct error err;

    options.n = check_paths(L, 1, paths);
    options.sweep_s = luaL_checknumber(L, 2);
    luaL_argcheck(L, options.sweep_s >= 0.01, 2, "seconds, 0.01 or more");
    h = lua_newuserdatauv(L, sizeof *h, 0);
    h->geo = NULL;
    luaL_setmetatable(L, GEO);
    h->geo = geo_open(rt->loop, &options, log_note, NULL, &err);
    if (h->geo != NULL)
        return 1;
    api_nil(L, err.text);
    lua_pushboolean(L, rt->running == NULL);
    return 3;
}

/* The folder of the running program. */
static int
program_folder(lua_State *L)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);

    while (n > 1 && path[n - 1] != '/')
        n--;
    lua_pushlstring(L, path, n > 1 ? (size_t)n - 1 : 0);
    return 1;
}

/* ---- asking ---- */

static void
push_value(lua_State *L, const struct mmdb_value *value)
{
    if (value->kind == MMDB_TEXT)
        lua_pushlstring(L, value->text, value->len);
    else if (value->kind == MMDB_NUMBER)
        lua_pushnumber(L, value->number);
    else
        lua_pushinteger(L, (lua_Integer)value->whole);
}

/* Why nothing is known of the text, without it: it is somebody's. */
static const char *
search(lua_State *L, struct geo_found *found)
{
    struct geo *g = to_geo(L);
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);
    struct address a;
    const char *special;

    if (!address_parse(&a, text, len))
        return "no internet address";
    special = address_special(&a);
    if (special != NULL)
        return special;
    return geo_find(g, &a, found) ? NULL : "in no database";
}

static bool
push_field(lua_State *L, const struct geo_found *found, enum geo_field field)
{
    struct mmdb_value value;
    bool known = geo_value(found, field, &value);

    if (known)
        push_value(L, &value);
    else
        lua_pushnil(L);
    return known;
}

/* names(ip, known): the id of what the databases have, and known[id]; or where
 * that is nil, also city, country and, for a country without name, its code. */
static int
names(lua_State *L)
{
    struct geo_found found;

    luaL_checktype(L, 3, LUA_TTABLE);
    if (search(L, &found) != NULL)
        return 0;
    lua_pushinteger(L, (lua_Integer)found.id);
    if (lua_rawgeti(L, 3, (lua_Integer)found.id) != LUA_TNIL)
        return 2;
    push_field(L, &found, GEO_CITY);
    if (push_field(L, &found, GEO_COUNTRY))
        return 4;
    push_field(L, &found, GEO_ISO);
    return 5;
}

static int
lookup(lua_State *L)
{
    struct geo_found found;
    struct mmdb_value value;
    const char *why = search(L, &found);

    if (why != NULL)
        return api_nil(L, why);
    lua_createtable(L, 0, GEO_FIELDS);
    for (enum geo_field f = 0; f < GEO_FIELDS; f++) {
        if (!geo_value(&found, f, &value))
            continue;
        push_value(L, &value);
        lua_setfield(L, -2, geo_field_name(f));
    }
    return 1;
}

static int
swaps(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)geo_swaps(to_geo(L)));
    return 1;
}

static int
age(lua_State *L)
{
    int64_t seconds = geo_age_s(to_geo(L));

    if (seconds < 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)seconds);
    return 1;
}

/* ---- hiding ---- */

/* The usual spelling of an address with its last bits cleared; nil for what is
 * none. Without numbers of bits it is whole. */
static int
ip_text(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer bits4 = luaL_optinteger(L, 2, 32);
    lua_Integer bits6 = luaL_optinteger(L, 3, 128);
    char out[ADDRESS_TEXT_SIZE];
    struct address a;

    luaL_argcheck(L, bits4 >= 0 && bits4 <= 32, 2, "0 to 32 bits");
    luaL_argcheck(L, bits6 >= 0 && bits6 <= 128, 3, "0 to 128 bits");
    if (!address_parse(&a, text, len))
        return 0;
    address_truncate(&a, (unsigned)bits4, (unsigned)bits6);
    address_text(&a, out);
    lua_pushstring(L, out);
    return 1;
}

static int
hmac(lua_State *L)
{
    size_t key_len, len;
    const char *key = luaL_checklstring(L, 1, &key_len);
    const char *text = luaL_checklstring(L, 2, &len);
    char out[HMAC_TEXT_SIZE];

    luaL_argcheck(L, key_len <= INT_MAX, 1, "too long");
    hmac_text(out, key, key_len, text, len);
    lua_pushstring(L, out);
    return 1;
}

static const luaL_Reg methods[] = {
    { "names", names }, { "lookup", lookup }, { "swaps", swaps },
    { "age", age },     { NULL, NULL },
};

void
api_geo_open(lua_State *L)
{
    if (luaL_newmetatable(L, GEO)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, close_geo);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
}

const luaL_Reg api_geo[] = {
    { "geo_open", open_geo }, { "program_folder", program_folder },
    { "ip_text", ip_text },   { "hmac", hmac },
    { NULL, NULL },
};
