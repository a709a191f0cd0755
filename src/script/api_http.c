/* api_http.c -- cdr.http: a handler asks, and waits for the answer. */
#include <ctype.h>
#include <string.h>

#include "action/http.h"
#include "action/path.h"
#include "script/api.h"
#include "script/job.h"

#define HEADERS_MOST 64

/* A job that waits for its answer. */
struct ask {
    struct job *job;
    struct http_call *call;
    char *shown;
};

static void
free_ask(struct ask *ask)
{
    mem_free(ask->shown);
    mem_free(ask);
}

static void
give_up(void *arg)
{
    struct ask *ask = arg;

    http_cancel(ask->call);
    free_ask(ask);
}

/* ---- the answer ---- */

/* Into the table on the top: names in lower case, what comes twice in one. */
static void
push_header(void *arg, const char *name, const char *value)
{
    lua_State *L = arg;
    char *key = mem_dup(name);

    for (char *c = key; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    if (lua_getfield(L, -1, key) == LUA_TSTRING)
        lua_pushfstring(L, "%s, %s", lua_tostring(L, -1), value);
    else
        lua_pushstring(L, value);
    lua_setfield(L, -3, key);
    lua_pop(L, 1);
    mem_free(key);
}

static int
push_answer(lua_State *L, const struct http_answer *a)
{
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, a->status);
    lua_setfield(L, -2, "status");
    lua_pushlstring(L, a->body, a->len);
    lua_setfield(L, -2, "body");
    lua_newtable(L);
    http_each_header(a, push_header, L);
    lua_setfield(L, -2, "headers");
    return 1;
}

static int
push_failure(lua_State *L, const char *shown, const char *cause)
{
    lua_pushnil(L);
    if (strcmp(cause, HTTP_DEADLINE) == 0)
        lua_pushstring(L, cause);
    else
        lua_pushfstring(L, "%s: %s", shown, cause);
    return 2;
}

static void
on_done(void *arg, const struct http_answer *answer, const struct error *why)
{
    struct ask *ask = arg;
    struct job *job = ask->job;
    int n;

    lua_checkstack(job->co, 8);
    if (answer != NULL)
        n = push_answer(job->co, answer);
    else
        n = push_failure(job->co, ask->shown, why->text);
    free_ask(ask);
    job_answer(job, n);
}

/* ---- the request ---- */

/* A text of the table at 1, which keeps it alive. */
static const char *
word(lua_State *L, const char *key)
{
    const char *text;

    lua_getfield(L, 1, key);
    text = luaL_optstring(L, -1, NULL);
    lua_pop(L, 1);
    return text;
}

static double
number(lua_State *L, const char *key)
{
    double value;

    lua_getfield(L, 1, key);
    value = luaL_checknumber(L, -1);
    lua_pop(L, 1);
    return value;
}

/* { name, value, name, value... } */
static size_t
read_headers(lua_State *L, struct http_header headers[HEADERS_MOST])
{
    size_t n;

    lua_getfield(L, 1, "headers");
    n = lua_rawlen(L, -1) / 2;
    if (n > HEADERS_MOST)
        luaL_error(L, "more than %d headers", HEADERS_MOST);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, -1, (lua_Integer)(2 * i + 1));
        lua_rawgeti(L, -2, (lua_Integer)(2 * i + 2));
        headers[i].name = luaL_checkstring(L, -2);
        headers[i].value = luaL_checkstring(L, -1);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
    return n;
}

static bool
truth(lua_State *L, const char *key)
{
    bool is;

    lua_getfield(L, 1, key);
    is = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is;
}

static void
read_request(lua_State *L, struct http_request *r, struct http_header *headers)
{
    *r = (struct http_request){
        .method = word(L, "method"),
        .url = word(L, "url"),
        .headers = headers,
        .n_headers = read_headers(L, headers),
        .access = { .user = word(L, "user"),
                    .password = word(L, "password"),
                    .token = word(L, "token"),
                    .trust = { .ca = word(L, "ca"),
                               .cert = word(L, "cert"),
                               .key = word(L, "key"),
                               .insecure = truth(L, "insecure") } },
        .timeout_s = number(L, "timeout"),
        .most = (size_t)number(L, "max_size"),
        .redirects = (int)number(L, "redirects"),
        .queues = true,
    };
}

static struct http *
http_of(struct runtime *rt)
{
    if (rt->http == NULL)
        rt->http = http_take(rt->loop);
    return rt->http;
}

/* Nothing here may raise: what it makes is not Lua's. */
static struct ask *
start(struct job *job, struct http_request *r, const char *text, size_t len,
      struct error *err)
{
    struct ask *ask = mem_new(sizeof *ask);
    struct bytes body = { 0 };

    if (text != NULL) {
        bytes_add(&body, text, len);
        r->body = &body;
    }
    ask->job = job;
    ask->shown = path_shown(r->url);
    ask->call = http_start(http_of(job->runtime), r, on_done, ask, err);
    bytes_free(&body);
    if (ask->call != NULL)
        return ask;
    free_ask(ask);
    return NULL;
}

/* http_request(all that cdr.http has checked): the answer, or nil and why not
 */
static int
request(lua_State *L)
{
    struct job *job = job_may_wait(L);
    struct http_header headers[HEADERS_MOST];
    struct http_request r;
    struct error err;
    const char *text;
    struct ask *ask;
    size_t len = 0;

    luaL_checktype(L, 1, LUA_TTABLE);
    read_request(L, &r, headers);
    lua_getfield(L, 1, "body");
    text = luaL_optlstring(L, -1, NULL, &len);
    ask = start(job, &r, text, len, &err);
    return ask != NULL ? job_wait(job, give_up, ask) : api_nil(L, err.text);
}

const luaL_Reg api_http[] = { { "http_request", request }, { NULL, NULL } };
