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
    uint64_t (*size)(const void *sink); /* of the whole lines */
};

extern const struct sink_class sink_file;
extern const struct sink_class sink_stdout; /* for "-"; no scheme */

#endif
