/* input.c -- what one argument stands for: a directory and names in it. */
#include "input/input.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/mem.h"
#include "input/entry.h"
#include "input/life.h"
#include "input/series.h"

#define WILD "*?[]\\"

/* Absolute, with no empty or "." parts. */
static char *
absolute(const char *path)
{
    char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
    char *full = mem_format("%s/%s/", cwd ? cwd : "", path), *p;

    while ((p = strstr(full, "//")) != NULL)
        memmove(p, p + 1, strlen(p));
    while ((p = strstr(full, "/./")) != NULL)
        memmove(p, p + 2, strlen(p + 1));
    p = full + strlen(full) - 1;
    if (p > full)
        *p = '\0';
    free(cwd);
    return full;
}

char *
input_join(const char *dir, const char *name)
{
    size_t len = strlen(dir);
    const char *slash = len == 0 || dir[len - 1] == '/' ? "" : "/";

    return mem_format("%s%s%s", dir, slash, name);
}

struct input *
input_new(struct tail *t, const char *dir)
{
    struct input *in = mem_new(sizeof *in);

    in->tail = t;
    in->series = t->n_series++;
    in->dir = absolute(dir);
    in->shown_dir = mem_dup(dir);
    in->real_dir = realpath(in->dir, NULL);
    in->dirty = true;
    return in;
}

void
input_free(struct input *in)
{
    while (in->entries != NULL)
        entry_free(in->entries);
    for (size_t i = 0; i < in->n_patterns; i++)
        mem_free(in->patterns[i]);
    mem_free(in->patterns);
    mem_free(in->order);
    mem_free(in->shown_dir);
    mem_free(in->dir);
    free(in->real_dir);
    mem_free(in);
}

void
input_add_pattern(struct input *in, const char *pattern)
{
    size_t size = (in->n_patterns + 1) * sizeof *in->patterns;

    in->patterns = mem_grow(in->patterns, size);
    in->patterns[in->n_patterns++] = mem_dup(pattern);
}

bool
input_follows(const struct input *in, const char *name)
{
    for (size_t i = 0; i < in->n_patterns; i++) {
        if (in->is_glob ? fnmatch(in->patterns[i], name, FNM_PERIOD) == 0
                        : strcmp(in->patterns[i], name) == 0)
            return true;
    }
    return false;
}

/* The length of the followed name that `name` stands aside of, or 0. */
static size_t
followed_part(const struct input *in, const char *name)
{
    char part[NAME_MAX + 1];

    for (size_t len = strlen(name); len-- > 1;) {
        if (strchr(".-_~", name[len]) == NULL || len > NAME_MAX)
            continue;
        memcpy(part, name, len);
        part[len] = '\0';
        if (input_follows(in, part))
            return len;
    }
    return 0;
}

bool
input_wants(const struct input *in, const char *name)
{
    return input_follows(in, name) || followed_part(in, name) > 0;
}

bool
input_is_in(const struct input *in, const char *dir)
{
    char *real;
    bool same;

    if (strcmp(in->dir, dir) == 0)
        return true;
    real = realpath(dir, NULL);
    same = real && in->real_dir && strcmp(real, in->real_dir) == 0;
    free(real);
    return same;
}

static size_t
collect(struct input *in, struct series_item *items)
{
    struct life *life;
    size_t n = 0;

    DL_FOREACH(in->tail->lives, life)
    {
        if (life->input != in || life->gone || life->number == 0)
            continue;
        if (items != NULL)
            items[n] = (struct series_item){ .name = base_name(life->path),
                                             .came = life->came,
                                             .age = life->number,
                                             .owner = life };
        n++;
    }
    return n;
}

void
input_order(struct input *in)
{
    struct series_item *items;
    size_t n;

    if (!in->unordered)
        return;
    n = collect(in, NULL);
    items = mem_new(n * sizeof *items);
    collect(in, items);
    series_order(items, n);
    in->order = mem_grow(in->order, n * sizeof *in->order);
    for (size_t i = 0; i < n; i++)
        in->order[i] = items[i].owner;
    in->n_order = n;
    in->unordered = false;
    mem_free(items);
}

struct life *
input_newest(struct input *in)
{
    input_order(in);
    for (size_t i = in->n_order; i-- > 0;) {
        if (in->order[i]->entry != NULL && in->order[i]->number != 0)
            return in->order[i];
    }
    return NULL;
}

static bool
begins_alike(const char *a, const char *b)
{
    size_t n = strcspn(a, WILD), most = strlen(b);

    return strncmp(a, b, n < most ? n : most) == 0;
}

static bool
ends_alike(const char *a, const char *b)
{
    size_t i = strlen(a), k = strlen(b);

    while (i > 0 && k > 0 && strchr(WILD, a[i - 1]) == NULL)
        if (a[--i] != b[--k])
            return false;
    return true;
}

/* As far as the pattern's fixed letters say. */
static bool
follows_some_cdr(const struct input *in)
{
    for (size_t i = 0; i < in->n_patterns; i++) {
        const char *pattern = in->patterns[i];
        if (begins_alike(pattern, "CDR.") && ends_alike(pattern, ".log"))
            return true;
    }
    return false;
}

static bool
is_read(const struct input *in, const char *dir, const char *name)
{
    if (!input_is_in(in, dir))
        return false;
    return *name == '\0' ? follows_some_cdr(in) : input_follows(in, name);
}

int
tail_refuse_circle(void *tail, const char *path, struct error *err)
{
    const struct tail *t = tail;
    const char *name = base_name(path);
    char *dir = mem_dup_bytes(path, (size_t)(name - path));
    bool found = false;

    for (size_t i = 0; i < t->n_inputs && !found; i++)
        found = is_read(t->inputs[i], dir, name);
    mem_free(dir);
    return found ? fail(err, "%s: is both read and written to", path) : 0;
}
