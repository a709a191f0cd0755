/* pause.c -- how long to wait before the next try. */
#include "action/pause.h"

#include <stdint.h>
#include <stdlib.h>

#define FIRST_S        0.1
#define LAST_S         5.0
#define LAST_NETWORK_S 30.0

double
pause_next(double *pause_s, bool network)
{
    double most = network ? LAST_NETWORK_S : LAST_S;
    double pause = *pause_s > 0. ? *pause_s : FIRST_S;

    *pause_s = pause * 2 < most ? pause * 2 : most;
    return network ? pause * arc4random() / UINT32_MAX : pause;
}
