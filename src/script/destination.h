/* destination.h -- where events are sent to, and in which shape.
 *
 * What is sent holds the ticket of the event in hand until it is taken. */
#ifndef SCRIPT_DESTINATION_H
#define SCRIPT_DESTINATION_H

#include <lua.h>

#include "base/error.h"
#include "decode/record.h"
#include "script/outgoing.h"

struct destination {
    struct outbox *outbox;
    bool takes_messages, is_dated; /* as outbox_... says */
    enum outgoing_shape shape;
    struct span id; /* of what is sent; empty: made of the event in hand's */
};

/* `options` is taken (NULL: none). `shape`: a word, or NULL for the sink's own.
 * -1: there is no such sink or shape, or it does not open. */
int destination_open(struct runtime *rt, const char *dest,
                     struct sink_options *options, const char *shape,
                     struct destination *to, struct error *err);

/* Sends the event at `index` of L. `job` is whose handler sends it, or NULL.
 * -1: it cannot be written. */
int destination_event(struct runtime *rt, struct job *job, lua_State *L,
                      int index, const struct destination *to,
                      struct error *err);

/* A line of which nobody wanted the event. `parts`: where the line is clean;
 * else it can be sent only where the shape is "same". */
struct passing {
    const struct script_line *line;
    const struct record_peek *peek;
    const struct record_parts *parts;
};

/* Sends it, as it is or put together in the other shape: what
 * destination_event would send of its event. One hold of the ticket is given
 * away with it. */
void destination_line(struct runtime *rt, const struct passing *p,
                      const struct destination *to);

/* Sends what a script wrote. */
void destination_text(struct runtime *rt, struct job *job,
                      const struct destination *to, const char *text,
                      size_t len);

#endif
