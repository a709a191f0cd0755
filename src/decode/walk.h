/* walk.h -- the cursor goes over one token and its value is pushed. */
#ifndef DECODE_WALK_H
#define DECODE_WALK_H

#include <cJSON.h>

#include "decode/cursor.h"
#include "decode/decoder.h"
#include "decode/fault.h"

struct walk {
    struct decoder *d;
    lua_State *T;
    struct cursor at;
    int depth, event_depth; /* where no field may be called `event` */
    struct fault fault;
};

/* All return 0, or -1 with the fault. No reason: it is no JSON at all. */
static inline int
walk_stop(struct walk *w, const char *reason)
{
    return fault_stop(&w->fault, reason);
}

static inline int
walk_expect(struct walk *w, char mark)
{
    return cursor_mark(&w->at, mark) ? 0 : walk_stop(w, NULL);
}

/* Pushes a string that was passed; the bytes of one with escapes are those
 * that cJSON decoded. */
int walk_spelled(struct walk *w, const struct spelled *s, const char *decoded);

int walk_string(struct walk *w, const cJSON *item);
int walk_number(struct walk *w, const cJSON *item);

/* Only moves the cursor. */
int walk_word(struct walk *w, const char *expected, size_t len);

#endif
