/* native_state.c -- the ledger and the checkpoint, opened to the specs. */
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "state/checkpoint.h"
#include "state/ledger.h"

#define LEDGER     "cdrlua.test.ledger"
#define CHECKPOINT "cdrlua.test.checkpoint"

int luaopen_native_state(lua_State *L);

/* --- the ledger ---------------------------------------------------------- */

static struct ledger *
to_ledger(lua_State *L)
{
    return *(struct ledger **)luaL_checkudata(L, 1, LEDGER);
}

static struct place
to_place(lua_State *L, int at)
{
    uint64_t offset = (uint64_t)luaL_checkinteger(L, at + 1);

    return (struct place){
        .file = (uint32_t)luaL_checkinteger(L, at),
        .offset = offset,
        .tail = (uint64_t)luaL_optinteger(L, at + 2, (lua_Integer)offset),
    };
}

static int
new_ledger(lua_State *L)
{
    struct ledger **l = lua_newuserdatauv(L, sizeof *l, 0);

    *l = ledger_new();
    luaL_setmetatable(L, LEDGER);
    return 1;
}

static int
free_ledger(lua_State *L)
{
    ledger_free(to_ledger(L));
    return 0;
}

/* ledger:open(file, offset, tail) -> ticket */
static int
open_ticket(lua_State *L)
{
    uint64_t ticket = ledger_open(to_ledger(L), to_place(L, 2));

    lua_pushinteger(L, (lua_Integer)ticket);
    return 1;
}

static int
hold(lua_State *L)
{
    ledger_hold(to_ledger(L), (uint64_t)luaL_checkinteger(L, 2));
    return 0;
}

static int
release(lua_State *L)
{
    ledger_release(to_ledger(L), (uint64_t)luaL_checkinteger(L, 2));
    return 0;
}

/* ledger:pass(file, offset, tail, times): each time one byte further */
static int
pass(lua_State *L)
{
    struct ledger *l = to_ledger(L);
    struct place end = to_place(L, 2);
    lua_Integer times = luaL_optinteger(L, 5, 1);

    for (; times > 0; times--, end.offset++)
        ledger_pass(l, end);
    return 0;
}

static int
in_hand(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ledger_in_hand(to_ledger(L)));
    return 1;
}

static int
newest(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ledger_newest(to_ledger(L)));
    return 1;
}

static int
settled(lua_State *L)
{
    uint64_t ticket = (uint64_t)luaL_checkinteger(L, 2);

    lua_pushboolean(L, ledger_settled(to_ledger(L), ticket));
    return 1;
}

static void
on_place(void *arg, struct place safe)
{
    lua_State *L = arg;

    lua_createtable(L, 0, 2);
    lua_pushinteger(L, (lua_Integer)safe.offset);
    lua_setfield(L, -2, "offset");
    lua_pushinteger(L, (lua_Integer)safe.tail);
    lua_setfield(L, -2, "tail");
    lua_seti(L, -2, safe.file);
}

/* ledger:moved() -> { [file] = { offset=, tail= } }, how many */
static int
moved(lua_State *L)
{
    size_t n;

    lua_newtable(L);
    n = ledger_moved(to_ledger(L), on_place, L);
    lua_pushinteger(L, (lua_Integer)n);
    return 2;
}

static const luaL_Reg ledger_methods[] = {
    { "open", open_ticket }, { "hold", hold },       { "release", release },
    { "pass", pass },        { "in_hand", in_hand }, { "newest", newest },
    { "settled", settled },  { "moved", moved },     { "__gc", free_ledger },
    { NULL, NULL },
};

/* --- the checkpoint ------------------------------------------------------ */

static struct checkpoint *
to_checkpoint(lua_State *L)
{
    struct checkpoint **c = luaL_checkudata(L, 1, CHECKPOINT);

    luaL_argcheck(L, *c != NULL, 1, "closed");
    return *c;
}

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

/* checkpoint(dir) -> one, sentence about a damaged one | nil, sentence */
static int
open_checkpoint(lua_State *L)
{
    const char *dir = luaL_checkstring(L, 1);
    struct checkpoint **c = lua_newuserdatauv(L, sizeof *c, 0);
    struct error err;
    char *aside = NULL;

    *c = checkpoint_open(dir, &aside, &err);
    if (*c == NULL)
        return push_done(L, -1, &err);
    luaL_setmetatable(L, CHECKPOINT);
    lua_pushstring(L, aside);
    mem_free(aside);
    return 2;
}

static int
close_checkpoint(lua_State *L)
{
    struct checkpoint **c = luaL_checkudata(L, 1, CHECKPOINT);

    checkpoint_close(*c);
    *c = NULL;
    return 0;
}

static void
set_number(lua_State *L, const char *name, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

static void
on_record(void *arg, const struct record *record)
{
    lua_State *L = arg;

    lua_createtable(L, 0, 8);
    set_number(L, "file", record->place.file);
    set_number(L, "offset", record->place.offset);
    set_number(L, "tail", record->place.tail);
    set_number(L, "dev", record->dev);
    set_number(L, "ino", record->ino);
    set_number(L, "head", record->head);
    set_number(L, "seen_ms", (uint64_t)record->seen_ms);
    lua_pushstring(L, record->path);
    lua_setfield(L, -2, "path");
    lua_seti(L, -2, luaL_len(L, -2) + 1);
}

static int
records(lua_State *L)
{
    struct error err;

    lua_newtable(L);
    if (checkpoint_records(to_checkpoint(L), on_record, L, &err) < 0)
        return push_done(L, -1, &err);
    return 1;
}

/* checkpoint:output(path) -> size | false | nil, sentence */
static int
output(lua_State *L)
{
    struct error err;
    uint64_t size;
    int found = checkpoint_output(to_checkpoint(L), luaL_checkstring(L, 2),
                                  &size, &err);

    if (found < 0)
        return push_done(L, -1, &err);
    if (found == 0)
        lua_pushboolean(L, 0);
    else
        lua_pushinteger(L, (lua_Integer)size);
    return 1;
}

static int
begin(lua_State *L)
{
    struct error err;

    return push_done(L, checkpoint_begin(to_checkpoint(L), &err), &err);
}

static uint64_t
number_field(lua_State *L, const char *name)
{
    uint64_t value;

    lua_getfield(L, 2, name);
    value = (uint64_t)luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    return value;
}

/* checkpoint:put_record { file=, offset=, tail=, path=, dev=, ... } */
static int
put_record(lua_State *L)
{
    struct error err;
    struct record record = {
        .place = { .file = (uint32_t)number_field(L, "file"),
                   .offset = number_field(L, "offset"),
                   .tail = number_field(L, "tail") },
        .dev = number_field(L, "dev"),
        .ino = number_field(L, "ino"),
        .head = number_field(L, "head"),
        .seen_ms = (int64_t)number_field(L, "seen_ms"),
    };

    lua_getfield(L, 2, "path");
    record.path = (char *)luaL_optstring(L, -1, NULL);
    return push_done(L, checkpoint_put_record(to_checkpoint(L), &record, &err),
                     &err);
}

static int
put_output(lua_State *L)
{
    struct error err;
    const char *path = luaL_checkstring(L, 2);
    uint64_t size = (uint64_t)luaL_checkinteger(L, 3);

    return push_done(
        L, checkpoint_put_output(to_checkpoint(L), path, size, &err), &err);
}

static int
commit(lua_State *L)
{
    struct error err;

    return push_done(L, checkpoint_commit(to_checkpoint(L), &err), &err);
}

static const luaL_Reg checkpoint_methods[] = {
    { "records", records },
    { "output", output },
    { "begin", begin },
    { "put_record", put_record },
    { "put_output", put_output },
    { "commit", commit },
    { "close", close_checkpoint },
    { "__gc", close_checkpoint },
    { NULL, NULL },
};

/* --- the module ---------------------------------------------------------- */

/* limit(bytes): no file of this process grows beyond them; limit() ends it. */
static int
limit(lua_State *L)
{
    struct rlimit r;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &r);
    r.rlim_cur =
        lua_isnoneornil(L, 1) ? r.rlim_max : (rlim_t)luaL_checkinteger(L, 1);
    setrlimit(RLIMIT_FSIZE, &r);
    return 0;
}

/* open_files() -> how many descriptors this process has */
static int
open_files(lua_State *L)
{
    int n = 0;

    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    lua_pushinteger(L, n);
    return 1;
}

static int
on_row(void *arg, int n, char **values, char **names)
{
    luaL_Buffer *rows = arg;

    (void)n;
    (void)names;
    luaL_addstring(rows, values[0]);
    luaL_addchar(rows, '\n');
    return 0;
}

/* sql(path, text) -> the first value of each row, one a line */
static int
sql(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1), *text = luaL_checkstring(L, 2);
    luaL_Buffer rows;
    sqlite3 *db;
    int rc;

    luaL_buffinit(L, &rows);
    rc = sqlite3_open(path, &db);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, text, on_row, &rows, NULL);
    sqlite3_close(db);
    luaL_pushresult(&rows);
    return rc == SQLITE_OK ? 1 : luaL_error(L, "%s", sqlite3_errstr(rc));
}

static void
new_class(lua_State *L, const char *name, const luaL_Reg *methods)
{
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
    { "ledger", new_ledger }, { "checkpoint", open_checkpoint },
    { "limit", limit },       { "open_files", open_files },
    { "sql", sql },           { NULL, NULL },
};

int
luaopen_native_state(lua_State *L)
{
    new_class(L, LEDGER, ledger_methods);
    new_class(L, CHECKPOINT, checkpoint_methods);
    luaL_newlib(L, functions);
    return 1;
}
