/* silence.c -- cdrlua silence: alerts that nobody wants to be told of.
 *
 * The run only reads the rows; they are written here, each time in one short
 * transaction beside it. */
#include "command/silence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "command/columns.h"
#include "command/silence_said.h"
#include "command/when.h"

#define KEEP_MS (40 * INT64_C(86400000)) /* after its end */

/* What is there, and what was asked for. */
struct job {
    struct options *o;
    struct checkpoint *state;
    struct kept_rows rows;
    struct silence *list; /* of the rows that are silences */
    size_t n;
    int64_t now_ms;
    struct silence added;
    struct words words; /* behind the verb, scripts left out */
};

/* ---- what is there ---- */

/* Ids are numbers: 10 stands behind 9. */
static int
by_id(const void *a, const void *b)
{
    const char *x = ((const struct silence *)a)->id;
    const char *y = ((const struct silence *)b)->id;
    size_t xlen = strlen(x), ylen = strlen(y);

    return xlen != ylen ? (xlen < ylen ? -1 : 1) : strcmp(x, y);
}

static int
read_all(struct job *j, struct error *err)
{
    if (visit_rows(j->state, SILENCES_TABLE, &j->rows, err) < 0)
        return -1;
    j->list = mem_new((j->rows.n + 1) * sizeof *j->list);
    for (size_t i = 0; i < j->rows.n; i++)
        if (silence_read(&j->list[j->n], &j->rows.list[i]))
            j->n++;
        else
            log_warn("%s %s: no silence (left out)", SILENCES_TABLE,
                     j->rows.list[i].key);
    qsort(j->list, j->n, sizeof *j->list, by_id);
    return 0;
}

static struct silence *
find(const struct job *j, const char *id)
{
    for (size_t i = 0; i < j->n; i++)
        if (strcmp(j->list[i].id, id) == 0)
            return &j->list[i];
    return NULL;
}

/* What ended long ago goes, whenever something is written. */
static int
drop_old(struct job *j, struct error *err)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->list[i].until_ms < j->now_ms - KEEP_MS &&
            silence_drop(j->state, j->list[i].id, err) < 0)
            return -1;
    return 0;
}

/* ---- the verbs ---- */

static int
prepare_add(struct job *j, struct error *err)
{
    return silence_said(&j->added, &j->o->silencing, &j->words, j->now_ms, err);
}

/* One more than the highest. */
static char *
new_id(const struct job *j)
{
    unsigned long most = 0, id;

    for (size_t i = 0; i < j->rows.n; i++) {
        id = strtoul(j->rows.list[i].key, NULL, 10);
        most = id > most ? id : most;
    }
    return mem_format("%lu", most + 1);
}

/* With the folder, so that the command can be typed as it stands. */
static void
tell_how_to_end(const struct job *j, const char *id)
{
    char *folder = options_state_dir(j->o), until[WHEN_SIZE];

    when_local(until, j->added.until_ms);
    log_info("silent until %s; end it with: cdrlua silence expire %s --state "
             "%s",
             until, id, folder);
    mem_free(folder);
}

static int
add(struct job *j, struct error *err)
{
    char *id = new_id(j);
    int rc;

    j->added.id = id;
    rc = drop_old(j, err);
    if (rc == 0)
        rc = silence_put(j->state, &j->added, err);
    if (rc == 0)
        rc = checkpoint_commit(j->state, err);
    if (rc == 0) {
        tell_how_to_end(j, id);
        puts(id);
    }
    mem_free(id);
    return rc;
}

static int
end_now(struct job *j, struct silence *s, struct error *err)
{
    if (s->until_ms <= j->now_ms)
        return 0;
    s->until_ms = j->now_ms;
    if (s->from_ms > j->now_ms)
        s->from_ms = j->now_ms;
    return silence_put(j->state, s, err);
}

static int
prepare_expire(struct job *j, struct error *err)
{
    if (j->words.n == 0 && !j->o->which.all)
        return fail(err, "which of them? (ids, or --all)");
    return 0;
}

static int
expire_some(struct job *j, struct error *err)
{
    for (size_t i = 0; i < j->words.n; i++) {
        struct silence *s = find(j, j->words.list[i]);
        if (s == NULL)
            return fail(err, "no silence \"%s\" (see: cdrlua silence list)",
                        j->words.list[i]);
        if (end_now(j, s, err) < 0)
            return -1;
    }
    return 0;
}

static int
expire_all(struct job *j, struct error *err)
{
    for (size_t i = 0; i < j->n; i++)
        if (end_now(j, &j->list[i], err) < 0)
            return -1;
    return 0;
}

static int
expire(struct job *j, struct error *err)
{
    int rc = drop_old(j, err);

    if (rc == 0)
        rc = j->o->which.all ? expire_all(j, err) : expire_some(j, err);
    return rc == 0 ? checkpoint_commit(j->state, err) : -1;
}

static int
prepare_list(struct job *j, struct error *err)
{
    return j->words.n == 0 ? 0 : fail(err, "%s: no script", j->words.list[0]);
}

static void
add_matchers(struct columns *c, const struct silence *s)
{
    struct bytes text = { 0 };

    for (size_t i = 0; i < s->n; i++)
        bytes_add_format(&text, "%s%s=%s", i > 0 ? " " : "",
                         s->matchers[i].label, s->matchers[i].value);
    bytes_add(&text, "", 1);
    columns_add(c, PLAIN, text.at);
    bytes_free(&text);
}

static void
add_line(struct columns *c, const struct silence *s, const char *status)
{
    enum colour colour = *status == 'a'   ? GREEN
                         : *status == 'p' ? YELLOW
                                          : GREY;
    char from[WHEN_SIZE], until[WHEN_SIZE];

    when_local(from, s->from_ms);
    when_local(until, s->until_ms);
    columns_add(c, PLAIN, s->id);
    columns_add(c, colour, status);
    columns_add(c, PLAIN, from);
    columns_add(c, PLAIN, until);
    add_matchers(c, s);
    columns_add(c, PLAIN, s->by != NULL ? s->by : "");
    columns_add(c, PLAIN, s->comment != NULL ? s->comment : "");
    columns_end_line(c);
}

static const struct kept_row *
row_of(const struct job *j, const struct silence *s)
{
    for (size_t i = 0; i < j->rows.n; i++)
        if (j->rows.list[i].key == s->id)
            return &j->rows.list[i];
    return NULL;
}

static int
list(struct job *j, struct error *err)
{
    struct columns columns = { 0 };

    (void)err;
    for (size_t i = 0; i < j->n; i++) {
        const char *status = silence_status(&j->list[i], j->now_ms);
        if (*status == 'e' && !j->o->which.all)
            continue;
        if (j->o->which.json)
            kept_print(row_of(j, &j->list[i]), status);
        else
            add_line(&columns, &j->list[i], status);
    }
    columns_print(&columns);
    return 0;
}

/* ---- which of them ---- */

/* What is said is looked at before the state is opened, and what is written is
 * read in the transaction that writes it. */
static const struct verb {
    const char *name;
    bool writes;
    int (*prepare)(struct job *j, struct error *err);
    int (*run)(struct job *j, struct error *err);
} verbs[] = { { "list", false, prepare_list, list },
              { "add", true, prepare_add, add },
              { "expire", true, prepare_expire, expire },
              { NULL, false, NULL, NULL } };

/* A value may have a slash; a script has no equals sign before its own. */
static bool
is_script(const char *word)
{
    size_t label = strcspn(word, "=/");

    return word[label] != '=' && visit_is_script(word);
}

static void
sort_words(struct job *j)
{
    for (size_t i = 1; i < j->o->rest.n; i++)
        words_add(is_script(j->o->rest.list[i]) ? &j->o->scripts : &j->words,
                  j->o->rest.list[i]);
}

static int
open_and_prepare(struct job *j, const struct verb *verb, struct error *err)
{
    sort_words(j);
    if (verb->prepare(j, err) < 0)
        return -1;
    j->state = visit_open(j->o, err);
    return j->state != NULL ? 0 : -1;
}

static int
run(struct job *j, const struct verb *verb, struct error *err)
{
    if (verb->writes && checkpoint_begin(j->state, err) < 0)
        return -1;
    return read_all(j, err) < 0 ? -1 : verb->run(j, err);
}

static void
free_job(struct job *j)
{
    for (size_t i = 0; i < j->n; i++)
        silence_free(&j->list[i]);
    silence_free(&j->added);
    mem_free(j->list);
    mem_free(j->words.list);
    kept_free(&j->rows);
    checkpoint_close(j->state);
}

int
silence_command(struct options *o)
{
    struct job j = { .o = o, .now_ms = clock_wall_ms() };
    const struct verb *verb =
        options_verb(o, verbs, sizeof *verbs, "add, list or expire");
    struct error err;
    int code = 0;

    if (verb == NULL)
        return 2;
    if (open_and_prepare(&j, verb, &err) < 0)
        code = 2;
    else if (run(&j, verb, &err) < 0)
        code = 1;
    if (code != 0)
        log_error("silence %s: %s", verb->name, err.text);
    free_job(&j);
    return code;
}
