/* pause.h -- how long to wait before the next try. */
#ifndef ACTION_PAUSE_H
#define ACTION_PAUSE_H

#include <stdbool.h>

/* Seconds, twice as many with each try up to a limit. `pause_s` is kept by the
 * caller, 0 while all is well. `network`: the limit is higher, and each waits
 * another time (full jitter), so that not all who lost the same destination
 * come at once. */
double pause_next(double *pause_s, bool network);

#endif
