/* runtime.h -- the one door into Lua: stations, events, waiting. */
#ifndef SCRIPT_RUNTIME_H
#define SCRIPT_RUNTIME_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/sinks.h"
#include "base/error.h"
#include "base/kept.h"

struct runtime;

/* A line on its way in; `text` and `path` are lent for the call. `first_line`
 * is the hash of the file's first line, a part of the event's id. `id`: a line
 * that comes once more has it already; lent as long as the ticket. */
struct script_line {
    const char *text;
    size_t len;
    uint64_t ticket;
    const char *path;
    uint64_t offset;
    uint64_t number; /* of the line in its file, from 1 */
    uint64_t first_line;
    uint32_t series; /* of which clock it is, see base/watermark.h */
    const char *id;
};

/* The stable identity of its event: equal over restarts, renames and copies. */
#define LINE_ID_SIZE 64
void line_id(const struct script_line *line, char id[LINE_ID_SIZE]);

/* What the runtime asks of the ledger and tells of what went wrong. */
struct runtime_calls {
    uint64_t (*ticket)(void *arg); /* for an event that no line made */
    void (*hold)(void *arg, uint64_t ticket);
    void (*release)(void *arg, uint64_t ticket);
    /* The line was no event (`station` is NULL: it goes nowhere), or a
     * station's handler failed on it (it goes on). `line` may be NULL: the
     * event was not from a line. */
    void (*refused)(void *arg, const struct script_line *line,
                    const char *station, const char *reason);
    bool (*has_room)(void *arg);      /* may a source make one more event? */
    void (*drained)(void *arg);       /* no more is done just now: send it */
    void (*sources_ended)(void *arg); /* none of them has more */
    void (*room)(void *arg);          /* what waited has gone on */
    /* Calls `each` with what is kept of a script's state table; nothing, where
     * nothing is kept. */
    int (*state)(void *arg, const char *name, kept_fn *each, void *each_arg,
                 struct error *err);
    /* Something is due in silence: look whether a line came. Then
     * runtime_caught_up. */
    void (*look)(void *arg);
    /* A handler does not come back and cannot be ended. Runs inside a signal
     * handler, and does not come back either. NULL: it is left. */
    void (*stuck)(void *arg);
};

/* What timers go by: the lines, and in silence the wall clock; the lines alone;
 * the wall clock alone. */
enum runtime_clock {
    RUNTIME_CLOCK_AUTO,
    RUNTIME_CLOCK_EVENT,
    RUNTIME_CLOCK_WALL
};

/* One `--set`, as typed: KEY=VALUE, or SCRIPT.KEY=VALUE. */
struct runtime_options {
    const char *const *sets; /* ended by NULL */
    const char *lua_dir;     /* NULL: only the embedded library */
    const char *const *scripts, *const *inputs; /* for cdr.args */
    bool once;
    enum runtime_clock clock;
    int64_t lateness_ms;
    double max_time_s;       /* of a handler, between two waits; 0: no limit */
    size_t max_memory_bytes; /* of all scripts; 0: no limit */
};

struct runtime *runtime_new(struct ev_loop *loop, struct sinks *sinks,
                            const struct runtime_options *options,
                            const struct runtime_calls *calls, void *arg);
void runtime_free(struct runtime *rt);

/* Compiles and runs the scripts, in their order on the road. -1: the sentence
 * says file, line and cause; or a --set was meant for none of them. */
int runtime_load(struct runtime *rt, struct error *err);

/* Every event that survives the road is written to `dest`. -1: there is no such
 * sink, or it does not open. */
int runtime_forward(struct runtime *rt, const char *dest, struct error *err);

/* A line enters the road. It is done, or waits, when this returns; its ticket
 * is released when it is done. */
void runtime_line(struct runtime *rt, const struct script_line *line);

/* The line that is decoded or that a handler runs for, just now, and in
 * `station` whose handler, or NULL. NULL: no line is. For signal handlers too.
 */
const struct script_line *runtime_in_hand(const struct runtime *rt,
                                          const char **station);

/* Whether the text is an event (for a last line without its newline). */
bool runtime_parses(struct runtime *rt, const char *text, size_t len);

/* A host event: its fields are words or numbers. */
struct host_field {
    const char *key;
    const char *text; /* NULL: it is the number */
    size_t len;
    int64_t number;
};
void runtime_host(struct runtime *rt, const char *name,
                  const struct host_field *fields, size_t n);

/* Scripts as input: whether there are any, and whether they have all ended.
 * Once started they are asked for events between the other events of the loop,
 * as long as the road has room; start them again when it has. */
bool runtime_has_source(const struct runtime *rt);
bool runtime_source_ended(const struct runtime *rt);
void runtime_start_sources(struct runtime *rt);
void runtime_stop_sources(struct runtime *rt);

/* The events' clock. It begins when the series of the inputs are known, by
 * their numbers from 0 on. A series that was read to its end does not hold it
 * back any more; when all were, `caught_up`, the wall clock may push it. */
void runtime_start_clock(struct runtime *rt, uint32_t n_series);
void runtime_rested(void *rt, uint32_t series);
void runtime_caught_up(void *rt);
/* Whether the clock of `series` is behind that of `other`. */
bool runtime_is_behind(void *rt, uint32_t series, uint32_t other);
/* Nothing comes any more: what is due at the last line's time runs. */
void runtime_end_clock(struct runtime *rt);
/* No timer runs in silence any more. */
void runtime_stop_clock(struct runtime *rt);
/* None runs while it is held. */
void runtime_hold_clock(struct runtime *rt, bool held);
/* There may be room again for timers that are due. */
void runtime_go_on(struct runtime *rt);

/* False while so much waits that no further line should come. */
bool runtime_has_room(const struct runtime *rt);
/* How many lines wait: for their handlers, or behind others. */
size_t runtime_waiting(const struct runtime *rt);

/* Whether scripts have tables that survive. They may be cut when the road is
 * settled: no handler stands in the middle of an event. */
bool runtime_keeps_state(const struct runtime *rt);
bool runtime_is_settled(const struct runtime *rt);

/* Calls `put` with every key that may have changed since the last cut. What
 * cannot be kept is told as a failure. */
void runtime_state_cut(struct runtime *rt, kept_fn *put, void *arg);

/* What `cdrlua check` prints: the stations in order, and every subscription. */
typedef void runtime_station_fn(void *arg, const char *station);
void runtime_stations(struct runtime *rt, runtime_station_fn *each, void *arg);
typedef void runtime_check_fn(void *arg, const char *station, const char *event,
                              const char *where);
void runtime_subscriptions(struct runtime *rt, runtime_check_fn *each,
                           void *arg);

/* What cdr.exit_code said last; else 1 when a source failed, 0 when not. */
int runtime_exit_code(const struct runtime *rt);

struct runtime_counts {
    uint64_t events;     /* decoded */
    uint64_t skipped;    /* wanted by nobody, not decoded */
    uint64_t not_events; /* lines of a server log without an event */
    uint64_t removed;    /* taken off the road by a handler */
    uint64_t emitted;
    uint64_t made;     /* by sources */
    uint64_t failures; /* handlers that failed */
    uint64_t unkept;   /* values of state that cannot be kept */
    uint64_t timers;   /* that ran */
    uint64_t late;     /* lines behind the clock, */
    uint64_t ahead;    /* far ahead of the wall clock, */
    uint64_t early;    /* and from before 2001-09-09 */
    uint64_t duplicate_keys;
};
void runtime_counts(const struct runtime *rt, struct runtime_counts *counts);

#endif
