/* silence_said.h -- the words of cdrlua silence add become a silence. */
#ifndef COMMAND_SILENCE_SAID_H
#define COMMAND_SILENCE_SAID_H

#include "command/silences.h"
#include "options.h"

/* Fills in all but the id. `matchers` are LABEL=VALUE each, words of argv that
 * are cut in two. -1: that makes no sense; the caller frees what there is. */
int silence_said(struct silence *s, const struct silencing *said,
                 const struct words *matchers, int64_t now_ms,
                 struct error *err);

#endif
