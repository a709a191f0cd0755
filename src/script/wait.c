/* wait.c -- calls that wait: the coroutine yields, an answer wakes it. */
#include <lauxlib.h>

#include "script/job.h"

void
job_answer(struct job *job, int nargs)
{
    struct runtime *rt = job->runtime;
    struct session *session = job->session;

    job->give_up = NULL;
    rt->n_waiting--;
    job_take_back(job);
    if (!job_resume(job, nargs))
        job_set_aside(job);
    else if (job->kind == JOB_SOURCE)
        source_answered(job);
    else if (job_run(job) && session != NULL)
        job_drain(rt, session);
    rt->calls->drained(rt->arg);
    rt->calls->room(rt->arg);
}

static void
on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    job_answer(timer->data, 0);
}

struct job *
job_may_wait(lua_State *L)
{
    struct job *job = runtime_of(L)->running;

    if (job == NULL)
        luaL_error(L, "cannot wait here: the script is still loading");
    else if (job->co != L)
        luaL_error(L, "cannot wait here: in a coroutine of the script's own");
    else if (!lua_isyieldable(L))
        luaL_error(L, "cannot wait here: inside a C function such as "
                      "table.sort or string.gsub");
    return job;
}

int
job_wait(struct job *job, void (*give_up)(void *arg), void *arg)
{
    job->give_up = give_up;
    job->give_up_arg = arg;
    return lua_yield(job->co, 0);
}

static void
stop_timer(void *arg)
{
    struct job *job = arg;

    ev_timer_stop(job->runtime->loop, &job->timer);
}

int
job_sleep(struct job *job, double seconds)
{
    struct ev_loop *loop = job->runtime->loop;

    ev_now_update(loop);
    ev_timer_init(&job->timer, on_timer, seconds, 0.);
    job->timer.data = job;
    ev_timer_start(loop, &job->timer);
    return job_wait(job, stop_timer, job);
}
