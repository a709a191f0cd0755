/* when.h -- times and lengths of time as people type and read them. */
#ifndef COMMAND_WHEN_H
#define COMMAND_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* "90m", "2h", "1h30m": s, m, h, d and w. False: it is none, or beyond ten
 * thousand days. */
bool when_length(const char *word, int64_t *ms);

/* "2026-11-26 08:00", with a T between, with seconds, the day or the time of
 * today alone; local time, or UTC with a Z behind it. False: it is none. */
bool when_time(const char *word, int64_t now_ms, int64_t *ms);

/* "2026-11-26 08:00:00", local time, and a NUL. */
#define WHEN_SIZE 32
void when_local(char text[WHEN_SIZE], int64_t ms);

#endif
