/* api_event.c -- cdr.on, emit and key_order; raw, id and place in hand. */
#include <string.h>

#include "base/text.h"
#include "script/api.h"
#include "script/job.h"

#define HANDLE "cdr.handle"

/* Names of OpenVidu 2.16 to 2.32, and of the host. */
static const char *const known[] = { "sessionCreated",
                                     "sessionDestroyed",
                                     "participantJoined",
                                     "participantLeft",
                                     "webrtcConnectionCreated",
                                     "webrtcConnectionDestroyed",
                                     "recordingStatusChanged",
                                     "filterEventDispatched",
                                     "signalSent",
                                     "recordingStarted",
                                     "recordingStopped",
                                     "mediaNodeStatusChanged",
                                     "autoscaling",
                                     "nodeCrashed",
                                     "nodeRecovered",
                                     "broadcastStarted",
                                     "broadcastStopped",
                                     "HANodeRegistered",
                                     "HANodeDeregistered",
                                     "file.opened",
                                     "file.ended",
                                     "line.rejected",
                                     "input.ended",
                                     "silences.changed",
                                     NULL };

static bool
is_known(const char *name)
{
    for (const char *const *k = known; *k != NULL; k++)
        if (strcmp(*k, name) == 0)
            return true;
    return false;
}

/* A script may have events of its own, but not one that is nearly OpenVidu's:
 * that is a slip. */
static void
check_name(lua_State *L, const char *name)
{
    const char *near;

    if (strcmp(name, "*") == 0 || is_known(name))
        return;
    near = text_nearest(name, known, 2);
    if (near != NULL)
        luaL_error(L, "unknown event \"%s\" (did you mean \"%s\"?)", name,
                   near);
    if (strchr(name, '.') != NULL)
        luaL_error(L,
                   "unknown host event \"%s\" (there are file.opened, "
                   "file.ended, line.rejected, input.ended and "
                   "silences.changed)",
                   name);
}

struct handle {
    size_t n;
    struct handler *handlers[];
};

static struct handle *
new_handle(lua_State *L, size_t most)
{
    struct handle *handle = lua_newuserdatauv(
        L, sizeof *handle + most * sizeof *handle->handlers, 0);

    handle->n = 0;
    luaL_setmetatable(L, HANDLE);
    return handle;
}

static void
add(lua_State *L, struct handle *handle, const char *name, const char *where)
{
    struct runtime *rt = runtime_of(L);

    lua_pushvalue(L, 2);
    handle->handlers[handle->n++] =
        handlers_add(rt->handlers, name, where, api_station(L),
                     luaL_ref(L, LUA_REGISTRYINDEX));
}

static const char *
caller(lua_State *L)
{
    size_t len;
    const char *where;

    luaL_where(L, 1);
    where = lua_tolstring(L, -1, &len);
    return lua_pushlstring(L, where, len > 2 ? len - 2 : 0); /* no ": " */
}

/* The names are checked before the first handler is added. */
static lua_Integer
check_names(lua_State *L)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, 1);

    luaL_argcheck(L, n > 0, 1, "a name, or a list of names");
    for (lua_Integer i = 1; i <= n; i++) {
        luaL_argcheck(L, lua_rawgeti(L, 1, i) == LUA_TSTRING, 1,
                      "a list of names");
        check_name(L, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    return n;
}

static int
on(lua_State *L)
{
    struct handle *handle;
    const char *where;
    lua_Integer n;

    luaL_checktype(L, 2, LUA_TFUNCTION);
    if (lua_type(L, 1) == LUA_TSTRING) {
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, 1);
        lua_rawseti(L, -2, 1);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    n = check_names(L);
    where = caller(L);
    handle = new_handle(L, (size_t)n);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 1, i);
        add(L, handle, lua_tostring(L, -1), where);
        lua_pop(L, 1);
    }
    return 1;
}

static int
off(lua_State *L)
{
    struct handle *handle = luaL_checkudata(L, 1, HANDLE);
    struct runtime *rt = runtime_of(L);

    for (size_t i = 0; i < handle->n; i++) {
        luaL_unref(L, LUA_REGISTRYINDEX, handle->handlers[i]->function);
        handlers_remove(rt->handlers, handle->handlers[i]);
    }
    handle->n = 0;
    return 0;
}

/* The job whose event is in hand; raises outside of a handler. */
static struct job *
job_in_hand(lua_State *L, const char *what)
{
    struct job *job = runtime_of(L)->running;

    if (job == NULL)
        luaL_error(L, "cdr.%s is for handlers: no event is in hand", what);
    return job;
}

static int
emit(lua_State *L)
{
    struct job *job = job_in_hand(L, "emit");
    const char *name;

    if (job->kind == JOB_SOURCE)
        return luaL_error(L, "a source gives its events, it does not emit");

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argcheck(L, lua_getfield(L, 1, "event") == LUA_TSTRING, 1,
                  "an event needs its name in the field \"event\"");
    name = lua_tostring(L, -1);
    luaL_argcheck(L, strchr(name, '.') == NULL, 1,
                  "names with a dot are the host's");
    job_emit(job, L, 1);
    return 0;
}

static int
key_order(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct error err;

    luaL_argcheck(L, *name != '\0', 1, "an event's name");
    luaL_argcheck(L, strcmp(name, "*") != 0, 1, "one event's name, not all");
    luaL_argcheck(L, strchr(name, '.') == NULL, 1,
                  "names with a dot are the host's");
    check_name(L, name);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_argcheck(L, lua_rawlen(L, 2) > 0, 2, "a list of keys");
    if (decoder_key_order(runtime_of(L)->decoder, L, name, 2, &err) < 0)
        return luaL_error(L, "%s", err.text);
    return 0;
}

static int
raw(lua_State *L)
{
    struct job *job = job_in_hand(L, "raw");

    if (job->line.text == NULL || job->ordinal > 0)
        return 0;
    lua_pushlstring(L, job->line.text, job->line.len);
    return 1;
}

static int
id(lua_State *L)
{
    struct job *job = job_in_hand(L, "id");
    char text[JOB_ID_SIZE];

    job_id(job, text);
    lua_pushstring(L, text);
    return 1;
}

static int
place(lua_State *L)
{
    struct job *job = job_in_hand(L, "place");

    if (job->line.text == NULL)
        return 0;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, job->line.path);
    lua_setfield(L, -2, "file");
    lua_pushinteger(L, (lua_Integer)job->line.number);
    lua_setfield(L, -2, "line");
    lua_pushinteger(L, (lua_Integer)job->line.offset);
    lua_setfield(L, -2, "offset");
    return 1;
}

void
api_event_open(lua_State *L)
{
    if (luaL_newmetatable(L, HANDLE)) {
        lua_newtable(L);
        lua_pushcfunction(L, off);
        lua_setfield(L, -2, "off");
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

const luaL_Reg api_event[] = {
    { "on", on },       { "off", off },
    { "emit", emit },   { "key_order", key_order },
    { "raw", raw },     { "id", id },
    { "place", place }, { NULL, NULL },
};
