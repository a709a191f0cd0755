/* review.h -- cdrlua rejects: look at what was rejected, drop it, send it
 * again.
 */
#ifndef COMMAND_REVIEW_H
#define COMMAND_REVIEW_H

#include "options.h"

/* The exit code: 0, 1 when something could not be done, 2 bad usage or a file
 * that cannot be read. */
int review_rejects(struct options *o);

#endif
