/* alerts.c -- cdrlua alerts: those that are pending or firing, and what was. */
#include "command/alerts.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "command/columns.h"
#include "command/visit.h"
#include "command/when.h"

/* What was said, as numbers. */
struct filter {
    const struct which *which;
    int64_t since_ms, until_ms;
};

/* One of the two listings. */
struct verb {
    const char *name, *table;
    const char *time; /* the field of its rows that has it */
    int (*compare)(const void *a, const void *b);
    void (*add)(struct columns *c, const struct kept_row *row);
};

/* ---- which rows ---- */

/* "2h": so long ago. */
static int
read_time(const char *option, const char *word, int64_t *ms, struct error *err)
{
    int64_t now_ms = clock_wall_ms();

    if (word == NULL || when_time(word, now_ms, ms))
        return 0;
    if (!when_length(word, ms))
        return fail(err,
                    "--%s %s: neither a time as \"2026-11-26 08:00\" nor 90m",
                    option, word);
    *ms = now_ms - *ms;
    return 0;
}

static int
read_filter(struct filter *f, const struct which *w, struct error *err)
{
    *f = (struct filter){ w, INT64_MIN, INT64_MAX };
    if (read_time("since", w->since, &f->since_ms, err) < 0)
        return -1;
    return read_time("until", w->until, &f->until_ms, err);
}

static bool
is_like(const char *text, const char *pattern)
{
    return pattern == NULL || fnmatch(pattern, text, FNM_NOESCAPE) == 0;
}

static bool
is_wanted(const struct filter *f, const struct verb *verb,
          const struct kept_row *row)
{
    int64_t ms = kept_number(row, verb->time);

    return is_like(kept_text(row, "name"), f->which->alert) &&
           is_like(kept_text(row, "severity"), f->which->severity) &&
           ms >= f->since_ms && ms <= f->until_ms;
}

/* Those that are wanted come to the front; how many they are. */
static size_t
choose(struct kept_rows *rows, const struct filter *f, const struct verb *verb)
{
    size_t n = 0;

    for (size_t i = 0; i < rows->n; i++)
        if (is_wanted(f, verb, &rows->list[i])) {
            struct kept_row row = rows->list[n];
            rows->list[n++] = rows->list[i];
            rows->list[i] = row;
        }
    return n;
}

/* ---- in which order ---- */

static int
by_number(const struct kept_row *a, const struct kept_row *b, const char *field)
{
    int64_t x = kept_number(a, field), y = kept_number(b, field);

    return x < y ? -1 : x > y;
}

/* What fires stands below, nearest to the prompt; the newest last. */
static int
by_status(const void *a, const void *b)
{
    int x = strcmp(kept_text(b, "status"), kept_text(a, "status"));

    if (x == 0)
        x = by_number(a, b, "since");
    return x != 0 ? x
                  : strcmp(((const struct kept_row *)a)->key,
                           ((const struct kept_row *)b)->key);
}

/* Keys count up, in the order of what happened. */
static int
by_key(const void *a, const void *b)
{
    long long x = strtoll(((const struct kept_row *)a)->key, NULL, 10);
    long long y = strtoll(((const struct kept_row *)b)->key, NULL, 10);

    return x < y ? -1 : x > y;
}

/* ---- a line for each ---- */

static enum colour
colour_of(const char *status)
{
    if (strcmp(status, "firing") == 0)
        return RED;
    if (strcmp(status, "pending") == 0)
        return YELLOW;
    return strcmp(status, "resolved") == 0 ? GREEN : GREY;
}

static void
add_time(struct columns *c, const struct kept_row *row, const char *field)
{
    char text[WHEN_SIZE];

    when_local(text, kept_number(row, field));
    columns_add(c, PLAIN, text);
}

static void
add_field(struct columns *c, const struct kept_row *row, const char *field)
{
    columns_add(c, PLAIN, kept_text(row, field));
}

static void
add_what(struct columns *c, const struct kept_row *row)
{
    add_field(c, row, "severity");
    add_field(c, row, "name");
    add_field(c, row, "key");
}

/* The summary, and why nobody is told. */
static void
add_summary(struct columns *c, const struct kept_row *row)
{
    const char *silenced = kept_text(row, "silenced");
    char *text = mem_format("%s%s%s%s", kept_text(row, "summary"),
                            *silenced ? " (silenced by " : "", silenced,
                            *silenced ? ")" : "");

    columns_add(c, PLAIN, text);
    mem_free(text);
}

static void
add_alert(struct columns *c, const struct kept_row *row)
{
    const char *status = kept_text(row, "status");

    columns_add(c, colour_of(status), status);
    add_time(c, row, "since");
    add_what(c, row);
    add_summary(c, row);
    columns_end_line(c);
}

static void
add_change(struct columns *c, const struct kept_row *row)
{
    const char *to = kept_text(row, "to");

    add_time(c, row, "at");
    columns_add(c, colour_of(to), to);
    add_what(c, row);
    add_field(c, row, "summary");
    columns_end_line(c);
}

static void
print(struct kept_rows *rows, size_t n, const struct verb *verb,
      const struct which *which)
{
    struct columns columns = { 0 };
    size_t i = which->count > 0 && which->count < n ? n - which->count : 0;

    for (; i < n; i++)
        if (which->json)
            kept_print(&rows->list[i], NULL);
        else
            verb->add(&columns, &rows->list[i]);
    columns_print(&columns);
}

/* ---- which of them ---- */

static const struct verb verbs[] = {
    { "list", "cdr.alerts", "since", by_status, add_alert },
    { "history", "cdr.alerts.history", "at", by_key, add_change },
    { NULL, NULL, NULL, NULL, NULL }
};

static struct checkpoint *
open_state(struct options *o, struct filter *f, struct error *err)
{
    for (size_t i = 1; i < o->rest.n; i++)
        words_add(&o->scripts, o->rest.list[i]);
    return read_filter(f, &o->which, err) < 0 ? NULL : visit_open(o, err);
}

static int
run(struct checkpoint *state, const struct verb *verb, const struct filter *f,
    struct error *err)
{
    struct kept_rows rows;
    size_t n;
    int rc = visit_rows(state, verb->table, &rows, err);

    if (rc == 0) {
        n = choose(&rows, f, verb);
        if (n > 0)
            qsort(rows.list, n, sizeof *rows.list, verb->compare);
        print(&rows, n, verb, f->which);
    }
    kept_free(&rows);
    return rc;
}

int
alerts_command(struct options *o)
{
    const struct verb *verb =
        options_verb(o, verbs, sizeof *verbs, "list or history");
    struct checkpoint *state;
    struct filter filter;
    struct error err;
    int code = 0;

    if (verb == NULL)
        return 2;
    state = open_state(o, &filter, &err);
    if (state == NULL)
        code = 2;
    else if (run(state, verb, &filter, &err) < 0)
        code = 1;
    if (code != 0)
        log_error("alerts %s: %s", verb->name, err.text);
    checkpoint_close(state);
    return code;
}
