/* check.h -- do the scripts of a run load, and what do they subscribe to? */
#ifndef COMMAND_CHECK_H
#define COMMAND_CHECK_H

#include "options.h"

/* Prints it to standard output. Opens no sink and reads no input. Returns the
 * exit code: 0, or 2 when a script does not load (which was said). */
int check_scripts(const struct options *o);

#endif
