/* log.c -- what the program says while it runs, on standard error. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

static const char *const names[] = { "debug", "info", "warn", "error" };
static const char *const colours[] = { "\033[2m", "", "\033[33m", "\033[31m" };

static enum log_level least_level = LOG_INFO;
static bool as_json;

void
log_setup(enum log_level least, bool json)
{
    least_level = least;
    as_json = json;
}

int
log_level_parse(const char *word, enum log_level *level)
{
    for (int i = 0; i < 4; i++) {
        if (strcmp(word, names[i]) == 0) {
            *level = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

static void
add_json(struct bytes *out, enum log_level level, const char *sentence)
{
    char now[CLOCK_ISO_SIZE];

    clock_iso(now, clock_wall_ms());
    bytes_add_format(out, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":", now,
                     names[level]);
    text_quote(out, sentence, strlen(sentence));
    bytes_add_text(out, "}\n");
}

static void
add_text(struct bytes *out, enum log_level level, const char *sentence)
{
    bool colour = isatty(STDERR_FILENO) && *colours[level] != '\0';

    if (colour)
        bytes_add_text(out, colours[level]);
    bytes_add_text(out, "cdrlua: ");
    if (level != LOG_INFO)
        bytes_add_format(out, "%s: ", names[level]);
    bytes_add_text(out, sentence);
    bytes_add_text(out, colour ? "\033[0m\n" : "\n");
}

/* One write(2) a line, so that lines of several processes do not mix. */
static void
say(enum log_level level, const char *sentence)
{
    struct bytes out = { 0 }, clean = { 0 };
    ssize_t n;

    /* A traceback, at debug, has several lines. */
    if (as_json || level != LOG_DEBUG) {
        text_add_line(&clean, sentence, strlen(sentence));
        bytes_add(&clean, "", 1);
        sentence = clean.at;
    }
    if (as_json)
        add_json(&out, level, sentence);
    else
        add_text(&out, level, sentence);
    n = write(STDERR_FILENO, out.at, out.len);
    (void)n;
    bytes_free(&out);
    bytes_free(&clean);
}

static void
say_args(enum log_level level, const char *fmt, va_list args, uint64_t held)
{
    char text[2048];
    size_t len;

    vsnprintf(text, sizeof text, fmt, args);
    len = strlen(text);
    if (held > 0)
        snprintf(text + len, sizeof text - len, " (and %llu more like it)",
                 (unsigned long long)held);
    say(level, text);
}

void
log_say(enum log_level level, const char *fmt, ...)
{
    va_list args;

    if (level < least_level)
        return;
    va_start(args, fmt);
    say_args(level, fmt, args, 0);
    va_end(args);
}

void
log_limited(struct log_limit *limit, enum log_level level, const char *fmt, ...)
{
    double now = clock_steady_s();
    va_list args;

    if (level < least_level)
        return;
    if (now < limit->next_s) {
        limit->held++;
        return;
    }
    va_start(args, fmt);
    say_args(level, fmt, args, limit->held);
    va_end(args);
    *limit = (struct log_limit){ .next_s = now + 10 };
}

void
log_note(void *arg, enum log_level level, const char *sentence)
{
    (void)arg;
    log_say(level, "%s", sentence);
}
