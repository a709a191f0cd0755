/* sink_folder.c -- lines to the files of a folder, a new one for each day.
 *
 * The outbox says where in its queue another file begins, and turns to it when
 * all before that is taken: one file is open at a time, however many days pass.
 * Where places are kept, a file is on the disk before it is left. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/dated.h"
#include "action/path.h"
#include "action/sink.h"
#include "action/writer.h"
#include "base/folder.h"
#include "base/mem.h"

struct folder {
    struct ev_loop *loop;
    void (*ready)(void *arg);
    void *arg;
    char *dir;          /* absolute, with its slash */
    struct dated dated; /* where sending is */

    uint64_t present; /* the digits of the file that is written to */
    char *path;
    void *file; /* its sink */
    bool opened;
    outbox_known_fn *known; /* NULL: no places are kept */
    void *known_arg;
    bool lost; /* a file could not be brought to the disk */
    struct error loss;
};

static void
unmake_folder(void *sink)
{
    struct folder *f = sink;

    if (f == NULL)
        return;
    sink_file.unmake(f->file);
    mem_free(f->path);
    mem_free(f->dir);
    mem_free(f);
}

static void *
make_folder(struct ev_loop *loop, const char *dest,
            const struct sink_options *options, void (*ready)(void *arg),
            void *arg, struct error *err)
{
    char *dir = path_folder(dest, err);
    struct folder *f;

    (void)options;
    if (dir == NULL)
        return NULL;
    f = mem_new(sizeof *f);
    f->loop = loop;
    f->ready = ready;
    f->arg = arg;
    f->dir = dir;
    return f;
}

static const char *
path_of_folder(const void *sink)
{
    return ((const struct folder *)sink)->dir;
}

static void
know(void *sink, outbox_known_fn *known, void *arg)
{
    struct folder *f = sink;

    f->known = known;
    f->known_arg = arg;
}

static uint64_t
date(void *sink, int64_t ms)
{
    return dated_at(&((struct folder *)sink)->dated, ms);
}

static void
begin(void *sink)
{
    dated_begin(&((struct folder *)sink)->dated);
}

static void
leave(struct folder *f)
{
    if (f->opened && f->known != NULL && !f->lost)
        f->lost = sink_file.sync(f->file, &f->loss) < 0;
    sink_file.unmake(f->file);
    mem_free(f->path);
    f->file = NULL;
    f->opened = false;
}

static void
turn(void *sink, uint64_t file)
{
    struct folder *f = sink;
    char name[DATED_NAME_SIZE];

    leave(f);
    dated_name(file, name);
    f->present = file;
    f->path = mem_format("%s%s", f->dir, name);
}

/* What nothing is known of was begun after the last commit, and all of it comes
 * again: also of the half line that a kill left there. */
static int64_t
begun_by_us(int64_t known)
{
    return known < 0 ? 0 : known;
}

static int
open_present(struct folder *f, struct error *err)
{
    int64_t known = -1;

    if (f->file == NULL)
        f->file = sink_file.make(f->loop, f->path, NULL, f->ready, f->arg, err);
    if (f->file == NULL)
        return -1;
    if (f->known != NULL)
        known = begun_by_us(f->known(f->known_arg, f->path));
    if (sink_file.open(f->file, known, err) < 0)
        return -1;
    f->opened = true;
    return 0;
}

/* The file that was written to when the places were kept; where somebody took
 * it away, it is not made before there is something to write. */
static int
resume(struct folder *f, uint64_t file, struct error *err)
{
    dated_resume(&f->dated, file);
    if (f->dated.day == 0)
        return 0;
    turn(f, file);
    return access(f->path, F_OK) < 0 ? 0 : open_present(f, err);
}

static int
open_folder(void *sink, int64_t known, struct error *err)
{
    struct folder *f = sink;
    struct stat st;

    if (folder_make_parents(f->dir, PATH_FOLDER_MODE, err) < 0)
        return -1;
    if (stat(f->dir, &st) < 0 || access(f->dir, W_OK | X_OK) < 0)
        return fail(err, "%s: %s", f->dir, strerror(errno));
    return known > 0 ? resume(f, (uint64_t)known, err) : 0;
}

static ssize_t
offer_folder(void *sink, const char *bytes, size_t len, struct error *err)
{
    struct folder *f = sink;

    assert(f->path != NULL);
    if (!f->opened && open_present(f, err) < 0)
        return SINK_FAILED;
    return sink_file.offer(f->file, bytes, len, err);
}

static int
sync_folder(void *sink, struct error *err)
{
    struct folder *f = sink;

    if (f->lost)
        return fail(err, "%s", f->loss.text);
    return f->opened ? sink_file.sync(f->file, err) : 0;
}

static uint64_t
digits_of_folder(const void *sink)
{
    return ((const struct folder *)sink)->present;
}

static const char *
present(const void *sink, uint64_t *size)
{
    const struct folder *f = sink;

    if (!f->opened)
        return NULL;
    *size = sink_file.size(f->file);
    return sink_file.path(f->file);
}

static const struct sink_days days = { know, date, begin, turn, present };

const struct sink_class sink_folder = {
    .make = make_folder,
    .unmake = unmake_folder,
    .path = path_of_folder,
    .open = open_folder,
    .offer = offer_folder,
    .batch = WRITER_BATCH,
    .sync = sync_folder,
    .size = digits_of_folder,
    .days = &days,
};
