/* scripts.c -- the scripts of a run are loaded, one station each, in order. */
#include <lauxlib.h>
#include <string.h>

#include "base/log.h"
#include "script/api.h"
#include "script/job.h"

static bool
name_is_taken(const struct runtime *rt, const char *name)
{
    for (size_t i = 0; i < rt->n_stations; i++)
        if (strcmp(rt->stations[i]->name, name) == 0)
            return true;
    return false;
}

static void
make_name_unique(const struct runtime *rt, struct station *s)
{
    char *name;

    if (!name_is_taken(rt, s->name))
        return;
    name = mem_format("%s#%zu", s->name, rt->n_stations + 1);
    mem_free(s->name);
    s->name = name;
}

static void
add_station(struct runtime *rt, struct station *s)
{
    make_name_unique(rt, s);
    rt->stations =
        mem_grow(rt->stations, (rt->n_stations + 1) * sizeof *rt->stations);
    rt->stations[rt->n_stations++] = s;
}

static int
with_traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* Not every message says where it is from. */
static void
say_why(const struct station *s, const char *text, struct error *err)
{
    size_t len = strcspn(text, "\n");
    const char *path = s->chunk + 1;

    if (len > 0 && text[len - 1] == ':')
        len--;
    if (memmem(text, len, ".lua:", 5) != NULL || strncmp(text, "--", 2) == 0)
        fail(err, "%.*s", (int)len, text);
    else
        fail(err, "%s: %.*s", path, (int)len, text);
}

/* The first line of the message is the sentence; what the traceback adds is
 * for --log-level debug. */
static int
run_main_chunk(lua_State *L, const struct station *s, struct error *err)
{
    int chunk = lua_gettop(L), status;

    lua_pushcfunction(L, with_traceback);
    lua_insert(L, chunk);
    status = lua_pcall(L, 0, 0, chunk);
    if (status != LUA_OK) {
        log_debug("%s", lua_tostring(L, -1));
        say_why(s, lua_tostring(L, -1), err);
    }
    lua_settop(L, chunk - 1);
    return status == LUA_OK ? 0 : -1;
}

static int
load(struct runtime *rt, const char *script, struct error *err)
{
    struct station *s = station_new(rt->L, script, rt->n_stations,
                                    rt->options.lua_dir, api_library, err);

    if (s == NULL)
        return -1;
    add_station(rt, s);
    api_globals(rt->L, s);
    return run_main_chunk(rt->L, s, err);
}

int
runtime_load(struct runtime *rt, struct error *err)
{
    const char *const *scripts = rt->options.scripts;
    const char *const *sets = rt->options.sets;

    for (; scripts != NULL && *scripts != NULL; scripts++)
        if (load(rt, *scripts, err) < 0)
            return -1;
    for (size_t i = 0; sets != NULL && sets[i] != NULL; i++)
        if (!rt->set_used[i])
            return fail(err, "--set %s: no script of this run has that option",
                        sets[i]);
    return 0;
}
