/* job.h -- the event in hand and the runtime behind it: open to script/. */
#ifndef SCRIPT_JOB_H
#define SCRIPT_JOB_H

#include <ev.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/mem.h"
#include "decode/record.h"
#include "script/handlers.h"
#include "script/queue.h"
#include "script/runtime.h"
#include "script/station.h"

enum job_kind { JOB_LINE, JOB_MADE, JOB_HOST, JOB_SOURCE, JOB_TIMER };

/* One coroutine on its way: a line with the events emitted for it, an event
 * that a source made, a host event, a source asked for its next event, or a
 * timer (its due time is the line's offset). Jobs that never wait use the same
 * coroutine one after the other. */
struct job {
    struct runtime *runtime;
    lua_State *co;
    int co_ref;
    enum job_kind kind;

    struct script_line line; /* text NULL: no line made it */
    char *own_text, *own_path;
    struct record_peek peek;
    bool all_kept; /* no key of the line stood there twice */

    const void *event;       /* identity of the event in hand */
    int event_ref;           /* where it is while the job waits */
    int emitted_ref;         /* list of order and event, in turn */
    unsigned emitted, taken; /* how many were put on it, how many taken off */
    unsigned ordinal;        /* 0: the line's own event, n: the nth emitted */
    unsigned sends;          /* of other things than the event in hand */
    unsigned origins;        /* told so far */
    int64_t due_ms;          /* of a timer */

    const struct plan *plan;
    uint64_t last;           /* order of the handler that ran last */
    struct station *station; /* whose handler runs */
    bool removed;
    void (*give_up)(void *arg); /* what it waits for; NULL: it does not */
    void *give_up_arg;
    struct ev_timer timer;
    struct session *session; /* what queues behind it */
    struct source *source;
    struct job *prev, *next;
};

/* A script as input. */
struct source {
    struct station *station;
    int function;
    uint32_t series;
    uint64_t given;   /* events so far */
    bool busy, ended; /* asked and waiting; has no more */
};

struct runtime {
    struct ev_loop *loop;
    struct sinks *sinks;
    struct http *http; /* NULL until a script asks for something */
    struct runtime_options options;
    const struct runtime_calls *calls;
    void *arg;

    struct heap *heap;
    struct limits *limits;
    lua_State *L;
    struct decoder *decoder;
    struct handlers *handlers;
    struct queue *queue;
    struct station **stations;
    size_t n_stations;
    struct destination *forward; /* of -w */
    size_t n_forward;
    bool reshapes; /* one of them wants another shape than the line's */
    struct source *sources[16];
    size_t n_sources;
    struct ev_timer source_timer;
    bool sources_stopped, source_failed;
    bool *set_used;
    size_t n_sets;

    struct job *running;                /* whose handler runs */
    const struct script_line *entering; /* on its way to a job */
    struct job *idle, *busy;            /* lists */
    size_t n_idle, n_waiting;
    size_t waiting_bytes; /* of the lines of jobs that wait */
    bool ordered, uses_time;
    struct time *time;
    uint16_t n_host; /* host events so far, to tell their ids apart */
    int states;      /* the stores by name (state.c); 0: there are none */
    int exit_code;
    struct bytes text; /* for what is sent; taken while it is used */
    struct runtime_counts counts;
};

/* Adds what the events' clock counts. */
void runtime_count_time(const struct runtime *rt,
                        struct runtime_counts *counts);

/* The runtime of any coroutine. */
struct runtime *runtime_of(lua_State *L);

/* The buffer for what is sent, empty; given back after use. A finalizer that
 * runs meanwhile and sends too is given one of its own. */
struct bytes runtime_take_text(struct runtime *rt);
void runtime_give_text(struct runtime *rt, struct bytes text);

/* A job that nobody uses, made anew for `kind`. */
struct job *job_begin(struct runtime *rt, enum job_kind kind);
/* Lets go of its ticket and gives it back. */
void job_end(struct job *job);

/* Calls what is on the top of the coroutine, or goes on with what it waited
 * for. False: it waits. A failure is told and leaves the coroutine empty; what
 * a source returns is left on it. */
bool job_resume(struct job *job, int nargs);

/* The job waits: the event on the top of the main state (it is popped) goes
 * with it, and lines of its session queue behind it. */
void job_set_aside(struct job *job);

/* The other way round. */
void job_take_back(struct job *job);

/* Takes the event on the top of the main state over the road, and the events
 * emitted on the way after it. It is popped. False: the job waits; else it has
 * ended. */
bool job_run(struct job *job);

/* A job of a timer, whose function and arguments are on its coroutine, and nil
 * on the main state; that is popped. */
void job_run_timer(struct job *job, int nargs);

/* Pushes that field of the table on the top, and returns its type. No
 * metamethod is called: nothing would catch what it raises. */
int job_raw_field(lua_State *L, const char *key);

/* Finds the handlers for the event on the top of the main state. */
void job_set_plan(struct job *job);

/* A job that has not begun, with its event on the top of the main state (it is
 * popped): it runs now, or queues behind a waiting one of its session. */
void job_enter(struct job *job);

/* Lines whose turn in their session has come. */
void job_drain(struct runtime *rt, struct session *session);

/* A line whose turn has come; `session` is what it stands first in, or NULL.
 * False: it waits. */
bool runtime_start_line(struct runtime *rt, const struct script_line *line,
                        struct session *session);

/* A line that moved the clock, if it was to. */
void runtime_enter_line(struct runtime *rt, const struct script_line *line);

/* A source's answer is on its coroutine. */
void source_answered(struct job *job);

/* Puts the table at `index` of L on the road behind the station that runs. */
void job_emit(struct job *job, lua_State *L, int index);

/* The event's stable identity: that of its line, or with a number behind it. */
#define JOB_ID_SIZE (LINE_ID_SIZE + 12)
void job_id(const struct job *job, char id[JOB_ID_SIZE]);

/* A number for something that the event makes: another each time, the same ones
 * when the event comes once more. */
uint64_t job_origin(struct job *job);

/* The job that may wait on L now. Raises, with the reason, where it cannot:
 * while loading, in a coroutine of the script's own, across a C function. */
struct job *job_may_wait(lua_State *L);
/* Waits for an answer, which comes from the loop: `return job_wait(...);`.
 * `give_up(arg)` is called instead when the run ends before. */
int job_wait(struct job *job, void (*give_up)(void *arg), void *arg);
/* The answer, `nargs` values, is on the coroutine: the job goes on with it. */
void job_answer(struct job *job, int nargs);
/* Waits for that many seconds: `return job_sleep(job, s);`. */
int job_sleep(struct job *job, double seconds);

#endif
