/* read.h -- the bytes of a life become lines for the caller. */
#ifndef INPUT_READ_H
#define INPUT_READ_H

#include "input/follow.h"

/* One burst of the oldest life that has something to read. False: none. */
bool read_some(struct input *in);

/* No more will come: a half last line goes out, the file is closed. */
void read_finish(struct life *life);

/* The file does not hold the life any more: it goes on in a copy, if there is
 * one; what the file holds now is another life. */
void read_leave_rewritten(struct life *life);

/* Closes what was quiet for long; `in` was just looked at. */
void read_close_quiet(struct input *in);

#endif
