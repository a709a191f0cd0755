/* look.h -- what a directory holds now. */
#ifndef INPUT_LOOK_H
#define INPUT_LOOK_H

#include "input/follow.h"

/* Reads the directory: finds new entries, new names of old ones, and those
 * that are no more; marks what changed. The input is `dirty` again if the
 * directory changed meanwhile. */
void look_into(struct input *in);

/* Looks at the inputs that are `dirty` until none is: only then are all their
 * files known, and which of them is older. In a directory that never rests
 * some may be left. */
void look_until_quiet(struct tail *t);

#endif
