/* outgoing.h -- an event becomes the text that a sink is sent. */
#ifndef SCRIPT_OUTGOING_H
#define SCRIPT_OUTGOING_H

#include <lua.h>

#include "base/error.h"
#include "base/mem.h"
#include "script/job.h"

enum outgoing_shape {
    OUTGOING_SAME,   /* as its line was; {"NAME":{...}} where there is none */
    OUTGOING_CDR,    /* {"NAME":{...}} */
    OUTGOING_WEBHOOK /* {...,"event":"NAME"} */
};

/* "same", "cdr" or "webhook"; -1 for another word. */
int outgoing_shape_parse(const char *word, enum outgoing_shape *shape);

/* Adds the text of the event at `index` of L. The event in hand, when nobody
 * changed it, gives its line byte for byte. `job` may be NULL. -1: it cannot
 * be written. */
int outgoing_text(struct runtime *rt, const struct job *job, lua_State *L,
                  int index, enum outgoing_shape shape, struct bytes *out,
                  struct error *err);

#endif
