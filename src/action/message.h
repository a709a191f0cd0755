/* message.h -- one event on its way to a destination that wants to know more of
 * it than its text. */
#ifndef ACTION_MESSAGE_H
#define ACTION_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "action/row.h"

/* A text that need not end with a NUL. */
struct span {
    const char *at;
    size_t len;
};

static inline struct span
span_of(const char *text)
{
    return (struct span){ text, strlen(text) };
}

static inline bool
span_is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

struct message {
    struct span text;    /* the event as JSON, or whatever a script wrote */
    struct span id;      /* stable: the same when it is sent once more */
    struct span event;   /* its name; empty for a text that is no event */
    struct span session; /* its sessionId, or empty */
    int64_t ms;          /* its timestamp, or 0 */
};

/* Puts it behind the row, as one message with that ticket. */
void message_pack(struct row *to, uint64_t ticket, const struct message *m);

/* Reads the packed message that begins there; it points into the row. Returns
 * how many bytes it has there. */
size_t message_unpack(const char *from, struct message *m);

/* The same for n of them, one behind the other. */
void message_unpack_row(const char *from, struct message *messages, size_t n);

#endif
