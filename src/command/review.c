/* review.c -- cdrlua rejects: look at what was rejected, drop it, send it
 * again.
 */
#include "command/review.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/chosen.h"
#include "command/replay.h"
#include "state/lock.h"

/* ---- a text for people ---- */

static void
print_clean(const char *text, size_t len)
{
    struct bytes clean = { 0 };

    text_add_line(&clean, text, len);
    fwrite(clean.at, 1, clean.len, stdout);
    bytes_free(&clean);
}

static void
add_indent(struct bytes *out, int depth)
{
    bytes_add_text(out, "\n  ");
    for (int i = 0; i < depth; i++)
        bytes_add_text(out, "  ");
}

/* JSON or not: a new line behind what opens and commas, outside of texts. */
static void
add_pretty(struct bytes *out, const char *text, size_t len)
{
    bool quoted = false;
    int depth = 0;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (!quoted && (c == '}' || c == ']'))
            add_indent(out, depth > 0 ? --depth : 0);
        bytes_add(out, &c, 1);
        if (c == '\\' && quoted && i + 1 < len)
            bytes_add(out, &text[++i], 1);
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            add_indent(out, depth < 20 ? ++depth : depth);
        else if (!quoted && c == ',')
            add_indent(out, depth);
    }
}

static void
print_text(const struct rejected *r)
{
    struct bytes clean = { 0 }, pretty = { 0 };

    text_add_line(&clean, r->text, r->text_len);
    if (clean.len > 0 && memchr(clean.at, '{', clean.len) != NULL)
        add_pretty(&pretty, clean.at, clean.len);
    else
        bytes_add(&pretty, clean.at, clean.len);
    printf("  %.*s\n", (int)pretty.len, pretty.at);
    if (r->length > r->text_len)
        printf("  (%zu of %" PRIu64 " bytes were kept)\n", r->text_len,
               r->length);
    bytes_free(&pretty);
    bytes_free(&clean);
}

/* ---- one record ---- */

/* What failed: "station", "sink DEST" or "FILE:LINE". */
static void
print_where(const struct rejected *r)
{
    if (r->sink != NULL) {
        print_clean(r->sink, strlen(r->sink));
        return;
    }
    if (r->station != NULL) {
        print_clean(r->station, strlen(r->station));
        printf(" at ");
    }
    if (r->file != NULL)
        print_clean(r->file, strlen(r->file));
    printf(":%" PRIu64, r->line);
}

static void
print_json(size_t number, const struct rejected *r, const char *line,
           size_t len)
{
    printf("{\"number\":%zu,\"key\":\"%s\",", number, r->key);
    fwrite(line + 1, 1, len - 1, stdout);
    putchar('\n');
}

static void
print_line(size_t number, const struct rejected *r)
{
    printf("%5zu  %s  ", number, r->time);
    print_where(r);
    printf("  ");
    print_clean(r->reason, strlen(r->reason));
    putchar('\n');
}

static void
print_word(const char *name, const char *word)
{
    if (word == NULL)
        return;
    printf("  %-8s ", name);
    print_clean(word, strlen(word));
    putchar('\n');
}

static void
print_all(size_t number, const struct rejected *r)
{
    printf("%zu:\n", number);
    print_word("time", r->time);
    print_word("station", r->station);
    print_word("sink", r->sink);
    print_word("file", r->file);
    if (r->file != NULL)
        printf("  %-8s %" PRIu64 " (byte %" PRIu64 ")\n", "line", r->line,
               r->offset);
    print_word("id", r->id);
    print_word("reason", r->reason);
    print_text(r);
}

static int
print_each(struct chosen *c, const struct which *which, bool whole,
           struct error *err)
{
    for (size_t i = 0; i < c->n; i++) {
        size_t number = c->list[i] + 1, len;
        const char *line;
        struct rejected r;

        if (chosen_read(c, i, &r, &line, &len, err) < 0)
            return -1;
        if (which->json)
            print_json(number, &r, line, len);
        else if (whole)
            print_all(number, &r);
        else
            print_line(number, &r);
        rejected_free(&r);
    }
    return 0;
}

/* ---- summing up ---- */

struct sum {
    char *word;
    size_t n;
};

static const char *
word_by(const struct rejected *r, const char *by)
{
    const char *word = strcmp(by, "reason") == 0    ? r->reason
                       : strcmp(by, "station") == 0 ? r->station
                       : strcmp(by, "sink") == 0    ? r->sink
                                                    : r->file;

    return word != NULL ? word : "-";
}

static int
by_word(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
by_number(const void *a, const void *b)
{
    const struct sum *one = a, *other = b;

    if (one->n != other->n)
        return one->n < other->n ? 1 : -1;
    return strcmp(one->word, other->word);
}

/* Equal words stand beside each other. */
static size_t
count_words(char **words, size_t n, struct sum *sums)
{
    size_t n_sums = 0;

    qsort(words, n, sizeof *words, by_word);
    for (size_t i = 0; i < n; i++) {
        if (n_sums == 0 || strcmp(sums[n_sums - 1].word, words[i]) != 0)
            sums[n_sums++] = (struct sum){ words[i], 0 };
        sums[n_sums - 1].n++;
    }
    qsort(sums, n_sums, sizeof *sums, by_number);
    return n_sums;
}

static void
print_sums(const struct sum *sums, size_t n, const struct which *which)
{
    for (size_t i = 0; i < n; i++) {
        struct bytes word = { 0 };

        if (which->json)
            text_quote(&word, sums[i].word, strlen(sums[i].word));
        else
            text_add_line(&word, sums[i].word, strlen(sums[i].word));
        printf(which->json ? "{\"count\":%zu,\"%s\":" : "%7zu  %.0s", sums[i].n,
               which->by);
        printf("%.*s%s\n", (int)word.len, word.at, which->json ? "}" : "");
        bytes_free(&word);
    }
}

static int
sum_up(struct chosen *c, const struct which *which, struct error *err)
{
    char **words = mem_new((c->n + 1) * sizeof *words);
    struct sum *sums = mem_new((c->n + 1) * sizeof *sums);
    size_t n = 0, len;
    const char *line;
    int rc = 0;

    for (struct rejected r; n < c->n; n++) {
        rc = chosen_read(c, n, &r, &line, &len, err);
        if (rc < 0)
            break;
        words[n] = mem_dup(word_by(&r, which->by));
        rejected_free(&r);
    }
    if (rc == 0)
        print_sums(sums, count_words(words, n, sums), which);
    for (size_t i = 0; i < n; i++)
        mem_free(words[i]);
    mem_free(words);
    mem_free(sums);
    return rc;
}

/* ---- the verbs ---- */

/* So that nobody waits for what was asked of the wrong file. */
static void
tell_none(const struct chosen *c)
{
    if (c->n > 0)
        return;
    if (c->file == NULL)
        log_info("%s: there is none: nothing was rejected there", c->path);
    else
        log_info("%s: there is no such record", c->path);
}

static int
list(struct chosen *c, struct options *o, struct error *err)
{
    int rc = o->which.by != NULL ? sum_up(c, &o->which, err)
                                 : print_each(c, &o->which, false, err);

    tell_none(c);
    if (rc == 0 && c->file != NULL && reject_file_strange(c->file) > 0)
        log_warn("%s: %zu %s", c->path, reject_file_strange(c->file),
                 text_plural(reject_file_strange(c->file), "line is no reject",
                             "lines are no rejects"));
    return rc < 0 ? -1 : 0;
}

static int
show(struct chosen *c, struct options *o, struct error *err)
{
    if (c->n > 0)
        return print_each(c, &o->which, true, err);
    if (!c->said) {
        tell_none(c);
        return 0;
    }
    return fail(err, "%s: there is no such record", c->path);
}

static int
compact(const struct chosen *c, const struct options *o, struct error *err)
{
    char *dir;
    size_t dropped;
    int lock, rc;

    if (o->rejects != NULL)
        return fail(err,
                    "%s: only the file of a state folder is written anew "
                    "(--state DIR or --name NAME)",
                    c->path);
    dir = options_state_dir(o);
    lock = lock_directory(dir, err);
    mem_free(dir);
    if (lock < 0)
        return -1;
    rc = reject_file_compact(c->path, "", UINT64_MAX, &dropped, err);
    close(lock);
    return rc;
}

static int
drop(struct chosen *c, struct options *o, struct error *err)
{
    const struct which *w = &o->which;

    if (!c->said && !w->all && !w->compact)
        return fail(err, "drop: which of them? (numbers, ids, options as "
                         "--reason TEXT, or --all)");
    if (chosen_is_input(c))
        return fail(err, "drop: nothing can be dropped of standard input");
    if (c->file == NULL) {
        tell_none(c);
        return 0;
    }
    if (c->said || w->all) {
        if (chosen_drop(c, NULL, err) < 0)
            return -1;
        log_info("%zu dropped", c->n);
    }
    return w->compact ? compact(c, o, err) : 0;
}

static int
replay(struct chosen *c, struct options *o, struct error *err)
{
    tell_none(c);
    return replay_rejects(c, o, err);
}

static const struct verb {
    const char *name;
    int (*run)(struct chosen *c, struct options *o, struct error *err);
} verbs[] = { { "list", list },
              { "show", show },
              { "drop", drop },
              { "replay", replay },
              { NULL, NULL } };

static int
run(const struct verb *verb, struct chosen *c, struct options *o)
{
    struct error err;
    int code = verb->run(c, o, &err);

    if (code < 0)
        log_error("%s", err.text);
    return code < 0 ? 1 : code;
}

int
review_rejects(struct options *o)
{
    const struct verb *verb =
        options_verb(o, verbs, sizeof *verbs, "list, show, replay or drop");
    struct chosen chosen;
    struct error err;
    int code;

    if (verb == NULL)
        return 2;
    if (chosen_open(&chosen, o, verb->run == replay, &err) < 0) {
        log_error("rejects: %s", err.text);
        return 2;
    }
    code = run(verb, &chosen, o);
    chosen_close(&chosen);
    return code;
}
