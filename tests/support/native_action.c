/* native_action.c -- the outbox, opened to the specs, on a loop they drive. */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/outbox.h"

#define BOX "cdrlua.test.outbox"

int luaopen_native_action(lua_State *L);

/* What the outbox says goes to the functions of the Lua table `calls`. */
struct box {
    struct outbox *outbox;
    lua_State *L;
    int calls; /* its reference */
};

static struct box *
to_box(lua_State *L)
{
    struct box *b = luaL_checkudata(L, 1, BOX);

    luaL_argcheck(L, b->outbox != NULL, 1, "closed");
    b->L = L;
    return b;
}

/* --- what it says -------------------------------------------------------- */

/* Pushes the function, or nothing and false. */
static bool
push_call(struct box *b, const char *name)
{
    lua_State *L = b->L;

    luaL_checkstack(L, 8, "calls");
    lua_rawgeti(L, LUA_REGISTRYINDEX, b->calls);
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
    if (lua_isfunction(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

/* An error must not jump over the outbox: it becomes a word of the table. */
static void
call(struct box *b, int args)
{
    if (lua_pcall(b->L, args, 0, 0) == LUA_OK)
        return;
    lua_rawgeti(b->L, LUA_REGISTRYINDEX, b->calls);
    lua_insert(b->L, -2);
    lua_setfield(b->L, -2, "error");
    lua_pop(b->L, 1);
}

static void
on_taken(void *arg, uint64_t ticket)
{
    struct box *b = arg;

    if (!push_call(b, "taken"))
        return;
    lua_pushinteger(b->L, (lua_Integer)ticket);
    call(b, 1);
}

static void
on_room(void *arg)
{
    if (push_call(arg, "room"))
        call(arg, 0);
}

static void
on_note(void *arg, enum log_level level, const char *sentence)
{
    struct box *b = arg;

    if (!push_call(b, "note"))
        return;
    lua_pushstring(b->L, sentence);
    lua_pushboolean(b->L, level >= LOG_WARN);
    call(b, 2);
}

static void
on_gone(void *arg, const char *sentence)
{
    struct box *b = arg;

    if (!push_call(b, "gone"))
        return;
    lua_pushstring(b->L, sentence);
    call(b, 1);
}

static void
on_refused(void *arg, uint64_t ticket, const struct message *message,
           const char *dest, const char *reason)
{
    struct box *b = arg;

    (void)dest;
    if (!push_call(b, "refused"))
        return;
    lua_pushinteger(b->L, (lua_Integer)ticket);
    lua_pushlstring(b->L, message->text.at, message->text.len);
    lua_pushstring(b->L, reason);
    call(b, 3);
}

static const struct outbox_calls calls = { on_taken, on_room, on_note, on_gone,
                                           on_refused };

/* --- what it does -------------------------------------------------------- */

static int
push_done(lua_State *L, int rc, const struct error *err)
{
    if (rc >= 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, err->text);
    return 2;
}

/* outbox(dest, { taken=, room=, note=, gone= }) -> outbox | nil, sentence */
static int
new_box(lua_State *L)
{
    const char *dest = luaL_checkstring(L, 1);
    struct error err;
    struct box *b;

    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    b = lua_newuserdatauv(L, sizeof *b, 0);
    b->L = L;
    b->outbox = outbox_new(EV_DEFAULT, dest, NULL, &calls, b, &err);
    if (b->outbox == NULL)
        return push_done(L, -1, &err);
    lua_pushvalue(L, 2);
    b->calls = luaL_ref(L, LUA_REGISTRYINDEX);
    luaL_setmetatable(L, BOX);
    return 1;
}

static int
free_box(lua_State *L)
{
    struct box *b = luaL_checkudata(L, 1, BOX);

    if (b->outbox != NULL)
        luaL_unref(L, LUA_REGISTRYINDEX, b->calls);
    outbox_free(b->outbox);
    b->outbox = NULL;
    return 0;
}

static int
path(lua_State *L)
{
    lua_pushstring(L, outbox_path(to_box(L)->outbox));
    return 1;
}

/* outbox:open(known) */
static int
open_box(lua_State *L)
{
    int64_t known = luaL_optinteger(L, 2, -1);
    struct error err;

    return push_done(L, outbox_open(to_box(L)->outbox, known, &err), &err);
}

/* outbox:send(ticket, text, times) */
static int
send_line(lua_State *L)
{
    struct box *b = to_box(L);
    uint64_t ticket = (uint64_t)luaL_checkinteger(L, 2);
    lua_Integer times = luaL_optinteger(L, 4, 1);
    size_t len;
    const char *text = luaL_checklstring(L, 3, &len);

    for (; times > 0; times--)
        outbox_send(b->outbox, ticket, text, len);
    return 0;
}

static int
is_full(lua_State *L)
{
    lua_pushboolean(L, outbox_full(to_box(L)->outbox));
    return 1;
}

static int
is_empty(lua_State *L)
{
    lua_pushboolean(L, outbox_empty(to_box(L)->outbox));
    return 1;
}

static int
flush(lua_State *L)
{
    outbox_flush(to_box(L)->outbox);
    return 0;
}

/* outbox:sync() -> size | nil, sentence */
static int
sync_box(lua_State *L)
{
    struct error err;
    uint64_t size;

    if (outbox_sync(to_box(L)->outbox, &size, &err) < 0)
        return push_done(L, -1, &err);
    lua_pushinteger(L, (lua_Integer)size);
    return 1;
}

static const luaL_Reg methods[] = {
    { "path", path },     { "open", open_box },  { "send", send_line },
    { "full", is_full },  { "empty", is_empty }, { "flush", flush },
    { "sync", sync_box }, { "free", free_box },  { "__gc", free_box },
    { NULL, NULL },
};

/* --- the world around it ------------------------------------------------- */

static void
on_end(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)timer;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* run(seconds): lets the loop run for so long; 0: only what is due. */
static int
run(lua_State *L)
{
    double seconds = luaL_checknumber(L, 1);
    ev_timer end;

    if (seconds <= 0.) {
        ev_run(EV_DEFAULT, EVRUN_NOWAIT);
        return 0;
    }
    ev_now_update(EV_DEFAULT);
    ev_timer_init(&end, on_end, seconds, 0.);
    ev_timer_start(EV_DEFAULT, &end);
    ev_run(EV_DEFAULT, 0);
    ev_timer_stop(EV_DEFAULT, &end);
    return 0;
}

static int
set_limit(lua_State *L, int what)
{
    struct rlimit r;

    getrlimit(what, &r);
    r.rlim_cur =
        lua_isnoneornil(L, 1) ? r.rlim_max : (rlim_t)luaL_checkinteger(L, 1);
    setrlimit(what, &r);
    return 0;
}

/* limit(bytes): no file of this process grows beyond them; limit() ends it. */
static int
limit_bytes(lua_State *L)
{
    signal(SIGXFSZ, SIG_IGN);
    return set_limit(L, RLIMIT_FSIZE);
}

/* limit_files(n): no descriptor from n on; limit_files() ends it. */
static int
limit_files(lua_State *L)
{
    return set_limit(L, RLIMIT_NOFILE);
}

/* trim(): malloc gives back what it holds for nobody. */
static int
trim(lua_State *L)
{
    (void)L;
    malloc_trim(0);
    return 0;
}

/* fifo(path) */
static int
make_fifo(lua_State *L)
{
    if (mkfifo(luaL_checkstring(L, 1), 0600) < 0)
        return luaL_error(L, "mkfifo: %s", strerror(errno));
    return 0;
}

/* open_fifo(path) -> a reading end, though nobody writes yet */
static int
open_fifo(lua_State *L)
{
    int fd = open(luaL_checkstring(L, 1), O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    lua_pushinteger(L, fd);
    return 1;
}

/* socketpair() -> two descriptors */
static int
make_sockets(lua_State *L)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return luaL_error(L, "socketpair: %s", strerror(errno));
    lua_pushinteger(L, fds[0]);
    lua_pushinteger(L, fds[1]);
    return 2;
}

/* is_blocking(fd) */
static int
is_blocking(lua_State *L)
{
    int flags = fcntl((int)luaL_checkinteger(L, 1), F_GETFL);

    lua_pushboolean(L, (flags & O_NONBLOCK) == 0);
    return 1;
}

static const luaL_Reg functions[] = {
    { "outbox", new_box },
    { "run", run },
    { "limit", limit_bytes },
    { "limit_files", limit_files },
    { "trim", trim },
    { "fifo", make_fifo },
    { "open_fifo", open_fifo },
    { "socketpair", make_sockets },
    { "is_blocking", is_blocking },
    { NULL, NULL },
};

int
luaopen_native_action(lua_State *L)
{
    signal(SIGPIPE, SIG_IGN);
    luaL_newmetatable(L, BOX);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
