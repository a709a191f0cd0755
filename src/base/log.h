/* log.h -- what the program says while it runs, on standard error. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Only main, the pipeline and the scripts' door log; the parts below them
 * hand their sentences upwards. Until log_setup: text, from LOG_INFO on. */
void log_setup(enum log_level least, bool json);

/* "debug", "info", "warn" or "error"; -1 and nothing changed for another. */
int log_level_parse(const char *word, enum log_level *level);

/* One line each. Text: `cdrlua: SENTENCE`, the level before it from warn up.
 * JSON: {"time":...,"level":...,"message":...}. */
void log_say(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
#define log_debug(...) log_say(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  log_say(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  log_say(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_say(LOG_ERROR, __VA_ARGS__)

/* For what a stranger can cause many times a second: one line every ten
 * seconds, the next one telling how many were held back. All zero to begin
 * with. */
struct log_limit {
    double next_s;
    uint64_t held;
};
void log_limited(struct log_limit *limit, enum log_level level, const char *fmt,
                 ...) __attribute__((format(printf, 3, 4)));

/* How parts that do not log by themselves tell of something. */
typedef void log_note_fn(void *arg, enum log_level level, const char *sentence);
/* One that says it; `arg` is not used. */
void log_note(void *arg, enum log_level level, const char *sentence);

#endif
