/* aside.c -- jobs that wait, and what queues behind them in their sessions. */
#include <lauxlib.h>

#include "script/job.h"

/* The session is spelled in the line, or a field of the event on the top,
 * which keeps the name alive. */
static const char *
session_of(struct job *job, size_t *len)
{
    lua_State *L = job->runtime->L;
    const char *name = NULL;

    *len = 0;
    if (job->line.text != NULL)
        name = record_session(job->line.text, job->line.len, len);
    else if (job_raw_field(L, "sessionId") == LUA_TSTRING)
        name = lua_tolstring(L, -1, len);
    if (job->line.text == NULL)
        lua_pop(L, 1);
    return name != NULL ? name : "";
}

/* What was lent for the call only becomes the job's own. */
static void
own_line(struct job *job)
{
    struct script_line *line = &job->line;
    const char *lent = line->text;

    if (lent == NULL || job->own_text != NULL)
        return;
    line->text = job->own_text = mem_dup_bytes(lent, line->len);
    job->runtime->waiting_bytes += line->len;
    line->path = job->own_path = mem_dup(line->path);
    job->peek.json = line->text + (job->peek.json - lent);
    if (job->peek.name != NULL)
        job->peek.name = line->text + (job->peek.name - lent);
}

/* The event on the top goes with the job; from now on lines of its session
 * queue behind it. */
void
job_set_aside(struct job *job)
{
    struct runtime *rt = job->runtime;
    const char *name;
    size_t len;

    own_line(job);
    rt->n_waiting++;
    if (job->session == NULL && job->kind == JOB_LINE) {
        name = session_of(job, &len);
        job->session = queue_begin(rt->queue, name, len);
    }
    job->event_ref = luaL_ref(rt->L, LUA_REGISTRYINDEX);
}

void
job_take_back(struct job *job)
{
    lua_State *L = job->runtime->L;

    lua_rawgeti(L, LUA_REGISTRYINDEX, job->event_ref);
    luaL_unref(L, LUA_REGISTRYINDEX, job->event_ref);
    job->event_ref = LUA_NOREF;
}

void
job_enter(struct job *job)
{
    struct runtime *rt = job->runtime;
    struct session *session;
    size_t len;
    const char *name = session_of(job, &len);

    session = queue_find(rt->queue, name, len);
    if (session != NULL) {
        job->event_ref = luaL_ref(rt->L, LUA_REGISTRYINDEX);
        queue_job(session, job);
        return;
    }
    /* Of its session from the beginning: a handler may rename that. */
    session = job->session = queue_begin(rt->queue, name, len);
    if (job_run(job))
        job_drain(rt, session);
}

static bool
start(struct runtime *rt, struct queued *queued, struct session *session)
{
    bool done;

    if (queued->job != NULL) {
        job_take_back(queued->job);
        queued->job->session = session;
        return job_run(queued->job);
    }
    rt->entering = &queued->line;
    done = runtime_start_line(rt, &queued->line, session);
    rt->entering = NULL;
    return done;
}

void
job_drain(struct runtime *rt, struct session *session)
{
    struct queued *queued;

    while ((queued = queue_take(rt->queue, session)) != NULL) {
        bool done = start(rt, queued, session);
        queue_drop(queued);
        if (!done)
            return;
    }
    queue_end(rt->queue, session);
}
