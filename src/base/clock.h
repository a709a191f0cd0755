/* clock.h -- the only reader of the wall clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970, UTC. */
int64_t clock_wall_ms(void);

/* Seconds on a clock that never jumps; only differences mean something. */
double clock_steady_s(void);

/* "2020-09-29T15:51:30.713Z" and a NUL. */
#define CLOCK_ISO_SIZE 32
void clock_iso(char text[CLOCK_ISO_SIZE], int64_t ms);

#endif
