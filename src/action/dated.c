/* dated.c -- which file of a folder is of which day, named as OpenVidu does. */
#include "action/dated.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

#define CLOCK   1000000                    /* a file's digits behind the day */
#define LAST_MS ((int64_t)253402214400000) /* the last day of the year 9999 */

/* The local day and time, 0 where that is no time of an event. */
static struct dated
split(int64_t ms)
{
    time_t s = (time_t)(ms / 1000);
    struct dated d = { 0 };
    struct tm tm;

    if (ms <= 0 || ms >= LAST_MS || localtime_r(&s, &tm) == NULL)
        return d;
    d.day = (uint64_t)(tm.tm_year + 1900) * 10000 +
            (uint64_t)(tm.tm_mon + 1) * 100 + (uint64_t)tm.tm_mday;
    d.time = (uint64_t)tm.tm_hour * 10000 + (uint64_t)tm.tm_min * 100 +
             (uint64_t)tm.tm_sec;
    return d;
}

static int64_t
end_of_day(uint64_t day)
{
    struct tm tm = { .tm_year = (int)(day / 10000) - 1900,
                     .tm_mon = (int)(day / 100 % 100) - 1,
                     .tm_mday = (int)(day % 100) + 1,
                     .tm_isdst = -1 };

    return (int64_t)mktime(&tm) * 1000;
}

static uint64_t
turn_to(struct dated *d, struct dated to)
{
    d->begins = false;
    if (to.day == d->day && to.time == d->time)
        return 0;
    *d = to;
    d->until_ms = end_of_day(d->day);
    return d->day * CLOCK + d->time;
}

uint64_t
dated_at(struct dated *d, int64_t ms)
{
    struct dated to;

    if (ms < d->until_ms && !d->begins)
        return 0;
    to = split(ms);
    if (d->day == 0)
        return turn_to(d, to.day != 0 ? to : split(clock_wall_ms()));
    if (to.day == 0 || (to.day <= d->day && !d->begins))
        return 0;
    if (!d->begins)
        to.time = d->time;
    return turn_to(d, to);
}

void
dated_begin(struct dated *d)
{
    d->begins = d->day != 0;
}

static bool
is_file(uint64_t file)
{
    uint64_t month = file / 100000000 % 100, day = file / CLOCK % 100;

    return file / CLOCK <= 99991231 && month >= 1 && month <= 12 && day >= 1 &&
           day <= 31 && file / 10000 % 100 < 24 && file / 100 % 100 < 60 &&
           file % 100 <= 60;
}

void
dated_resume(struct dated *d, uint64_t file)
{
    *d = (struct dated){ 0 };
    if (!is_file(file))
        return;
    d->day = file / CLOCK;
    d->time = file % CLOCK;
    d->until_ms = end_of_day(d->day);
}

void
dated_name(uint64_t file, char name[DATED_NAME_SIZE])
{
    unsigned day = (unsigned)(file / CLOCK), time = (unsigned)(file % CLOCK);

    snprintf(name, DATED_NAME_SIZE, "CDR.%04u-%02u-%02u_%02u-%02u-%02u.log",
             day / 10000, day / 100 % 100, day % 100, time / 10000,
             time / 100 % 100, time % 100);
}
