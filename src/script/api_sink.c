/* api_sink.c -- cdr.sink, begin_file and print. */
#include "script/api.h"
#include "script/job.h"
#include "script/outgoing.h"

#define SINK "cdr.sink"

struct sink {
    struct outbox *outbox;
    enum outgoing_shape shape;
};

static enum outgoing_shape
shape_option(lua_State *L, int options)
{
    enum outgoing_shape shape = OUTGOING_SAME;
    const char *word;

    if (lua_isnoneornil(L, options))
        return shape;
    luaL_checktype(L, options, LUA_TTABLE);
    lua_getfield(L, options, "shape");
    word = luaL_optstring(L, -1, "same");
    if (outgoing_shape_parse(word, &shape) < 0)
        luaL_error(L, "no shape \"%s\" (there are same, cdr and webhook)",
                   word);
    lua_pop(L, 1);
    return shape;
}

static int
new_sink(lua_State *L)
{
    const char *dest = luaL_checkstring(L, 1);
    enum outgoing_shape shape = shape_option(L, 2);
    struct error err;
    struct outbox *outbox = sinks_get(runtime_of(L)->sinks, dest, &err);
    struct sink *sink;

    if (outbox == NULL && runtime_of(L)->running == NULL)
        return luaL_error(L, "%s", err.text);
    if (outbox == NULL) {
        lua_pushnil(L);
        lua_pushstring(L, err.text);
        return 2;
    }
    sink = lua_newuserdatauv(L, sizeof *sink, 0);
    *sink = (struct sink){ outbox, shape };
    luaL_setmetatable(L, SINK);
    return 1;
}

/* The event in hand stays in hand until the sink has taken the text. */
static void
send_text(struct runtime *rt, struct outbox *outbox, const char *text,
          size_t len)
{
    uint64_t ticket = rt->running != NULL ? rt->running->line.ticket : 0;

    rt->calls->hold(rt->arg, ticket);
    outbox_send(outbox, ticket, text, len);
}

static int
send_event(lua_State *L)
{
    struct sink *sink = luaL_checkudata(L, 1, SINK);
    struct runtime *rt = runtime_of(L);
    struct bytes text;
    struct error err;
    int got;

    luaL_checktype(L, 2, LUA_TTABLE);
    text = runtime_take_text(rt);
    got = outgoing_text(rt, rt->running, L, 2, sink->shape, &text, &err);
    if (got == 0) {
        outgoing_date(sink->outbox, L, 2);
        send_text(rt, sink->outbox, text.at, text.len);
    }
    runtime_give_text(rt, text);
    if (got < 0)
        return luaL_error(L, "%s", err.text);
    lua_pushboolean(L, true);
    return 1;
}

static int
write_text(lua_State *L)
{
    struct sink *sink = luaL_checkudata(L, 1, SINK);
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);

    outbox_date(sink->outbox, 0);
    send_text(runtime_of(L), sink->outbox, text, len);
    lua_pushboolean(L, true);
    return 1;
}

static int
begin_file(lua_State *L)
{
    sinks_begin_file(runtime_of(L)->sinks);
    return 0;
}

/* As Lua's, but through the sink "-", in order with what else goes there. */
static int
print(lua_State *L)
{
    int n = lua_gettop(L);
    struct runtime *rt = runtime_of(L);
    struct error err;
    struct outbox *outbox = sinks_get(rt->sinks, "-", &err);
    luaL_Buffer line;
    size_t len;
    const char *text;

    if (outbox == NULL)
        return luaL_error(L, "%s", err.text);
    luaL_buffinit(L, &line);
    for (int i = 1; i <= n; i++) {
        if (i > 1)
            luaL_addchar(&line, '\t');
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    text = lua_tolstring(L, -1, &len);
    send_text(rt, outbox, text, len);
    return 0;
}

static const luaL_Reg methods[] = { { "send", send_event },
                                    { "write", write_text },
                                    { NULL, NULL } };

void
api_sink_open(lua_State *L)
{
    if (luaL_newmetatable(L, SINK)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

const luaL_Reg api_sink[] = { { "sink", new_sink },
                              { "begin_file", begin_file },
                              { "print", print },
                              { NULL, NULL } };
