/* frame.h -- how a message stands in a stream or a datagram. */
#ifndef ACTION_FRAME_H
#define ACTION_FRAME_H

#include <stdbool.h>

#include "action/message.h"
#include "base/mem.h"

struct frame {
    enum frame_form { FRAME_LINE, FRAME_TEXT, FRAME_SYSLOG } form;
    bool counted;           /* its length stands before it (RFC 6587, 3.4.1) */
    int priority;           /* PRI: facility * 8 + severity */
    const char *app, *host; /* lent */
    long pid;
};

/* Adds the message behind `out`. */
void frame_add(struct bytes *out, const struct frame *f,
               const struct message *m);

/* The number of a facility ("local0") or of a severity ("info"), by the words
 * of syslog(3) or as a number; -1: there is none. */
int frame_facility(const char *word);
int frame_severity(const char *word);

#endif
