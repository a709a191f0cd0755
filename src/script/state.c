/* state.c -- the tables of scripts that survive a restart. */
#include "script/state.h"

#include <lauxlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "script/job.h"
#include "script/time.h"

#define VALUE_MOST ((size_t)1 << 20) /* bytes of JSON */

/* Pushes the field of the store at `store`. */
static int
push_part(lua_State *L, int store, const char *part)
{
    store = lua_absindex(L, store);
    lua_pushstring(L, part);
    return lua_rawget(L, store);
}

/* ---- what was kept comes back ---- */

struct filling {
    struct runtime *rt;
    lua_State *L;
    lua_Integer count;
};

static void
push_key(lua_State *L, const struct kept *state)
{
    if (state->text != NULL)
        lua_pushlstring(L, state->text, state->text_len);
    else
        lua_pushinteger(L, (lua_Integer)state->number);
}

/* False: it cannot be read, and nothing is pushed. */
static bool
push_value(const struct filling *f, const struct kept *state)
{
    struct error err;

    if (decoder_value(f->rt->decoder, f->L, state->value, state->value_len,
                      &err) == 0)
        return true;
    log_warn("state %s: a value cannot be read: %s", state->name, err.text);
    return false;
}

/* The store is on the top. */
static void
fill_in(void *arg, const struct kept *state)
{
    struct filling *f = arg;
    lua_State *L = f->L;

    push_part(L, -1, "values");
    push_key(L, state);
    if (!push_value(f, state)) {
        lua_pop(L, 2);
        return;
    }
    lua_rawset(L, -3);
    lua_pop(L, 1);
    push_part(L, -1, "seen");
    push_key(L, state);
    lua_pushinteger(L, (lua_Integer)state->seen_ms);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    f->count++;
}

/* Pushes an empty one. */
static void
push_new(lua_State *L, const char *name)
{
    static const char *const parts[] = { "values", "touched", "saved", "seen" };

    lua_newtable(L);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        lua_newtable(L);
        lua_setfield(L, -2, parts[i]);
    }
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
}

/* What is kept goes to `each`, with the table on the top; else that is popped.
 */
static int
fill(struct filling *f, const char *name, kept_fn *each, struct error *err)
{
    const struct runtime_calls *calls = f->rt->calls;

    if (calls->state == NULL ||
        calls->state(f->rt->arg, name, each, f, err) == 0)
        return 0;
    lua_pop(f->L, 1);
    return -1;
}

static int
push_filled(struct runtime *rt, lua_State *L, const char *name,
            struct error *err)
{
    struct filling f = { rt, L, 0 };

    push_new(L, name);
    if (fill(&f, name, fill_in, err) < 0)
        return -1;
    lua_pushinteger(L, f.count);
    lua_setfield(L, -2, "count");
    return 0;
}

/* The array is on the top. */
static void
add_kept(void *arg, const struct kept *state)
{
    struct filling *f = arg;
    lua_State *L = f->L;

    lua_createtable(L, 2, 0);
    push_key(L, state);
    lua_rawseti(L, -2, 1);
    if (!push_value(f, state)) {
        lua_pop(L, 1);
        return;
    }
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, ++f->count);
}

int
state_push_kept(struct runtime *rt, lua_State *L, const char *name,
                struct error *err)
{
    struct filling f = { rt, L, 0 };

    luaL_checkstack(L, 16, NULL);
    lua_newtable(L);
    return fill(&f, name, add_kept, err);
}

/* Pushes the table of all stores, by name. */
static void
push_all(struct runtime *rt, lua_State *L)
{
    if (rt->states == 0) {
        lua_newtable(L);
        rt->states = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, rt->states);
}

int
state_push(struct runtime *rt, lua_State *L, const char *name,
           struct error *err)
{
    luaL_checkstack(L, 16, NULL);
    push_all(rt, L);
    if (lua_getfield(L, -1, name) == LUA_TNIL) {
        lua_pop(L, 1);
        if (push_filled(rt, L, name, err) < 0) {
            lua_pop(L, 1);
            return -1;
        }
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, name);
    }
    lua_remove(L, -2);
    return 0;
}

/* ---- the cut ---- */

struct cutting {
    struct runtime *rt;
    kept_fn *put;
    void *arg;
    const char *name;
    bool timed; /* keys are dropped after a time: when they were seen counts */
};

static void
complain(struct runtime *rt, const char *name, lua_State *L, int key,
         const char *reason)
{
    struct error sentence;

    rt->counts.unkept++;
    lua_pushvalue(L, key);
    fail(&sentence, "key %.100s is not kept: %s", lua_tostring(L, -1), reason);
    lua_pop(L, 1);
    lua_pushfstring(L, "state %s", name);
    rt->calls->refused(rt->arg, NULL, lua_tostring(L, -1), sentence.text);
    lua_pop(L, 1);
}

/* The key at `key`, as it is told to the one who keeps it. */
static struct kept
describe(const struct cutting *c, lua_State *L, int store, int key)
{
    struct kept state = { .name = c->name };

    if (lua_type(L, key) == LUA_TSTRING)
        state.text = lua_tolstring(L, key, &state.text_len);
    else
        state.number = lua_tointegerx(L, key, NULL);
    if (c->timed) {
        push_part(L, store, "seen");
        lua_pushvalue(L, key);
        lua_rawget(L, -2);
        state.seen_ms = lua_tointegerx(L, -1, NULL);
        lua_pop(L, 2);
    }
    return state;
}

/* Whether these are other bytes than were kept last; remembers them. */
static bool
is_news(lua_State *L, int store, int key, const char *text, size_t len)
{
    lua_Integer hash = (lua_Integer)hash_bytes(text, len), before;
    int known;

    push_part(L, store, "saved");
    lua_pushvalue(L, key);
    lua_rawget(L, -2);
    before = lua_tointegerx(L, -1, &known);
    lua_pop(L, 1);
    lua_pushvalue(L, key);
    lua_pushinteger(L, hash);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return !known || before != hash;
}

static void
forget_saved(lua_State *L, int store, int key)
{
    push_part(L, store, "saved");
    lua_pushvalue(L, key);
    lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* The value is on the top. */
static void
keep_value(const struct cutting *c, lua_State *L, int store, int key)
{
    struct runtime *rt = c->rt;
    struct bytes text = runtime_take_text(rt);
    struct kept state = describe(c, L, store, key);
    struct error err;

    if (decoder_encode_value(rt->decoder, L, -1, &text, &err) < 0) {
        complain(rt, c->name, L, key, err.text);
    } else if (text.len > VALUE_MOST) {
        complain(rt, c->name, L, key, "its value is larger than 1 MiB");
    } else if (is_news(L, store, key, text.at, text.len) || c->timed) {
        state.value = text.at;
        state.value_len = text.len;
        c->put(c->arg, &state);
    }
    runtime_give_text(rt, text);
}

static void
keep_key(const struct cutting *c, lua_State *L, int store, int key)
{
    push_part(L, store, "values");
    lua_pushvalue(L, key);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        struct kept state = describe(c, L, store, key);

        forget_saved(L, store, key);
        c->put(c->arg, &state);
    } else {
        keep_value(c, L, store, key);
    }
    lua_pop(L, 2);
}

/* What has not been seen for its time goes, as lua/cdr/state.lua does it. */
static bool
sweep(struct runtime *rt, lua_State *L, int store)
{
    if (push_part(L, store, "sweep") != LUA_TFUNCTION) {
        lua_pop(L, 1);
        return false;
    }
    lua_pushinteger(L, (lua_Integer)time_now(rt->time));
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        log_error("state: %s", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    return true;
}

/* The store is on the top. */
static void
cut_store(struct cutting *c, lua_State *L)
{
    int store = lua_gettop(L), touched = store + 1;

    c->timed = sweep(c->rt, L, store);
    push_part(L, store, "touched");
    lua_pushnil(L);
    while (lua_next(L, touched) != 0) {
        lua_pop(L, 1);
        keep_key(c, L, store, touched + 1);
        lua_pushvalue(L, touched + 1);
        lua_pushnil(L);
        lua_rawset(L, touched);
    }
    lua_pop(L, 1);
}

void
runtime_state_cut(struct runtime *rt, kept_fn *put, void *arg)
{
    struct cutting c = { .rt = rt, .put = put, .arg = arg };
    lua_State *L = rt->L;

    time_cut(rt->time, put, arg);
    if (rt->states == 0)
        return;
    lua_checkstack(L, 32);
    push_all(rt, L);
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        c.name = lua_tostring(L, -2);
        cut_store(&c, L);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

bool
runtime_keeps_state(const struct runtime *rt)
{
    return rt->states != 0 || time_is_kept(rt->time);
}

bool
runtime_is_settled(const struct runtime *rt)
{
    size_t sources = 0;

    for (size_t i = 0; i < rt->n_sources; i++)
        sources += rt->sources[i]->busy;
    return rt->running == NULL && rt->n_waiting == sources &&
           !time_is_behind(rt->time);
}
