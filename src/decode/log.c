/* log.c -- lines of the server's console log. */
#include "decode/scan.h"

static const char *
level_mark(const char *p, const char *end)
{
    static const char *const marks[] = { "[INFO]", "[WARN]", "[ERROR]",
                                         "[DEBUG]", "[TRACE]" };

    if (end - p > 128)
        end = p + 128;
    while ((p = memchr(p, '[', (size_t)(end - p))) != NULL) {
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (scan_begins(p, end, marks[i], strlen(marks[i])))
                return p;
        p++;
    }
    return NULL;
}

static bool
ends(const char *p, const char *end, const char *with, size_t len)
{
    return (size_t)(end - p) >= len && memcmp(end - len, with, len) == 0;
}

/* A message may hold what a client sent. It begins at the line's first " - ",
 * and only what stands before that is the server's own. */
const char *
scan_logged(const char *p, const char *end)
{
    const char *dash = memmem(p, (size_t)(end - p), " - ", 3), *name;
    const char *mark = level_mark(p, end);

    if (dash == NULL || mark == NULL || mark > dash)
        return NULL;
    name = dash;
    if (ends(mark, name, " (log)", 6))
        name -= 6;
    if (!ends(mark, name, ".CDRLoggerFile", 14) &&
        !ends(mark, name, " CDRLoggerFile", 14))
        return NULL;
    p = scan_space(dash + 3, end);
    return p < end && *p == '{' ? p : NULL;
}

bool
scan_is_log(const char *p, const char *end)
{
    return level_mark(p, end) != NULL;
}

static bool
is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_word(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

/* docker-compose writes `openvidu-server_1  | ` before each line. */
static const char *
behind_prefix(const char *text, const char *end)
{
    const char *p = text;

    while (p < end && (is_word(*p) || *p == '-' || *p == '.'))
        p++;
    if (p == text)
        return text;
    while (p < end && *p == ' ')
        p++;
    return scan_begins(p, end, "| ", 2) ? p + 2 : text;
}

static const char *
skip_word(const char *p, const char *end)
{
    while (p < end && (is_word(*p) || *p == '$'))
        p++;
    return p;
}

/* java.lang.IllegalStateException, and a colon or nothing behind it. */
static bool
is_class(const char *text, const char *end)
{
    const char *p = text, *word;

    while (p < end && is_lower(*p))
        p++;
    if (p == text || p == end || *p != '.')
        return false;
    while (p < end && *p == '.') {
        word = p + 1;
        p = skip_word(word, end);
        if (p == word)
            return false;
    }
    return p == end || *p == ':';
}

bool
scan_is_trace(const char *text, const char *end)
{
    const char *line = behind_prefix(text, end);
    const char *p = scan_space(line, end);

    if (p > line)
        return scan_begins(p, end, "at ", 3) || scan_begins(p, end, "...", 3);
    return scan_begins(p, end, "Caused by:", 10) || is_class(p, end);
}
