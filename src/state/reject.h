/* reject.h -- what is kept of a line that could not be used, and why. */
#ifndef STATE_REJECT_H
#define STATE_REJECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct reject {
    const char *station; /* whose handler failed; NULL: the line itself */
    const char *sink;    /* which destination refused the text; then there is */
    const char *path;    /* no path */
    const char *id;      /* of the event */
    size_t id_len;
    uint64_t offset, number; /* where the line begins; its number from 1 */
    const char *reason;
    const char *text; /* what is there of it */
    size_t len;
    uint64_t whole_len; /* of the line; more than len when it was too long */
};

/* Adds one JSON line without its newline: time, station, file, offset, line (or
 * sink), id, reason, text. A text that is not UTF-8 stands as "base64" instead;
 * one that was cut has its whole "length". */
void reject_format(struct bytes *out, const struct reject *r);

#endif
