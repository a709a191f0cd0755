/* pack.c -- a file becomes FILE.gz, a little at a time. */
#include "action/pack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "action/path.h"
#include "base/clock.h"
#include "base/mem.h"

#define STEP_SIZE 65536 /* takes about 2 ms */
#define STEP_S    0.01
#define AT_END_S  2.0

struct pack {
    struct ev_loop *loop;
    ev_timer timer;
    void (*done)(void *arg);
    void *arg;
    char *path, *whole, *part; /* FILE, FILE.gz, FILE.gz.new */
    int from, to;
    gzFile gz;
};

static void
end(struct pack *p)
{
    ev_timer_stop(p->loop, &p->timer);
    if (p->gz != NULL)
        gzclose(p->gz);
    else if (p->to >= 0)
        close(p->to);
    if (p->from >= 0)
        close(p->from);
    mem_free(p->path);
    mem_free(p->whole);
    mem_free(p->part);
    p->path = p->whole = p->part = NULL;
    p->gz = NULL;
    p->from = p->to = -1;
}

static void
fail_it(struct pack *p)
{
    unlink(p->part);
    end(p);
}

/* gzclose closes what it writes to, which is synced after that. */
static int
keep_whole(struct pack *p)
{
    struct stat st;
    int copy = dup(p->to);
    int rc = gzclose(p->gz);

    p->gz = NULL;
    p->to = copy;
    if (copy < 0 || rc != Z_OK || fstat(p->from, &st) < 0 ||
        futimens(copy, (struct timespec[]){ st.st_atim, st.st_mtim }) < 0 ||
        fsync(copy) < 0 || rename(p->part, p->whole) < 0)
        return -1;
    path_sync_parent(p->whole);
    unlink(p->path);
    return 0;
}

/* Whether the file is packed now. */
static bool
step(struct pack *p)
{
    char bytes[STEP_SIZE];
    ssize_t n = read(p->from, bytes, sizeof bytes);

    if (n > 0 && gzwrite(p->gz, bytes, (unsigned)n) == (int)n)
        return false;
    if (n != 0 || keep_whole(p) < 0) {
        fail_it(p);
        return false;
    }
    end(p);
    return true;
}

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct pack *p = timer->data;

    (void)loop;
    (void)events;
    if (step(p))
        p->done(p->arg);
}

struct pack *
pack_new(struct ev_loop *loop, void (*done)(void *arg), void *arg)
{
    struct pack *p = mem_new(sizeof *p);

    p->loop = loop;
    p->done = done;
    p->arg = arg;
    p->from = p->to = -1;
    ev_timer_init(&p->timer, on_timer, STEP_S, STEP_S);
    p->timer.data = p;
    return p;
}

void
pack_free(struct pack *p)
{
    double until_s = clock_steady_s() + AT_END_S;

    if (p == NULL)
        return;
    while (pack_is_busy(p) && clock_steady_s() < until_s)
        step(p);
    if (pack_is_busy(p))
        fail_it(p);
    mem_free(p);
}

static bool
open_both(struct pack *p)
{
    struct stat st;

    p->from = open(p->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (p->from < 0 || fstat(p->from, &st) < 0)
        return false;
    p->to = open(p->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                 st.st_mode & 0777);
    if (p->to >= 0)
        p->gz = gzdopen(p->to, "wb");
    return p->gz != NULL;
}

void
pack_begin(struct pack *p, const char *path)
{
    p->path = mem_dup(path);
    p->whole = mem_format("%s.gz", path);
    p->part = mem_format("%s.gz.new", path);
    if (!open_both(p))
        fail_it(p);
    else
        ev_timer_again(p->loop, &p->timer);
}

bool
pack_is_busy(const struct pack *p)
{
    return p->path != NULL;
}
