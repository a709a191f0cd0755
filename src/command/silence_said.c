/* silence_said.c -- the words of cdrlua silence add become a silence. */
#include "command/silence_said.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/when.h"

#define DEFAULT_MS INT64_C(3600000)

static bool
is_label(const char *word, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789_.-";

    return len > 0 && strspn(word, letters) >= len;
}

static int
add_matcher(struct silence *s, const char *label, const char *value)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->matchers[i].label, label) == 0)
            return -1;
    s->matchers = mem_grow(s->matchers, (s->n + 1) * sizeof *s->matchers);
    s->matchers[s->n++] =
        (struct matcher){ label, value, strpbrk(value, "*?") != NULL };
    return 0;
}

/* The word is cut in two where it stands. */
static int
read_matcher(struct silence *s, char *word, struct error *err)
{
    char *equals = strchr(word, '=');

    if (equals == NULL || !is_label(word, (size_t)(equals - word)) ||
        equals[1] == '\0' || !text_is_utf8(equals, strlen(equals)))
        return fail(err, "%s: not LABEL=VALUE", word);
    if (equals[1] == '~')
        return fail(err,
                    "%s: no regular expressions: name=network* knows * "
                    "and ?",
                    word);
    *equals = '\0';
    if (add_matcher(s, word, equals + 1) < 0)
        return fail(err, "%s: there twice, and an alert has it once", word);
    return 0;
}

static int
read_time(const char *option, const char *word, int64_t now_ms, int64_t *ms,
          struct error *err)
{
    if (when_time(word, now_ms, ms))
        return 0;
    return fail(err, "--%s %s: not a time as \"2026-11-26 08:00\" or 18:30",
                option, word);
}

static int
read_end(struct silence *s, const struct silencing *said, int64_t now_ms,
         struct error *err)
{
    int64_t length_ms = DEFAULT_MS;

    if (said->lasts != NULL && said->until != NULL)
        return fail(err, "either --for or --until");
    if (said->until != NULL)
        return read_time("until", said->until, now_ms, &s->until_ms, err);
    if (said->lasts != NULL &&
        (!when_length(said->lasts, &length_ms) || length_ms == 0))
        return fail(err, "--for %s: not a length of time as 90m, 2h or 1h30m",
                    said->lasts);
    s->until_ms = s->from_ms + length_ms;
    return 0;
}

static int
read_times(struct silence *s, const struct silencing *said, int64_t now_ms,
           struct error *err)
{
    char text[WHEN_SIZE];

    s->from_ms = now_ms;
    if (said->from != NULL &&
        read_time("from", said->from, now_ms, &s->from_ms, err) < 0)
        return -1;
    if (read_end(s, said, now_ms, err) < 0)
        return -1;
    when_local(text, s->until_ms);
    if (s->until_ms <= now_ms)
        return fail(err, "it would end at %s, which is past", text);
    if (s->until_ms <= s->from_ms)
        return fail(err, "it would end at %s, before it begins", text);
    return 0;
}

static const char *
user_name(void)
{
    const char *name = getenv("SUDO_USER");
    const struct passwd *user;

    if (name != NULL && *name != '\0')
        return name;
    user = getpwuid(geteuid());
    return user != NULL ? user->pw_name : NULL;
}

static bool
is_text(const char *word)
{
    return word == NULL || text_is_utf8(word, strlen(word));
}

int
silence_said(struct silence *s, const struct silencing *said,
             const struct words *matchers, int64_t now_ms, struct error *err)
{
    for (size_t i = 0; i < matchers->n; i++)
        if (read_matcher(s, (char *)matchers->list[i], err) < 0)
            return -1;
    if (s->n == 0)
        return fail(err, "which alerts? (LABEL=VALUE, as in name=network*)");
    if (!is_text(said->comment) || !is_text(said->by))
        return fail(err, "--comment, --by: not UTF-8");
    s->created_ms = now_ms;
    s->comment = said->comment;
    s->by = said->by != NULL ? said->by : user_name();
    return read_times(s, said, now_ms, err);
}
