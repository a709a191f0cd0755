/* clock.c -- the only reader of the wall clock. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t
clock_wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

double
clock_steady_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
clock_iso(char text[CLOCK_ISO_SIZE], int64_t ms)
{
    time_t s = (time_t)(ms / 1000);
    int rest = (int)(ms % 1000);
    struct tm tm;
    char day[24];

    if (rest < 0) {
        rest += 1000;
        s -= 1;
    }
    gmtime_r(&s, &tm);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text, CLOCK_ISO_SIZE, "%s.%03dZ", day, rest);
}
