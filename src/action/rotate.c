/* rotate.c -- a file that is put aside when its day is over, or when it is
 * large. */
#include "action/rotate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "action/old_files.h"
#include "action/pack.h"
#include "action/path.h"
#include "base/clock.h"
#include "base/mem.h"

#define LEAST_SIZE 1024

const char *const rotate_options[] = { "rotate", "keep", "gzip", NULL };

struct rotate {
    const char *path;
    uint64_t most_bytes; /* 0: by day */
    size_t keep;
    struct pack *pack; /* NULL: they stay as they are */
    struct tm day;     /* on which the file was written to last */
    bool opened;
};

/* ---- what is asked for ---- */

/* Bytes, or with K, M or G behind them, and a B if one likes. */
static int
read_size(const char *text, uint64_t *bytes)
{
    static const char units[] = "KMG";
    const char *unit;
    char *end;
    unsigned long long n = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || end - text > 9)
        return -1;
    unit = *end != '\0' ? strchr(units, *end) : NULL;
    if (unit != NULL) {
        n <<= 10 * (unit - units + 1);
        end += end[1] == 'B' ? 2 : 1;
    }
    *bytes = n;
    return *end == '\0' && n >= LEAST_SIZE ? 0 : -1;
}

static int
read_when(struct rotate *r, const char *text, struct error *err)
{
    if (strcmp(text, "daily") == 0 || read_size(text, &r->most_bytes) == 0)
        return 0;
    return fail(err,
                "%s: rotate: \"%.40s\" is neither daily nor a size from "
                "1K as 100MB",
                r->path, text);
}

static int
read_gzip(const char *path, const char *text, bool *gzip, struct error *err)
{
    *gzip = text != NULL && strcmp(text, "true") == 0;
    if (text == NULL || *gzip || strcmp(text, "false") == 0)
        return 0;
    return fail(err, "%s: gzip: \"%.40s\" is neither true nor false", path,
                text);
}

static int
read_keep(struct rotate *r, const struct sink_options *options,
          struct error *err)
{
    struct error why;
    double keep;

    if (sink_options_number(options, "keep", 1e9, 0, 1e9, &keep, &why) < 0)
        return fail(err, "%s: %s", r->path, why.text);
    r->keep = (size_t)keep;
    return 0;
}

static void look_after(void *arg);

static struct rotate *
make(struct ev_loop *loop, const char *path, const struct sink_options *options,
     struct error *err)
{
    struct rotate *r = mem_new(sizeof *r);
    bool gzip;

    r->path = path;
    if (read_when(r, sink_options_get(options, "rotate"), err) < 0 ||
        read_keep(r, options, err) < 0 ||
        read_gzip(path, sink_options_get(options, "gzip"), &gzip, err) < 0) {
        mem_free(r);
        return NULL;
    }
    if (gzip)
        r->pack = pack_new(loop, look_after, r);
    return r;
}

int
rotate_new(struct ev_loop *loop, const char *path,
           const struct sink_options *options, struct rotate **r,
           struct error *err)
{
    *r = NULL;
    if (sink_options_get(options, "rotate") != NULL) {
        *r = make(loop, path, options, err);
        return *r != NULL ? 0 : -1;
    }
    if (sink_options_get(options, "keep") != NULL ||
        sink_options_get(options, "gzip") != NULL)
        return fail(err, "%s: keep and gzip are nothing without rotate", path);
    return 0;
}

/* ---- the old ones ---- */

static const char *
oldest_plain(const struct old_files *old)
{
    for (size_t i = 0; i < old->n; i++)
        if (old->list[i].plain)
            return old->list[i].path;
    return NULL;
}

/* Called after a file was put aside or packed, and at the start: a kill may
 * have left something to do. */
static void
look_after(void *arg)
{
    struct rotate *r = arg;
    struct old_files old;
    const char *next;

    old_files_find(&old, r->path);
    old_files_tidy(&old, r->keep);
    next = oldest_plain(&old);
    if (next != NULL && r->pack != NULL && !pack_is_busy(r->pack))
        pack_begin(r->pack, next);
    old_files_free(&old);
}

/* What is being packed may be one too many by now. */
void
rotate_free(struct rotate *r)
{
    if (r == NULL)
        return;
    pack_free(r->pack);
    r->pack = NULL;
    if (r->opened)
        look_after(r);
    mem_free(r);
}

/* ---- when ---- */

static struct tm
day_of(time_t when)
{
    struct tm day = { 0 };

    localtime_r(&when, &day);
    return day;
}

static bool
is_before(const struct tm *a, const struct tm *b)
{
    return a->tm_year != b->tm_year ? a->tm_year < b->tm_year
                                    : a->tm_yday < b->tm_yday;
}

static time_t
now(void)
{
    return (time_t)(clock_wall_ms() / 1000);
}

void
rotate_opened(struct rotate *r, const struct stat *st)
{
    r->day = day_of(st->st_size > 0 ? st->st_mtim.tv_sec : now());
    r->opened = true;
    look_after(r);
}

bool
rotate_is_due(struct rotate *r, const struct stat *st)
{
    struct tm today = day_of(now());
    bool due = is_before(&r->day, &today);

    if (r->most_bytes > 0)
        return (uint64_t)st->st_size >= r->most_bytes;
    if (st->st_size == 0)
        r->day = today;
    return due && st->st_size > 0;
}

int
rotate_now(struct rotate *r, struct error *err)
{
    struct tm when = r->most_bytes > 0 ? day_of(now()) : r->day;
    char *name = old_files_name(r->path, &when, r->most_bytes == 0);
    int rc = rename(r->path, name);

    if (rc < 0)
        fail(err, "%s: %s", name, strerror(errno));
    else
        path_sync_parent(name);
    mem_free(name);
    return rc;
}

size_t
rotate_room(const struct rotate *r, off_t size, const char *bytes, size_t len)
{
    uint64_t room =
        (uint64_t)size < r->most_bytes ? r->most_bytes - (uint64_t)size : 0;
    const char *newline;

    if (r->most_bytes == 0 || len <= room)
        return len;
    newline = memrchr(bytes, '\n', (size_t)room);
    if (newline == NULL)
        newline = memchr(bytes, '\n', len);
    return (size_t)(newline - bytes) + 1;
}
