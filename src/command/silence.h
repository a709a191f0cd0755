/* silence.h -- cdrlua silence: alerts that nobody wants to be told of. */
#ifndef COMMAND_SILENCE_H
#define COMMAND_SILENCE_H

#include "options.h"

/* The exit code: 0, 1 when it could not be done, 2 bad usage or a state that
 * cannot be read. */
int silence_command(struct options *o);

#endif
