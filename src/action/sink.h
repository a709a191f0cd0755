/* sink.h -- what a destination must be able to do; outbox.c does the rest. */
#ifndef ACTION_SINK_H
#define ACTION_SINK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* What `offer` answers instead of a number of bytes; with the reason in `err`
 * for the last two. */
#define SINK_LATER  (-1) /* nothing now; `ready` is called when it may go on */
#define SINK_FAILED (-2) /* nothing now; try again after a while */
#define SINK_GONE   (-3) /* nothing, and never again */

/* How many bytes of the file are known to be whole lines, or -1. */
typedef int64_t sink_known_fn(void *arg, const char *path);

/* What only a folder does, whose files are named by the time of the events. Its
 * files are known by the digits in their names, never 0. */
struct sink_days {
    /* Before `open`; NULL when no places are kept. */
    void (*know)(void *sink, sink_known_fn *known, void *arg);
    /* The file that begins with what is sent next, of an event of that time (0:
     * it has none), or 0: no other. */
    uint64_t (*date)(void *sink, int64_t ms);
    void (*begin)(void *sink); /* with the next event of some time, one does */
    /* What is offered from now on goes to that file. */
    void (*turn)(void *sink, uint64_t file);
    /* The path and size of the open file, or NULL. */
    const char *(*present)(const void *sink, uint64_t *size);
};

/* A sink is told by its class, as a row of functions.
 *
 * `offer` is given whole lines and must not block. It answers how many bytes
 * of whole lines it took, at least one line or else an answer from above; what
 * it took of the line behind them it remembers by itself, and is offered that
 * line again from its beginning. A sink that answers later takes 0 bytes and
 * calls outbox_took() itself (outbox.h's part for sinks comes with the first
 * such sink). */
struct sink_class {
    const char *scheme; /* "file" */
    void *(*make)(struct ev_loop *loop, const char *dest,
                  void (*ready)(void *arg), void *arg, struct error *err);
    void (*unmake)(void *sink); /* takes NULL */
    const char *(*path)(const void *sink);
    int (*open)(void *sink, int64_t known, struct error *err);
    ssize_t (*offer)(void *sink, const char *bytes, size_t len,
                     struct error *err);
    /* Once it failed it fails for ever: what the system could not bring to the
     * disk it may have forgotten, so that nothing may be committed any more. */
    int (*sync)(void *sink, struct error *err);
    uint64_t (*size)(const void *sink); /* of the whole lines; of a folder the
                                           digits of the present file */
    const struct sink_days *days;       /* NULL: no folder */
};

extern const struct sink_class sink_file;
extern const struct sink_class sink_folder;
extern const struct sink_class sink_stdout; /* for "-"; no scheme */

#endif
