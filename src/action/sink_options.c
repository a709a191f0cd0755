/* sink_options.c -- what a script says of a destination besides its name. */
#include "action/sink_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/path.h"
#include "base/mem.h"
#include "base/text.h"

#define SECRET_MOST 4096

struct option {
    char *key, *value;
};

struct sink_options {
    struct option *all;
    size_t n;
};

struct sink_options *
sink_options_new(void)
{
    return mem_new(sizeof(struct sink_options));
}

void
sink_options_free(struct sink_options *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->n; i++) {
        mem_free(o->all[i].key);
        mem_free(o->all[i].value);
    }
    mem_free(o->all);
    mem_free(o);
}

static struct option *
find(const struct sink_options *o, const char *key)
{
    for (size_t i = 0; o != NULL && i < o->n; i++)
        if (strcmp(o->all[i].key, key) == 0)
            return &o->all[i];
    return NULL;
}

void
sink_options_set(struct sink_options *o, const char *key, const char *value)
{
    struct option *old = find(o, key);

    if (old != NULL) {
        mem_free(old->value);
        old->value = mem_dup(value);
        return;
    }
    o->all = mem_grow(o->all, (o->n + 1) * sizeof *o->all);
    o->all[o->n++] = (struct option){ mem_dup(key), mem_dup(value) };
}

char *
sink_options_split(struct sink_options *o, const char *dest)
{
    const char *fragment = strchr(dest, '#');
    char *copy, *rest;

    if (fragment == NULL || path_scheme(dest) == 0)
        return mem_dup(dest);
    copy = mem_dup(fragment + 1);
    for (char *word = strtok_r(copy, "&", &rest); word != NULL;
         word = strtok_r(NULL, "&", &rest)) {
        char *equals = strchr(word, '=');
        if (equals != NULL)
            *equals = '\0';
        sink_options_set(o, word, equals != NULL ? equals + 1 : "true");
    }
    mem_free(copy);
    return mem_dup_bytes(dest, (size_t)(fragment - dest));
}

const char *
sink_options_get(const struct sink_options *o, const char *key)
{
    const struct option *found = find(o, key);

    return found != NULL ? found->value : NULL;
}

int
sink_options_number(const struct sink_options *o, const char *key, double usual,
                    double least, double most, double *value, struct error *err)
{
    const char *text = sink_options_get(o, key);
    char *end;

    *value = usual;
    if (text == NULL)
        return 0;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || !(*value >= least && *value <= most))
        return fail(err, "%s: %.40s is no number from %g to %g", key, text,
                    least, most);
    return 0;
}

int
sink_options_truth(const struct sink_options *o, const char *key, bool *value,
                   struct error *err)
{
    const char *word = sink_options_get(o, key);

    *value = word != NULL && strcmp(word, "true") == 0;
    if (word == NULL || *value || strcmp(word, "false") == 0)
        return 0;
    return fail(err, "%s: %.40s is neither true nor false", key, word);
}

int
sink_options_readable(const char *key, const char *path, struct error *err)
{
    if (path == NULL || access(path, R_OK) == 0)
        return 0;
    return fail(err, "%s: %.200s: %s", key, path, strerror(errno));
}

/* The key with `suffix` behind it. */
static const char *
get_with(const struct sink_options *o, const char *key, const char *suffix)
{
    char *whole = mem_format("%s%s", key, suffix);
    const char *value = sink_options_get(o, whole);

    mem_free(whole);
    return value;
}

static int
from_environment(const char *name, char **value, struct error *err)
{
    const char *found = getenv(name);

    if (found == NULL || *found == '\0')
        return fail(err, "the environment has no %s", name);
    *value = mem_dup(found);
    return 0;
}

static int
from_file(const char *path, char **value, struct error *err)
{
    char line[SECRET_MOST];
    FILE *f = fopen(path, "re");
    const char *got;
    bool whole;

    if (f == NULL)
        return fail(err, "%s: %s", path, strerror(errno));
    got = fgets(line, sizeof line, f);
    whole = got == NULL || strchr(line, '\n') != NULL || getc(f) == EOF;
    fclose(f);
    if (!whole)
        return fail(err, "%s: its first line is longer than %d bytes", path,
                    SECRET_MOST - 2);
    if (got == NULL)
        return fail(err, "%s: there is nothing in it", path);
    line[strcspn(line, "\r\n")] = '\0';
    if (*line == '\0')
        return fail(err, "%s: its first line is empty", path);
    *value = mem_dup(line);
    return 0;
}

int
sink_options_secret(const struct sink_options *o, const char *key, char **value,
                    struct error *err)
{
    const char *plain = sink_options_get(o, key);
    const char *name = get_with(o, key, "_env");
    const char *path = get_with(o, key, "_file");

    *value = NULL;
    if ((plain != NULL) + (name != NULL) + (path != NULL) > 1)
        return fail(err, "%s: is told in two ways", key);
    if (plain != NULL)
        *value = mem_dup(plain);
    else if (name != NULL)
        return from_environment(name, value, err);
    else if (path != NULL)
        return from_file(path, value, err);
    return 0;
}

void
sink_options_each(const struct sink_options *o, const char *prefix,
                  sink_option_fn *each, void *arg)
{
    size_t len = strlen(prefix);

    for (size_t i = 0; o != NULL && i < o->n; i++)
        if (strncmp(o->all[i].key, prefix, len) == 0)
            each(arg, o->all[i].key + len, o->all[i].value);
}

static bool
is_known(const char *key, const char *const *known)
{
    for (; *known != NULL; known++) {
        size_t len = strlen(*known);
        if (strcmp(key, *known) == 0 ||
            ((*known)[len - 1] == '.' && strncmp(key, *known, len) == 0))
            return true;
    }
    return false;
}

static int
fail_unknown(const char *key, const char *const *known, const char *dest,
             struct error *err)
{
    const char *near = text_nearest(key, known, 2);
    char *shown = path_shown(dest);

    if (near != NULL)
        fail(err, "%s: no option \"%s\" (did you mean \"%s\"?)", shown, key,
             near);
    else
        fail(err, "%s: no option \"%s\"", shown, key);
    mem_free(shown);
    return -1;
}

int
sink_options_check(const struct sink_options *o, const char *const *known,
                   const char *dest, struct error *err)
{
    for (size_t i = 0; o != NULL && i < o->n; i++) {
        const char *key = o->all[i].key;

        if (strcmp(key, "shape") != 0 && !is_known(key, known))
            return fail_unknown(key, known, dest, err);
    }
    return 0;
}

int
sink_options_shape(const struct sink_options *o, const char *shape,
                   const char *dest, struct error *err)
{
    const char *said = sink_options_get(o, "shape");

    if (said == NULL || strcmp(said, shape) == 0)
        return 0;
    return fail(err, "%s: takes the shape \"%s\" only", dest, shape);
}

bool
sink_options_equal(const struct sink_options *a, const struct sink_options *b)
{
    size_t n = a != NULL ? a->n : 0;

    if (n != (b != NULL ? b->n : 0))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *value = sink_options_get(b, a->all[i].key);
        if (value == NULL || strcmp(value, a->all[i].value) != 0)
            return false;
    }
    return true;
}
