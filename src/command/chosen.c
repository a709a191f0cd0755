/* chosen.c -- which records of a rejects file a command is about. */
#include "command/chosen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/when.h"

struct range {
    size_t from, to;
};

/* What was said, as words that can be compared. */
struct filter {
    const struct which *which;
    char since[CLOCK_ISO_SIZE], until[CLOCK_ISO_SIZE];
    struct range *ranges;
    size_t n_ranges;
    struct words ids;
};

/* ---- words ---- */

/* "90m": so long ago. */
static bool
read_ago(const char *word, char time[CLOCK_ISO_SIZE])
{
    int64_t ms;

    if (!when_length(word, &ms))
        return false;
    clock_iso(time, clock_wall_ms() - ms);
    return true;
}

/* As far as it is said: 2026-11-24T13:00. */
static bool
is_time(const char *word)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    size_t len = strlen(word);

    if (len < 4 || len >= sizeof form)
        return false;
    for (size_t i = 0; i < len; i++)
        if (form[i] == 'd' ? word[i] < '0' || word[i] > '9'
                           : word[i] != form[i])
            return false;
    return true;
}

static int
read_time(const char *option, const char *word, char time[CLOCK_ISO_SIZE],
          struct error *err)
{
    *time = '\0';
    if (word == NULL || read_ago(word, time))
        return 0;
    if (!is_time(word))
        return fail(err, "--%s %s: neither a time as 2026-11-24T13:00 nor 90m",
                    option, word);
    snprintf(time, CLOCK_ISO_SIZE, "%s", word);
    return 0;
}

/* "3", "2-5" or "7-": at most 9 digits each. */
static bool
read_range(const char *word, struct range *range)
{
    char *end;

    if (strlen(word) > 19 || *word < '0' || *word > '9')
        return false;
    range->from = range->to = strtoul(word, &end, 10);
    if (*end == '-') {
        word = end + 1;
        range->to = *word == '\0' ? SIZE_MAX : strtoul(word, &end, 10);
        end += *word == '\0';
    }
    return *end == '\0' && (end - word < 10);
}

static bool
is_file(const char *word)
{
    size_t len = strlen(word);

    return strcmp(word, "-") == 0 ||
           (len > 6 && strcmp(word + len - 6, ".jsonl") == 0);
}

static void
add_range(struct filter *f, struct range range)
{
    f->ranges = mem_grow(f->ranges, (f->n_ranges + 1) * sizeof range);
    f->ranges[f->n_ranges++] = range;
}

static void
read_word(struct filter *f, struct options *o, const char *word, bool replay)
{
    struct range range;

    if (read_range(word, &range))
        add_range(f, range);
    else if (is_file(word))
        o->rejects = word;
    else if (replay)
        words_add(&o->scripts, word);
    else if (strchr(word, '/') != NULL)
        o->rejects = word;
    else
        words_add(&f->ids, word);
}

static int
read_filter(struct filter *f, struct options *o, bool replay, struct error *err)
{
    *f = (struct filter){ .which = &o->which };
    for (size_t i = 1; i < o->rest.n; i++)
        read_word(f, o, o->rest.list[i], replay);
    if (o->rejects == NULL && o->state == NULL && o->name == NULL &&
        o->scripts.n == 0)
        return fail(err, "which rejects? --state DIR, --name NAME or a FILE");
    return read_time("since", o->which.since, f->since, err) < 0
               ? -1
               : read_time("until", o->which.until, f->until, err);
}

/* ---- choosing ---- */

static bool
has(const char *text, const char *part)
{
    return part == NULL || (text != NULL && strstr(text, part) != NULL);
}

static bool
is_same(const char *text, const char *wanted)
{
    return wanted == NULL || (text != NULL && strcmp(text, wanted) == 0);
}

static bool
is_in_time(const struct filter *f, const char *time)
{
    return strncmp(time, f->since, strlen(f->since)) >= 0 &&
           strncmp(time, f->until, strlen(f->until)) <= 0;
}

static bool
is_numbered(const struct filter *f, size_t number)
{
    for (size_t i = 0; i < f->n_ranges; i++)
        if (number >= f->ranges[i].from && number <= f->ranges[i].to)
            return true;
    return false;
}

static bool
is_named(const struct filter *f, const struct rejected *r)
{
    for (size_t i = 0; i < f->ids.n; i++)
        if (strcmp(f->ids.list[i], r->key) == 0 ||
            (r->id != NULL && strcmp(f->ids.list[i], r->id) == 0))
            return true;
    return false;
}

static bool
is_wanted(const struct filter *f, size_t number, const struct rejected *r)
{
    const struct which *w = f->which;

    if ((f->n_ranges > 0 || f->ids.n > 0) && !is_numbered(f, number) &&
        !is_named(f, r))
        return false;
    return has(r->reason, w->reason) && is_same(r->station, w->station) &&
           has(r->sink, w->sink) && is_same(r->id, w->id) &&
           is_in_time(f, r->time);
}

static int
choose(struct chosen *c, const struct filter *f, struct error *err)
{
    size_t n = reject_file_count(c->file), len;
    const char *line;

    c->list = mem_grow(NULL, (n + 1) * sizeof *c->list);
    for (size_t i = 0; i < n; i++) {
        struct rejected r;
        if (reject_file_is_gone(c->file, i))
            continue;
        if (reject_file_read(c->file, i, &r, &line, &len, err) < 0)
            return -1;
        if (is_wanted(f, i + 1, &r))
            c->list[c->n++] = i;
        rejected_free(&r);
    }
    return 0;
}

static bool
is_said(const struct filter *f)
{
    const struct which *w = f->which;

    return f->n_ranges > 0 || f->ids.n > 0 || w->reason || w->station ||
           w->sink || w->since || w->until || w->id;
}

/* Where nobody named the file, none is there as long as nothing was rejected.
 */
static int
open_and_choose(struct chosen *c, const struct options *o,
                const struct filter *f, struct error *err)
{
    c->said = is_said(f);
    c->path = options_rejects_path(o);
    c->file = reject_file_open(c->path, err);
    if (c->file == NULL)
        return errno == ENOENT && o->rejects == NULL ? 0 : -1;
    return choose(c, f, err);
}

int
chosen_open(struct chosen *c, struct options *o, bool replay, struct error *err)
{
    struct filter f;
    int rc;

    *c = (struct chosen){ 0 };
    rc = read_filter(&f, o, replay, err);
    if (rc == 0)
        rc = open_and_choose(c, o, &f, err);
    mem_free(f.ranges);
    mem_free(f.ids.list);
    if (rc < 0)
        chosen_close(c);
    return rc;
}

void
chosen_close(struct chosen *c)
{
    reject_file_close(c->file);
    mem_free(c->list);
    mem_free(c->path);
    *c = (struct chosen){ 0 };
}

int
chosen_read(struct chosen *c, size_t i, struct rejected *r, const char **line,
            size_t *len, struct error *err)
{
    return reject_file_read(c->file, c->list[i], r, line, len, err);
}

int
chosen_drop(const struct chosen *c, const bool *left, struct error *err)
{
    char(*keys)[REJECTED_KEY_SIZE] = mem_new((c->n + 1) * sizeof *keys);
    size_t n = 0;
    int rc = 0;

    for (size_t i = 0; i < c->n; i++)
        if (left == NULL || !left[i])
            memcpy(keys[n++], reject_file_key(c->file, c->list[i]),
                   sizeof *keys);
    if (n > 0 && !chosen_is_input(c))
        rc = reject_file_mark(c->path, (const char(*)[REJECTED_KEY_SIZE])keys,
                              n, err);
    mem_free(keys);
    return rc;
}

bool
chosen_is_input(const struct chosen *c)
{
    return strcmp(c->path, "-") == 0;
}
