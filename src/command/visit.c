/* visit.c -- a command looks into the state of a run, which may go on
 * meanwhile. */
#include "command/visit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "script/builtin.h"

bool
visit_is_script(const char *word)
{
    size_t len = strlen(word);

    return strchr(word, '/') != NULL || builtin_script(word) != NULL ||
           (len > 4 && strcmp(word + len - 4, ".lua") == 0);
}

static struct checkpoint *
join(const char *dir, struct error *err)
{
    char *path = mem_format("%s/state.db", dir);
    struct checkpoint *c = NULL;
    struct stat st;

    if (stat(path, &st) < 0 && errno == ENOENT)
        fail(err, "%s: not there: no run has kept its state in that folder",
             path);
    else
        c = checkpoint_join(dir, err);
    mem_free(path);
    return c;
}

struct checkpoint *
visit_open(const struct options *o, struct error *err)
{
    struct checkpoint *c;
    char *dir;

    if (o->state == NULL && o->name == NULL && o->scripts.n == 0) {
        fail(err, "of which run? (--state DIR, --name NAME or its SCRIPT)");
        return NULL;
    }
    dir = options_state_dir(o);
    c = join(dir, err);
    mem_free(dir);
    return c;
}

/* ---- rows ---- */

static char *
key_of(const struct kept *state)
{
    if (state->text != NULL)
        return mem_dup_bytes(state->text, state->text_len);
    return mem_format("%" PRId64, state->number);
}

static void
add_row(void *arg, const struct kept *state)
{
    struct kept_rows *rows = arg;
    struct kept_row row = { key_of(state),
                            mem_dup_bytes(state->value, state->value_len),
                            state->value_len, NULL };
    struct error err;

    row.tree = tree_read(row.text, row.len, &err);
    if (row.tree == NULL) {
        log_warn("%s %s: %s (left out)", state->name, row.key, err.text);
        mem_free(row.key);
        mem_free(row.text);
        return;
    }
    rows->list = mem_grow(rows->list, (rows->n + 1) * sizeof row);
    rows->list[rows->n++] = row;
}

int
visit_rows(struct checkpoint *c, const char *table, struct kept_rows *rows,
           struct error *err)
{
    *rows = (struct kept_rows){ 0 };
    return checkpoint_states(c, table, add_row, rows, err);
}

void
kept_free(struct kept_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        mem_free(rows->list[i].key);
        mem_free(rows->list[i].text);
        tree_free(rows->list[i].tree);
    }
    mem_free(rows->list);
    *rows = (struct kept_rows){ 0 };
}

const char *
kept_text(const struct kept_row *row, const char *field)
{
    const char *text = tree_text(tree_find(tree_root(row->tree), field));

    return text != NULL ? text : "";
}

int64_t
kept_number(const struct kept_row *row, const char *field)
{
    int64_t number = 0;

    tree_number(tree_find(tree_root(row->tree), field), &number);
    return number;
}

void
kept_print(const struct kept_row *row, const char *status)
{
    const char *rest = strchr(row->text, '{') + 1;

    if (status == NULL)
        printf("{%s\n", rest);
    else
        printf("{\"status\":\"%s\",%s\n", status, rest);
}
