/* when.c -- times and lengths of time as people type and read them. */
#include "command/when.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_MS (INT64_C(10000) * 86400000)

bool
when_length(const char *word, int64_t *ms)
{
    static const char units[] = "smhdw";
    static const int64_t unit_ms[] = { 1000, 60000, 3600000, 86400000,
                                       604800000 };
    int64_t sum = 0;

    do {
        char *end = NULL;
        long n = *word >= '0' && *word <= '9' ? strtol(word, &end, 10) : -1;
        const char *unit = n >= 0 && *end ? strchr(units, *end) : NULL;
        if (unit == NULL || n > MOST_MS / unit_ms[unit - units])
            return false;
        sum += n * unit_ms[unit - units];
        word = end + 1;
    } while (*word != '\0' && sum <= MOST_MS);
    *ms = sum;
    return sum <= MOST_MS;
}

/* What is not said is of today. False: the word has not that form, or there is
 * no such day. */
static bool
read_form(const char *word, const char *form, time_t now, time_t *time)
{
    struct tm tm, given;
    const char *end;
    bool utc;

    localtime_r(&now, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    end = strptime(word, form, &tm);
    if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0))
        return false;
    utc = *end == 'Z';
    tm.tm_isdst = -1;
    given = tm;
    *time = utc ? timegm(&tm) : mktime(&tm);
    return tm.tm_mday == given.tm_mday && tm.tm_mon == given.tm_mon;
}

bool
when_time(const char *word, int64_t now_ms, int64_t *ms)
{
    static const char *const forms[] = {
        "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",    "%Y-%m-%d",          "%H:%M"
    };
    time_t time;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (read_form(word, forms[i], (time_t)(now_ms / 1000), &time)) {
            *ms = (int64_t)time * 1000;
            return true;
        }
    return false;
}

void
when_local(char text[WHEN_SIZE], int64_t ms)
{
    time_t time = (time_t)(ms / 1000);
    struct tm tm;

    if (localtime_r(&time, &tm) == NULL ||
        strftime(text, WHEN_SIZE, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        strcpy(text, "?");
}
