/* outbox.h -- the queue in front of a destination, the same for all sinks.
 *
 * What is sent is copied, keeps its order, and is acknowledged by its ticket
 * when the destination has taken it. An outbox never forgets: while the
 * destination fails it tries again (breaker.h), and says when it is full, so
 * that the road can pause. */
#ifndef ACTION_OUTBOX_H
#define ACTION_OUTBOX_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/message.h"
#include "action/sink_options.h"
#include "base/error.h"
#include "base/log.h"

struct outbox;

/* None comes before the opening. Then they come from the loop and from inside
 * outbox_send and outbox_flush; they may send and flush, but not free. */
struct outbox_calls {
    void (*taken)(void *arg, uint64_t ticket);
    void (*room)(void *arg); /* was full, is so no more */
    log_note_fn *note;
    /* The destination will never take anything again (the reader of standard
     * output went away). */
    void (*gone)(void *arg, const char *sentence);
    /* The destination will never take that message, `dest` as it may be shown.
     * The ticket is told to `taken` after this. */
    void (*refused)(void *arg, uint64_t ticket, const struct message *message,
                    const char *dest, const char *reason);
};

/* `dest`: "-" is standard output, a URL whatever has its scheme, all else a
 * path. The options are lent for its life. NULL: there is no such sink, or an
 * option that it does not have.
 * Nothing is opened yet, so that a script can be checked. */
struct outbox *outbox_new(struct ev_loop *loop, const char *dest,
                          const struct sink_options *options,
                          const struct outbox_calls *calls, void *arg,
                          struct error *err);
void outbox_free(struct outbox *o);

/* The absolute path of a file destination, whose size the checkpoint keeps;
 * NULL for one that has none ("-", a pipe, a device). */
const char *outbox_path(const struct outbox *o);

/* How many bytes of that file are known to be whole lines; -1: it is not known.
 */
typedef int64_t outbox_known_fn(void *arg, const char *path);

/* A folder's, before it is opened: who knows of its files; NULL when no places
 * are kept. Nothing for others. */
void outbox_know(struct outbox *o, outbox_known_fn *known, void *arg);

/* Opens the destination, parents of a file with it. `known`: how many bytes of
 * the file are known to be whole lines, or -1: a half line that a kill left
 * behind them is cut off; a foreign file that ends without a newline gets one.
 * A thing that is sent before the opening waits in the queue. */
int outbox_open(struct outbox *o, int64_t known, struct error *err);

/* Instead of that: it is opened when the first thing is to be written, and what
 * keeps it from opening is an outage like any other. */
void outbox_open_late(struct outbox *o, int64_t known);
bool outbox_is_open(const struct outbox *o);

/* Whether it is a folder, whose files are named by the time of the events. Then
 * outbox_date comes before each outbox_send and says the time of the event that
 * is sent, in milliseconds since 1970, or 0. Nothing for others. */
bool outbox_is_dated(const struct outbox *o);
void outbox_date(struct outbox *o, int64_t ms);

/* With the next event that has a time, a folder begins a new file. */
void outbox_begin_file(struct outbox *o);

/* Queues one line; the newline is added here. `ticket` is told to `taken` once
 * the line is written; the caller holds it for that. */
void outbox_send(struct outbox *o, uint64_t ticket, const char *text,
                 size_t len);

/* Whether it takes messages rather than lines; then they are sent so. */
bool outbox_takes_messages(const struct outbox *o);
void outbox_send_message(struct outbox *o, uint64_t ticket,
                         const struct message *message);

/* The shape in which events are sent where nothing is said: "same", "cdr" or
 * "webhook". */
const char *outbox_shape(const struct outbox *o);

/* More than four of the sink's batches wait (of 64 KiB, a file's of 256 KiB).
 * Sending goes on to work; stop when you can. */
bool outbox_full(const struct outbox *o);
bool outbox_empty(const struct outbox *o);

/* `*n_full` is one more from when it is full until it tells of `room`, so that
 * whoever has many need not ask each. */
void outbox_count_full(struct outbox *o, size_t *n_full);

/* How often it began to fail, and whether it fails now. */
uint64_t outbox_outages(const struct outbox *o, bool *lasts);

/* Writes what waits (outbox_send does so by itself from a batch on); what is
 * not taken now is tried again without being asked. */
void outbox_flush(struct outbox *o);

/* Brings what was taken to the disk, and tells how long the file then is, in
 * whole lines; of a folder the digits that it goes on from, when it is given
 * them as `known`. Once the disk refused, it fails for ever: what was taken may
 * be lost, and only a new start from the last commit writes it again. */
int outbox_sync(struct outbox *o, uint64_t *size, struct error *err);

/* The path and the size, in whole lines, of the file of a folder that is
 * written to; NULL without one. */
const char *outbox_present(const struct outbox *o, uint64_t *size);

#endif
