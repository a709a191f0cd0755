/* old_files.c -- the files that a rotated one has left behind. */
#include "action/old_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static const char day_form[] = "-dddd-dd-dd", time_form[] = "_dd-dd-dd";

/* Where the text goes on behind what has that form; NULL: it has not. */
static const char *
behind(const char *text, const char *form)
{
    for (; *form != '\0'; form++, text++)
        if (*form == 'd' ? *text < '0' || *text > '9' : *text != *form)
            return NULL;
    return text;
}

/* Whether the name of a file is that of an old one, and how long it is without
 * its .gz. */
static bool
is_old(const char *name, const char *base, size_t *len)
{
    size_t n = strlen(base);
    const char *at = strncmp(name, base, n) == 0 ? name + n : NULL, *timed;

    at = at != NULL ? behind(at, day_form) : NULL;
    if (at == NULL)
        return false;
    timed = behind(at, time_form);
    at = timed != NULL ? timed : at;
    if (*at == '.' && at[1] >= '1' && at[1] <= '9')
        at += 1 + strspn(at + 1, "0123456789");
    *len = (size_t)(at - name);
    return *at == '\0' || strcmp(at, ".gz") == 0;
}

static struct old_file *
find(struct old_files *o, const char *path)
{
    for (size_t i = 0; i < o->n; i++)
        if (strcmp(o->list[i].path, path) == 0)
            return &o->list[i];
    return NULL;
}

static void
add(struct old_files *o, char *path, bool packed, const struct stat *st)
{
    struct old_file *f = find(o, path);

    if (f == NULL) {
        o->list = mem_grow(o->list, (o->n + 1) * sizeof *o->list);
        f = &o->list[o->n++];
        *f = (struct old_file){ .path = path, .written = st->st_mtim };
    } else {
        mem_free(path);
    }
    f->packed = f->packed || packed;
    f->plain = f->plain || !packed;
}

/* By the time of the last line: that of the name jumps twice a year. */
static int
by_age(const void *one, const void *other)
{
    const struct old_file *a = one, *b = other;

    if (a->written.tv_sec != b->written.tv_sec)
        return a->written.tv_sec < b->written.tv_sec ? -1 : 1;
    if (a->written.tv_nsec != b->written.tv_nsec)
        return a->written.tv_nsec < b->written.tv_nsec ? -1 : 1;
    return strverscmp(a->path, b->path);
}

void
old_files_find(struct old_files *o, const char *path)
{
    const char *base = strrchr(path, '/') + 1;
    char *dir = mem_dup_bytes(path, (size_t)(base - path));
    DIR *d = opendir(dir);
    const struct dirent *e;
    struct stat st;
    size_t len;

    *o = (struct old_files){ 0 };
    while (d != NULL && (e = readdir(d)) != NULL)
        if (is_old(e->d_name, base, &len) &&
            fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode))
            add(o, mem_format("%s%.*s", dir, (int)len, e->d_name),
                e->d_name[len] != '\0', &st);
    if (o->n > 0)
        qsort(o->list, o->n, sizeof *o->list, by_age);
    if (d != NULL)
        closedir(d);
    mem_free(dir);
}

void
old_files_free(struct old_files *o)
{
    for (size_t i = 0; i < o->n; i++)
        mem_free(o->list[i].path);
    mem_free(o->list);
    *o = (struct old_files){ 0 };
}

static void
remove_packed(struct old_file *f)
{
    char *packed = mem_format("%s.gz", f->path);
    char *part = mem_format("%s.new", packed);

    unlink(packed);
    unlink(part);
    f->packed = false;
    mem_free(packed);
    mem_free(part);
}

static void
remove_plain(struct old_file *f)
{
    if (f->plain)
        unlink(f->path);
    f->plain = false;
}

void
old_files_tidy(struct old_files *o, size_t keep)
{
    for (size_t i = 0; i < o->n; i++) {
        struct old_file *f = &o->list[i];
        if (f->packed || o->n - i > keep)
            remove_plain(f);
        if (o->n - i > keep)
            remove_packed(f);
    }
}

/* The number behind one more name that begins with `stem`: 0 for none, else
 * more than any of them has, as the first ones may be gone already. */
static unsigned long
next_number(const struct old_files *o, const char *stem)
{
    unsigned long next = 0, number;
    size_t len = strlen(stem);

    for (size_t i = 0; i < o->n; i++) {
        const char *end = o->list[i].path + len;
        if (strncmp(o->list[i].path, stem, len) != 0 ||
            (*end != '\0' && *end != '.'))
            continue;
        number = *end == '.' ? strtoul(end + 1, NULL, 10) + 1 : 1;
        next = number > next ? number : next;
    }
    return next;
}

char *
old_files_name(const char *path, const struct tm *when, bool by_day)
{
    struct old_files old;
    unsigned long number;
    char date[40];
    char *stem, *name;

    strftime(date, sizeof date, by_day ? "-%Y-%m-%d" : "-%Y-%m-%d_%H-%M-%S",
             when);
    stem = mem_format("%s%s", path, date);
    old_files_find(&old, path);
    number = next_number(&old, stem);
    name = number > 0 ? mem_format("%s.%lu", stem, number) : mem_dup(stem);
    old_files_free(&old);
    mem_free(stem);
    return name;
}
