/* frame.c -- how a message stands in a stream or a datagram. */
#include "action/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define BOM          "\xef\xbb\xbf"
#define MSGID_MOST   32
#define SESSION_MOST 1024
/* 32473 is the number that RFC 5612 keeps for documentation. */
#define DATA_ID "cdr@32473"

static int
find(const char *word, const char *const *words, size_t n)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);

    if (*word >= '0' && *word <= '9' && *end == '\0' && number < n)
        return (int)number;
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0)
            return (int)i;
    return -1;
}

int
frame_facility(const char *word)
{
    static const char *const words[] = {
        "kern",   "user",   "mail",   "daemon", "auth",     "syslog",
        "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
        "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
        "local2", "local3", "local4", "local5", "local6",   "local7"
    };
    return find(word, words, sizeof words / sizeof *words);
}

int
frame_severity(const char *word)
{
    static const char *const words[] = { "emerg",   "alert",  "crit", "err",
                                         "warning", "notice", "info", "debug" };
    return find(word, words, sizeof words / sizeof *words);
}

/* A word of the head: printable ASCII, at most so long, "-" for none. */
static void
add_word(struct bytes *out, struct span word, size_t most)
{
    size_t n = word.len < most ? word.len : most;

    if (n == 0)
        bytes_add_text(out, "-");
    for (size_t i = 0; i < n; i++) {
        char c = word.at[i];
        bytes_add(out, c > ' ' && c < 0x7f ? &c : "?", 1);
    }
    bytes_add_text(out, " ");
}

/* PARAM-VALUE is UTF-8 in which three characters are escaped (6.3.3). */
static void
add_parameter(struct bytes *out, const char *name, struct span value)
{
    struct bytes clean = { 0 };

    if (value.len == 0)
        return;
    text_add_line(&clean, value.at,
                  value.len < SESSION_MOST ? value.len : SESSION_MOST);
    bytes_add_format(out, " %s=\"", name);
    for (size_t i = 0; i < clean.len; i++) {
        if (strchr("\"\\]", clean.at[i]) != NULL)
            bytes_add(out, "\\", 1);
        bytes_add(out, clean.at + i, 1);
    }
    bytes_add_text(out, "\"");
    bytes_free(&clean);
}

/* A year has four digits there. */
static bool
is_a_time(int64_t ms)
{
    return ms > 0 && ms < INT64_C(253402300800000);
}

/* RFC 5424, 6. A text that is UTF-8 begins with the mark for it (6.4), where
 * ASCII alone does not say it. */
static void
add_syslog(struct bytes *out, const struct frame *f, const struct message *m)
{
    char time[CLOCK_ISO_SIZE];
    bool ascii = true;

    clock_iso(time, is_a_time(m->ms) ? m->ms : clock_wall_ms());
    bytes_add_format(out, "<%d>1 %s ", f->priority, time);
    add_word(out, span_of(f->host), 255);
    add_word(out, span_of(f->app), 48);
    bytes_add_format(out, "%ld ", f->pid);
    add_word(out, m->event, MSGID_MOST);
    if (m->id.len + m->session.len > 0) {
        bytes_add_text(out, "[" DATA_ID);
        add_parameter(out, "id", m->id);
        add_parameter(out, "sessionId", m->session);
        bytes_add_text(out, "] ");
    } else {
        bytes_add_text(out, "- ");
    }
    for (size_t i = 0; ascii && i < m->text.len; i++)
        ascii = (signed char)m->text.at[i] >= 0;
    if (!ascii && text_is_utf8(m->text.at, m->text.len))
        bytes_add_text(out, BOM);
    bytes_add(out, m->text.at, m->text.len);
}

void
frame_add(struct bytes *out, const struct frame *f, const struct message *m)
{
    struct bytes one = { 0 };

    if (f->form != FRAME_SYSLOG) {
        bytes_add(out, m->text.at, m->text.len);
        if (f->form == FRAME_LINE)
            bytes_add(out, "\n", 1);
        return;
    }
    if (!f->counted) {
        add_syslog(out, f, m);
        return;
    }
    add_syslog(&one, f, m);
    bytes_add_format(out, "%zu ", one.len);
    bytes_add(out, one.at, one.len);
    bytes_free(&one);
}
