/* sink.h -- what a destination must be able to do; outbox.c does the rest. */
#ifndef ACTION_SINK_H
#define ACTION_SINK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "action/outbox.h"

/* What `offer` and `give` answer instead of a number; with the reason in `err`
 * but for the first. */
#define SINK_LATER   (-1) /* nothing now; see there */
#define SINK_FAILED  (-2) /* nothing now; try again after a while */
#define SINK_GONE    (-3) /* nothing, and never again */
#define SINK_REFUSED (-4) /* `give`: none of these, and never again */

/* What only a folder does, whose files are named by the time of the events. Its
 * files are known by the digits in their names, never 0. */
struct sink_days {
    /* Before `open`; NULL when no places are kept. */
    void (*know)(void *sink, outbox_known_fn *known, void *arg);
    /* The file that begins with what is sent next, of an event of that time (0:
     * it has none), or 0: no other. */
    uint64_t (*date)(void *sink, int64_t ms);
    void (*begin)(void *sink); /* with the next event of some time, one does */
    /* What is offered from now on goes to that file. */
    void (*turn)(void *sink, uint64_t file);
    /* The path and size of the open file, or NULL. */
    const char *(*present)(const void *sink, uint64_t *size);
};

/* A sink is told by its class, as a row of functions. What it is made with:
 * `ready(arg)` is called when it may go on after SINK_LATER.
 *
 * A sink takes either bytes or messages, and must not block.
 *
 * `offer` is given whole lines. It answers how many bytes of whole lines it
 * took, at least one line or else an answer from above; what it took of the
 * line behind them it remembers by itself, and is offered that line again from
 * its beginning. SINK_LATER: it calls `ready`.
 *
 * `give` is given one to `most` messages in their order. It answers how many of
 * the first it took, at least one, or an answer from above. SINK_LATER: it has
 * copied what it needs, and tells what became of them by
 * outbox_answer(arg, ...); until then it is given nothing else. */
struct sink_class {
    const char *schemes;        /* "http https" */
    const char *const *options; /* their keys, ended by NULL; NULL: none */
    void *(*make)(struct ev_loop *loop, const char *dest,
                  const struct sink_options *options, void (*ready)(void *arg),
                  void *arg, struct error *err);
    void (*unmake)(void *sink);            /* takes NULL */
    const char *(*path)(const void *sink); /* NULL or none: no file */
    int (*open)(void *sink, int64_t known, struct error *err);
    ssize_t (*offer)(void *sink, const char *bytes, size_t len,
                     struct error *err);
    ssize_t (*give)(void *sink, const struct message *messages, size_t n,
                    struct error *err);
    size_t (*most)(const void *sink); /* messages at a time, 1 to 10000 */
    size_t batch; /* bytes that are worth a try without a flush; 0: 64 KiB */
    bool waits;   /* for ever, for who reads; it is told of */
    bool lingers; /* a flush of less than that waits a moment for more */
    /* What is taken is on the disk then; NULL: it always is. Once it failed it
     * fails for ever: what the system could not bring to the disk it may have
     * forgotten, so that nothing may be committed any more. */
    int (*sync)(void *sink, struct error *err);
    /* Of the whole lines; of a folder the digits of the present file. NULL: it
     * has no file. */
    uint64_t (*size)(const void *sink);
    const struct sink_days *days; /* NULL: no folder */
    /* What is told once when it is opened, or NULL. */
    const char *(*warning)(const void *sink);
    const char *shape; /* of events, where nothing is said; NULL: "same" */
};

/* For sinks: what became of the messages that were given. `n`: so many of the
 * first were taken, or an answer from above with its reason. `after_s`: not to
 * be tried again before that, where the destination said so; else 0. */
void outbox_answer(void *outbox, ssize_t n, double after_s,
                   const struct error *why);

/* The class for a destination; NULL: its scheme is unknown. */
const struct sink_class *sink_class_of(const char *dest, struct error *err);

extern const struct sink_class sink_file;
extern const struct sink_class sink_folder;
extern const struct sink_class sink_http;
extern const struct sink_class sink_kafka;
extern const struct sink_class sink_postgres;
extern const struct sink_class sink_smtp;
extern const struct sink_class sink_socket;
extern const struct sink_class sink_sqlite;
extern const struct sink_class sink_stdout; /* for "-"; no scheme */

#endif
