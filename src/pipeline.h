/* pipeline.h -- the order of things: from the file to the sinks and back. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "base/error.h"
#include "options.h"

/* Runs until the input ends or a signal stops it. Returns the exit code: 0
 * done, 1 a fault while running, 2 bad usage or a script that does not load
 * (what was wrong has been said). */
int pipeline_run(const struct options *o);

#endif
