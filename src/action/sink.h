/* sink.h -- what a destination must be able to do; outbox.c does the rest. */
#ifndef ACTION_SINK_H
#define ACTION_SINK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* How many of the bytes offered were taken; or one of these, with the reason
 * in `err` for the last two. */
#define SINK_LATER (-1) /* nothing now; `ready` is called when it may go on */
#define SINK_FAILED (-2) /* nothing now; try again after a while */
#define SINK_GONE (-3)   /* nothing, and never again */

/* A sink is told by its class, as a row of functions. `offer` is given the
 * bytes of whole lines (but for a line of which it took the beginning before)
 * and must not block. A sink that answers later takes 0 bytes and calls
 * outbox_took() itself (outbox.h's part for sinks comes with the first such
 * sink). */
struct sink_class {
    const char *scheme; /* "file" */
    void *(*make)(struct ev_loop *loop, const char *dest,
                  void (*ready)(void *arg), void *arg, struct error *err);
    void (*unmake)(void *sink);
    const char *(*path)(const void *sink);
    int (*open)(void *sink, int64_t known, struct error *err);
    ssize_t (*offer)(void *sink, const char *bytes, size_t len,
                     struct error *err);
    int (*sync)(void *sink, struct error *err);
    uint64_t (*size)(const void *sink);
};

extern const struct sink_class sink_file;

#endif
