/* tell.h -- the host's own events, for the scripts that ask for them. */
#ifndef TELL_H
#define TELL_H

#include <stdint.h>

#include "script/runtime.h"

/* "file.opened" or "file.ended". */
void tell_file(struct runtime *rt, const char *event, const char *path,
               uint64_t offset);
/* line.rejected */
void tell_rejected(struct runtime *rt, const struct script_line *line,
                   const char *reason);
/* silences.changed: a command has been in the state folder. */
void tell_silences(struct runtime *rt);
/* input.ended */
void tell_ended(struct runtime *rt, const char *why);

#endif
