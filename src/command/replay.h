/* replay.h -- what was rejected goes over the road once more. */
#ifndef COMMAND_REPLAY_H
#define COMMAND_REPLAY_H

#include "base/error.h"
#include "command/chosen.h"
#include "options.h"

/* Runs the scripts on the chosen records, or sends their texts to a
 * destination, and drops what was taken from the file. 0: all of it; 1: not all
 * (it was said why); -1: it did not begin. */
int replay_rejects(struct chosen *c, struct options *o, struct error *err);

#endif
