/* station.c -- one script on the road: its globals, its modules, its file. */
#include "script/station.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/folder.h"
#include "base/mem.h"
#include "base/text.h"
#include "script/builtin.h"
#include "script/job.h"
#include "script/time.h"

#define SOURCE_MOST (16 * 1024 * 1024)

/* What `require` needs to know, in one userdata upvalue. */
struct searcher {
    const char *dir, *lua_dir;
    station_library_fn *library;
    struct station *station;
};

static bool
is_file_name(const char *script)
{
    size_t len = strlen(script);

    return strchr(script, '/') != NULL ||
           (len > 4 && strcmp(script + len - 4, ".lua") == 0);
}

/* "sub/rules.lua" gives "rules". */
static char *
name_of(const char *script)
{
    const char *slash = strrchr(script, '/');
    const char *base = slash ? slash + 1 : script;
    const char *dot = strrchr(base, '.');

    return mem_dup_bytes(base,
                         dot > base ? (size_t)(dot - base) : strlen(base));
}

static int
read_stream(FILE *f, const char *path, struct bytes *out, struct error *err)
{
    size_t n;

    do {
        n = fread(bytes_room(out, 65536), 1, 65536, f);
        out->len += n;
        if (out->len > SOURCE_MOST)
            return fail(err, "%s: too large for a script", path);
    } while (n > 0);
    if (ferror(f))
        return fail(err, "%s: %s", path, strerror(errno));
    return 0;
}

static int
read_source(const char *path, struct bytes *out, struct error *err)
{
    FILE *f = fopen(path, "r");
    int got;

    if (f == NULL)
        return fail(err, "%s: %s", path, strerror(errno));
    got = read_stream(f, path, out, err);
    fclose(f);
    if (got < 0)
        bytes_free(out);
    return got;
}

/* A "#!" line is for the shell; its newline stays, so that lines keep their
 * numbers. A script that speaks of time has every line move the clock, also
 * those before its first call. */
static int
compile(lua_State *L, const char *text, size_t len, const char *chunk)
{
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3; /* a BOM */
        len -= 3;
    }
    if (memmem(text, len, "cdr.time", 8) != NULL ||
        memmem(text, len, "cdr.after", 9) != NULL)
        time_use(runtime_of(L)->time);
    if (len > 0 && text[0] == '#') {
        const char *end = memchr(text, '\n', len);
        len = end ? len - (size_t)(end - text) : 0;
        text = end ? end : "";
    }
    return luaL_loadbufferx(L, text, len, chunk, "t");
}

static void
set_environment(lua_State *L, const struct station *s)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->env);
    if (lua_setupvalue(L, -2, 1) == NULL)
        lua_pop(L, 1);
}

/* ---- require ---- */

static bool
is_absent(int cause)
{
    return cause == ENOENT || cause == ENOTDIR || cause == EISDIR;
}

/* Compiles the file when it is there: the chunk is pushed. Raises for one that
 * does not compile. */
static bool
load_file(lua_State *L, const char *path)
{
    struct bytes source = { 0 };
    int status;

    errno = 0;
    if (read_source(path, &source, NULL) < 0 && is_absent(errno))
        return false;
    if (errno != 0)
        luaL_error(L, "%s: %s", path, strerror(errno));
    lua_pushfstring(L, "@%s", path);
    status = compile(L, source.at, source.len, lua_tostring(L, -1));
    bytes_free(&source);
    lua_remove(L, -2);
    if (status != LUA_OK)
        lua_error(L);
    return true;
}

static bool
load_embedded(lua_State *L, const char *name)
{
    const struct builtin_file *file = builtin_find(name);

    if (file == NULL)
        return false;
    lua_pushfstring(L, "@%s", name);
    if (compile(L, file->text, file->len, lua_tostring(L, -1)) != LUA_OK)
        lua_error(L);
    lua_remove(L, -2);
    return true;
}

/* Looks for DIR/NAME.lua and DIR/NAME/init.lua. */
static bool
load_from(lua_State *L, const char *dir, const char *name,
          bool (*load)(lua_State *, const char *))
{
    static const char *const forms[] = { "%s/%s.lua", "%s/%s/init.lua" };

    for (int i = 0; i < 2; i++) {
        const char *path = lua_pushfstring(L, forms[i], dir, name);
        bool found = load(L, path);
        lua_remove(L, found ? -2 : -1);
        if (found)
            return true;
    }
    return false;
}

/* The module's chunk, from the script's own folder or the library, which keeps
 * its own names. `name` has slashes instead of dots. */
static bool
load_module(lua_State *L, const struct searcher *in, const char *name)
{
    bool own = strcmp(name, "cdr") == 0 || strncmp(name, "cdr/", 4) == 0;

    if (strstr(name, "..") != NULL)
        return false;
    if (!own && in->dir != NULL && load_from(L, in->dir, name, load_file))
        return true;
    if (in->lua_dir != NULL && load_from(L, in->lua_dir, name, load_file))
        return true;
    return load_from(L, "lua", name, load_embedded);
}

/* Runs the chunk on the top as module `name` and leaves its value. */
static void
run_module(lua_State *L, const struct searcher *in, const char *name)
{
    set_environment(L, in->station);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, true);
    }
}

/* Lua's own require, which knows the standard libraries and looks into the
 * absolute entries of package.path and package.cpath. */
static void
require_from_system(lua_State *L, const char *name)
{
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
}

static int
require(lua_State *L)
{
    const struct searcher *in = lua_touserdata(L, lua_upvalueindex(1));
    const char *name = luaL_checkstring(L, 1);

    lua_settop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, in->station->loaded);
    if (lua_getfield(L, 2, name) != LUA_TNIL) {
        if (lua_touserdata(L, -1) == in)
            luaL_error(L, "module \"%s\" requires itself", name);
        return 1;
    }
    lua_pop(L, 1);
    lua_pushlightuserdata(L, (void *)in);
    lua_setfield(L, 2, name);
    if (strcmp(name, "cdr.host") == 0)
        in->library(L, in->station);
    else if (load_module(L, in, luaL_gsub(L, name, ".", "/")))
        run_module(L, in, name);
    else
        require_from_system(L, name);
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}

/* ---- the environment ---- */

static int
refuse_exit(lua_State *L)
{
    return luaL_error(L, "os.exit is not for scripts: the host ends the run "
                         "(see cdr.exit_code)");
}

/* As Lua's load, but a chunk's globals are those of the station. */
static int
load_here(lua_State *L)
{
    lua_settop(L, lua_gettop(L) < 4 ? 3 : 4);
    if (lua_gettop(L) == 3) {
        if (lua_isnil(L, 3)) {
            lua_pop(L, 1);
            lua_pushliteral(L, "t");
        }
        lua_pushvalue(L, lua_upvalueindex(2));
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 4, LUA_MULTRET);
    return lua_gettop(L);
}

static void
copy_fields(lua_State *L, int from, int to)
{
    from = lua_absindex(L, from);
    to = lua_absindex(L, to);
    lua_pushnil(L);
    while (lua_next(L, from) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2); /* key key value */
        lua_rawset(L, to);
    }
}

/* env.os = the library without its exit. */
static void
set_os(lua_State *L, int env)
{
    lua_newtable(L);
    lua_getglobal(L, "os");
    copy_fields(L, -1, -2);
    lua_pop(L, 1);
    lua_pushcfunction(L, refuse_exit);
    lua_setfield(L, -2, "exit");
    lua_setfield(L, env, "os");
}

static void
set_require(lua_State *L, int env, struct station *s, const char *lua_dir,
            station_library_fn *library)
{
    struct searcher *in = lua_newuserdatauv(L, sizeof *in, 0);

    *in = (struct searcher){ s->dir, lua_dir, library, s };
    lua_getglobal(L, "require");
    lua_pushcclosure(L, require, 2);
    lua_setfield(L, env, "require");
}

static void
make_environment(lua_State *L, struct station *s, const char *lua_dir,
                 station_library_fn *library)
{
    int env;

    lua_newtable(L);
    env = lua_gettop(L);
    lua_createtable(L, 0, 1);
    lua_pushglobaltable(L);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, env);
    lua_pushvalue(L, env);
    lua_setfield(L, env, "_G");
    set_os(L, env);
    set_require(L, env, s, lua_dir, library);
    lua_getglobal(L, "load");
    lua_pushvalue(L, env);
    lua_pushcclosure(L, load_here, 2);
    lua_setfield(L, env, "load");
    s->env = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_newtable(L);
    s->loaded = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- the script ---- */

static int
no_such_script(const char *script, struct error *err)
{
    char **names = builtin_names();
    const char *near = text_nearest(script, (const char *const *)names, 3);

    if (near != NULL)
        fail(err,
             "no built-in script \"%s\" (did you mean \"%s\"? a file "
             "ends in .lua or has a slash)",
             script, near);
    else
        fail(err,
             "no built-in script \"%s\" (see: cdrlua scripts; a file "
             "ends in .lua or has a slash)",
             script);
    builtin_free_names(names);
    return -1;
}

static int
compile_script(lua_State *L, const struct station *s, const char *text,
               size_t len, struct error *err)
{
    if (compile(L, text, len, s->chunk) == LUA_OK)
        return 0;
    fail(err, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
    return -1;
}

static int
compile_file(lua_State *L, struct station *s, const char *path,
             struct error *err)
{
    struct bytes source = { 0 };
    int got;

    if (read_source(path, &source, err) < 0)
        return -1;
    s->chunk = mem_format("@%s", path);
    s->dir = folder_of(path);
    got = compile_script(L, s, source.at, source.len, err);
    bytes_free(&source);
    return got;
}

static int
compile_builtin(lua_State *L, struct station *s, const char *script,
                struct error *err)
{
    const struct builtin_file *file = builtin_script(script);

    if (file == NULL)
        return no_such_script(script, err);
    s->chunk = mem_format("@%s", file->name);
    return compile_script(L, s, file->text, file->len, err);
}

struct station *
station_new(lua_State *L, const char *script, size_t index, const char *lua_dir,
            station_library_fn *library, struct error *err)
{
    struct station *s = mem_new(sizeof *s);
    int got;

    s->name = name_of(script);
    s->index = index;
    if (is_file_name(script))
        got = compile_file(L, s, script, err);
    else
        got = compile_builtin(L, s, script, err);
    if (got < 0) {
        station_free(s);
        return NULL;
    }
    make_environment(L, s, lua_dir, library);
    set_environment(L, s);
    return s;
}

void
station_free(struct station *s)
{
    if (s == NULL)
        return;
    mem_free(s->name);
    mem_free(s->chunk);
    mem_free(s->dir);
    mem_free(s);
}
