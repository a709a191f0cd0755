/* alerts.h -- cdrlua alerts: those that are pending or firing, and what was. */
#ifndef COMMAND_ALERTS_H
#define COMMAND_ALERTS_H

#include "options.h"

/* The exit code: 0, 1 when it could not be done, 2 bad usage or a state that
 * cannot be read. */
int alerts_command(struct options *o);

#endif
