/* runtime.c -- the one door into Lua: what comes in, and to whom it goes. */
#include "script/runtime.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>
#include <utlist.h>

#include "action/http.h"
#include "base/clock.h"
#include "base/log.h"
#include "script/destination.h"
#include "script/heap.h"
#include "script/job.h"
#include "script/limits.h"
#include "script/time.h"

#define QUEUED_MOST  (16 * 1024 * 1024) /* bytes that wait and queue */
#define EVENT_FACTOR 4 /* an event takes so much more than its line */
#define WAITING_MOST 10000

static int
panic(lua_State *L)
{
    const char *text = lua_tostring(L, -1);

    log_error("internal error outside a handler: %s", text ? text : "?");
    return 0; /* Lua aborts */
}

/* Lua's own require looks only where the administrator says: not in "./". */
static void
keep_absolute(lua_State *L, const char *field)
{
    const char *path;
    struct bytes kept = { 0 };

    lua_getglobal(L, "package");
    lua_getfield(L, -1, field);
    for (path = lua_tostring(L, -1); path != NULL && *path != '\0';) {
        size_t len = strcspn(path, ";");
        if (*path == '/') {
            bytes_add(&kept, path, len);
            bytes_add(&kept, ";", 1);
        }
        path += len + (path[len] == ';');
    }
    lua_pushlstring(L, kept.at ? kept.at : "", kept.len ? kept.len - 1 : 0);
    lua_setfield(L, -3, field);
    lua_pop(L, 2);
    bytes_free(&kept);
}

static size_t
count_words(const char *const *words)
{
    size_t n = 0;

    while (words != NULL && words[n] != NULL)
        n++;
    return n;
}

static struct limits *
new_limits(const struct runtime *rt)
{
    const struct limits_options options = { rt->options.max_time_s,
                                            rt->options.max_memory_bytes };

    return limits_new(rt->heap, &options, rt->calls->stuck, rt->arg);
}

struct runtime *
runtime_new(struct ev_loop *loop, struct sinks *sinks,
            const struct runtime_options *options,
            const struct runtime_calls *calls, void *arg)
{
    struct runtime *rt = mem_new(sizeof *rt);

    rt->loop = loop;
    rt->sinks = sinks;
    rt->options = *options;
    rt->calls = calls;
    rt->arg = arg;
    rt->heap = heap_new();
    rt->limits = new_limits(rt);
    rt->L = lua_newstate(heap_alloc, rt->heap);
    lua_atpanic(rt->L, panic);
    *(struct runtime **)lua_getextraspace(rt->L) = rt;
    luaL_openlibs(rt->L);
    limits_open(rt->L);
    lua_gc(rt->L, LUA_GCGEN, 0, 0);
    keep_absolute(rt->L, "path");
    keep_absolute(rt->L, "cpath");
    rt->decoder = decoder_new(rt->L);
    rt->handlers = handlers_new();
    rt->queue = queue_new();
    rt->time = time_new(rt);
    rt->n_sets = count_words(options->sets);
    rt->set_used = mem_new(rt->n_sets * sizeof(bool));
    return rt;
}

static void
free_jobs(struct job *list)
{
    struct job *job, *next;

    DL_FOREACH_SAFE(list, job, next)
    {
        if (job->give_up != NULL)
            job->give_up(job->give_up_arg);
        mem_free(job->own_text);
        mem_free(job->own_path);
        mem_free(job);
    }
}

void
runtime_free(struct runtime *rt)
{
    struct limits_run before;

    if (rt == NULL)
        return;
    free_jobs(rt->idle);
    free_jobs(rt->busy);
    http_drop(rt->http);
    limits_enter(rt->limits, rt->L, &before);
    lua_close(rt->L); /* finalizers may still call the library */
    limits_leave(rt->limits, &before);
    decoder_free(rt->decoder);
    limits_free(rt->limits);
    heap_free(rt->heap);
    handlers_free(rt->handlers);
    queue_free(rt->queue);
    time_free(rt->time);
    for (size_t i = 0; i < rt->n_stations; i++)
        station_free(rt->stations[i]);
    for (size_t i = 0; i < rt->n_sources; i++)
        mem_free(rt->sources[i]);
    mem_free(rt->stations);
    mem_free(rt->forward);
    mem_free(rt->set_used);
    bytes_free(&rt->text);
    mem_free(rt);
}

struct runtime *
runtime_of(lua_State *L)
{
    return *(struct runtime **)lua_getextraspace(L);
}

struct bytes
runtime_take_text(struct runtime *rt)
{
    struct bytes text = rt->text;

    rt->text = (struct bytes){ 0 };
    text.len = 0;
    return text;
}

void
runtime_give_text(struct runtime *rt, struct bytes text)
{
    bytes_free(&rt->text);
    rt->text = text;
}

int
runtime_forward(struct runtime *rt, const char *dest, struct error *err)
{
    struct destination to;

    if (destination_open(rt, dest, NULL, NULL, &to, err) < 0)
        return -1;
    rt->reshapes = rt->reshapes || to.shape != OUTGOING_SAME;
    rt->forward =
        mem_grow(rt->forward, (rt->n_forward + 1) * sizeof *rt->forward);
    rt->forward[rt->n_forward++] = to;
    return 0;
}

/* ---- lines ---- */

static const struct plan nobody;

/* The handlers of a line's event, NULL when only decoding tells its name. A
 * name with a dot is the host's: a stranger cannot call those handlers. */
static const struct plan *
plan_for(struct runtime *rt, const struct record_peek *peek)
{
    if (peek->name == NULL)
        return NULL;
    if (memchr(peek->name, '.', peek->name_len) != NULL)
        return &nobody;
    return handlers_plan(rt->handlers, peek->name, peek->name_len);
}

static void
turn_away(struct runtime *rt, const struct script_line *line,
          const struct error *err)
{
    rt->calls->refused(rt->arg, line, NULL, err->text);
    rt->calls->release(rt->arg, line->ticket);
}

/* Nobody wants it: it is written where -w says, its JSON as it is or, made from
 * its parts, in another shape. The first destination takes over the hold of the
 * road. */
static void
pass(struct runtime *rt, const struct script_line *line,
     const struct record_peek *peek, const struct record_parts *parts)
{
    const struct passing passing = { line, peek, parts };

    for (size_t i = 1; i < rt->n_forward; i++)
        rt->calls->hold(rt->arg, line->ticket);
    for (size_t i = 0; i < rt->n_forward; i++)
        destination_line(rt, &passing, &rt->forward[i]);
    if (rt->n_forward == 0)
        rt->calls->release(rt->arg, line->ticket);
}

/* Only decoding could tell the name, and it is one of the host's. */
static bool
name_is_hosts(lua_State *L)
{
    const char *name = NULL;
    bool dotted;

    if (job_raw_field(L, "event") == LUA_TSTRING)
        name = lua_tostring(L, -1);
    dotted = name != NULL && strchr(name, '.') != NULL;
    lua_pop(L, 1);
    return dotted;
}

static bool
decode(struct runtime *rt, const struct script_line *line,
       const struct record_peek *peek, const struct plan *plan,
       struct session *session)
{
    uint64_t twice = decoder_duplicate_keys(rt->decoder);
    struct limits_run before;
    struct error err;
    struct job *job;
    int rc;

    limits_enter(rt->limits, rt->L, &before);
    rc = decoder_event(rt->decoder, rt->L, peek, &err);
    limits_leave(rt->limits, &before);
    if (rc < 0) {
        turn_away(rt, line, &err);
        return true;
    }
    rt->counts.events++;
    if (plan == NULL && name_is_hosts(rt->L)) {
        plan = &nobody;
        if (!rt->reshapes) {
            lua_pop(rt->L, 1);
            pass(rt, line, peek, NULL);
            return true;
        }
    }
    job = job_begin(rt, JOB_LINE);
    job->line = *line;
    job->peek = *peek;
    job->all_kept = decoder_duplicate_keys(rt->decoder) == twice;
    job->session = session;
    job->event = lua_topointer(rt->L, -1);
    job->plan = plan;
    if (plan == NULL)
        job_set_plan(job);
    return job_run(job);
}

bool
runtime_start_line(struct runtime *rt, const struct script_line *line,
                   struct session *session)
{
    const struct plan *plan;
    struct record_peek peek;
    struct record_parts parts, *clean = NULL;
    struct error err;
    int got = record_peek(line->text, line->len, &peek, &err);

    if (got < 0) {
        turn_away(rt, line, &err);
        return true;
    }
    if (got == 0) {
        rt->counts.not_events++;
        rt->calls->release(rt->arg, line->ticket);
        return true;
    }
    plan = plan_for(rt, &peek);
    if (rt->reshapes && plan != NULL && plan->n == 0 &&
        decoder_take_apart(rt->decoder, &peek, &parts))
        clean = &parts;
    if (plan == NULL || plan->n > 0 || (rt->reshapes && clean == NULL))
        return decode(rt, line, &peek, plan, session);
    rt->counts.skipped++;
    pass(rt, line, &peek, clean);
    return true;
}

static struct session *
waiting_session(struct runtime *rt, const struct script_line *line)
{
    size_t len;
    const char *name = record_session(line->text, line->len, &len);

    return queue_find(rt->queue, name ? name : "", len);
}

void
runtime_enter_line(struct runtime *rt, const struct script_line *line)
{
    struct session *session = NULL;

    rt->entering = line;
    if (rt->n_waiting > 0)
        session = waiting_session(rt, line);
    if (session != NULL)
        queue_line(rt->queue, session, line);
    else
        runtime_start_line(rt, line, NULL);
    rt->entering = NULL;
}

void
runtime_line(struct runtime *rt, const struct script_line *line)
{
    if (!rt->uses_time || time_line(rt->time, line))
        runtime_enter_line(rt, line);
}

const struct script_line *
runtime_in_hand(const struct runtime *rt, const char **station)
{
    const struct job *job = rt->running;

    *station = job != NULL ? job->station->name : NULL;
    if (job == NULL)
        return rt->entering;
    return job->line.text != NULL ? &job->line : NULL;
}

bool
runtime_parses(struct runtime *rt, const char *text, size_t len)
{
    struct record_peek peek;
    struct error ignored;

    if (record_peek(text, len, &peek, &ignored) <= 0 ||
        decoder_event(rt->decoder, rt->L, &peek, &ignored) < 0)
        return false;
    lua_pop(rt->L, 1);
    return true;
}

/* ---- host events ---- */

static void
push_field(lua_State *L, const struct host_field *field)
{
    if (field->text != NULL)
        lua_pushlstring(L, field->text, field->len);
    else
        lua_pushinteger(L, (lua_Integer)field->number);
    lua_setfield(L, -2, field->key);
}

void
runtime_host(struct runtime *rt, const char *name,
             const struct host_field *fields, size_t n)
{
    const struct plan *plan = handlers_plan(rt->handlers, name, strlen(name));
    struct job *job;

    if (plan->n == 0)
        return;
    lua_createtable(rt->L, 0, (int)n + 1);
    lua_pushstring(rt->L, name);
    lua_setfield(rt->L, -2, "event");
    for (size_t i = 0; i < n; i++)
        push_field(rt->L, &fields[i]);
    job = job_begin(rt, JOB_HOST);
    job->line.ticket = rt->calls->ticket(rt->arg);
    job->line.first_line = hash_bytes(name, strlen(name));
    job->line.offset = (uint64_t)clock_wall_ms() << 16 | rt->n_host++;
    job->event = lua_topointer(rt->L, -1);
    job->plan = plan;
    job_run(job);
}

/* ---- what the pipeline asks ---- */

bool
runtime_has_room(const struct runtime *rt)
{
    if ((rt->ordered && rt->n_waiting > 0) || time_is_behind(rt->time))
        return false;
    return rt->n_waiting < WAITING_MOST &&
           queue_bytes(rt->queue) + EVENT_FACTOR * rt->waiting_bytes <
               QUEUED_MOST;
}

size_t
runtime_waiting(const struct runtime *rt)
{
    return rt->n_waiting + queue_lines(rt->queue);
}

void
runtime_stations(struct runtime *rt, runtime_station_fn *each, void *arg)
{
    for (size_t i = 0; i < rt->n_stations; i++)
        each(arg, rt->stations[i]->name);
}

void
runtime_subscriptions(struct runtime *rt, runtime_check_fn *each, void *arg)
{
    size_t n;
    struct handler *const *all = handlers_all(rt->handlers, &n);

    for (size_t i = 0; i < n; i++)
        each(arg, all[i]->station->name, all[i]->name, all[i]->where);
}

int
runtime_exit_code(const struct runtime *rt)
{
    return rt->exit_code == 0 && rt->source_failed ? 1 : rt->exit_code;
}

void
runtime_counts(const struct runtime *rt, struct runtime_counts *counts)
{
    *counts = rt->counts;
    counts->duplicate_keys = decoder_duplicate_keys(rt->decoder);
    runtime_count_time(rt, counts);
}
