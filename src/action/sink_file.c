/* sink_file.c -- lines to the end of a file, a named pipe or a device.
 *
 * Somebody may rename, remove or empty the file at any time (logrotate does):
 * before each writing it is looked whether the name still leads to what is
 * open. A line whose first half stands in the old file is written whole into
 * the new one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/half_line.h"
#include "action/path.h"
#include "action/rotate.h"
#include "action/sink.h"
#include "action/writer.h"
#include "base/folder.h"
#include "base/mem.h"

struct file {
    struct writer *writer;
    char *path;
    bool regular;
    struct rotate *rotate; /* NULL: the file goes on for ever */
};

/* A name that leads nowhere yet will be a regular file. */
static bool
is_regular(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 || S_ISREG(st.st_mode);
}

static void
unmake_file(void *sink)
{
    struct file *f = sink;

    if (f == NULL)
        return;
    rotate_free(f->rotate);
    writer_free(f->writer);
    mem_free(f->path);
    mem_free(f);
}

static void *
make_file(struct ev_loop *loop, const char *dest,
          const struct sink_options *options, void (*ready)(void *arg),
          void *arg, struct error *err)
{
    struct file *f;
    char *path;

    dest = path_part(dest);
    if (*dest == '\0') {
        fail(err, "an output without a name");
        return NULL;
    }
    path = path_absolute(dest, err);
    if (path == NULL)
        return NULL;
    f = mem_new(sizeof *f);
    f->writer = writer_new(loop, ready, arg);
    f->path = path;
    f->regular = is_regular(path);
    if (rotate_new(loop, path, options, &f->rotate, err) == 0) {
        if (f->rotate == NULL || f->regular)
            return f;
        fail(err, "%s: only a file can be rotated", path);
    }
    unmake_file(f);
    return NULL;
}

static const char *
path_of_file(const void *sink)
{
    const struct file *f = sink;

    return f->regular ? f->path : NULL;
}

static int
open_path(const struct file *f, struct error *err)
{
    int flags =
        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd;

    if (folder_make_parents(f->path, PATH_FOLDER_MODE, err) < 0)
        return -1;
    fd = open(f->path, flags, 0640);
    if (fd >= 0)
        return fd;
    if (errno == ENXIO && !is_regular(f->path))
        return fail(err, "%s: nobody reads it", f->path);
    return fail(err, "%s: %s", f->path, strerror(errno));
}

/* What is known of a file may be true of the one that was put aside since; but
 * then it was we who began the present one. */
static int64_t
known_of(const struct file *f, int64_t known)
{
    return f->rotate != NULL && known > 0 ? 0 : known;
}

/* Opens what the name leads to now, and leaves what was open. */
static int
open_again(struct file *f, int64_t known, struct error *err)
{
    int fd = open_path(f, err);
    struct stat st;

    if (fd < 0)
        return -1;
    writer_sync(f->writer);
    writer_set(f->writer, fd, WRITER_PLAIN, false);
    f->regular = fstat(fd, &st) < 0 || S_ISREG(st.st_mode);
    if (!f->regular)
        return 0;
    if (st.st_size == 0)
        path_sync_parent(f->path);
    if (half_line_cut(fd, f->path, known_of(f, known)))
        writer_end_line(f->writer);
    if (f->rotate != NULL)
        rotate_opened(f->rotate, &st);
    return 0;
}

/* A named pipe that nobody reads yet is no mistake: it is tried again. */
static int
open_file(void *sink, int64_t known, struct error *err)
{
    struct file *f = sink;
    struct stat st;

    if (open_again(f, known, err) == 0)
        return 0;
    return stat(f->path, &st) == 0 && S_ISFIFO(st.st_mode) ? 0 : -1;
}

/* Whether the name leads to something else than what is open. */
static bool
is_another(const struct file *f, const struct stat *open_one)
{
    struct stat named;

    if (stat(f->path, &named) < 0)
        return errno == ENOENT || errno == ENOTDIR;
    return named.st_ino != open_one->st_ino || named.st_dev != open_one->st_dev;
}

static int
put_aside(struct file *f, struct error *err)
{
    if (writer_sync(f->writer) < 0)
        return fail(err, "%s: what was written may be lost: %s", f->path,
                    strerror(errno));
    if (rotate_now(f->rotate, err) < 0)
        return -1;
    return open_again(f, -1, err);
}

/* Makes what is open fit to the name. */
static int
follow_name(struct file *f, struct error *err)
{
    int fd = writer_fd(f->writer);
    struct stat st;

    if (fd < 0)
        return open_again(f, -1, err);
    if (!f->regular || fstat(fd, &st) < 0)
        return 0;
    if (is_another(f, &st))
        return open_again(f, -1, err);
    if ((uint64_t)st.st_size < writer_begun(f->writer) || st.st_size == 0)
        writer_forget_begun(f->writer);
    if (f->rotate != NULL && writer_begun(f->writer) == 0 &&
        rotate_is_due(f->rotate, &st))
        return put_aside(f, err);
    return 0;
}

static size_t
room(const struct file *f, const char *bytes, size_t len)
{
    struct stat st;

    if (f->rotate == NULL || fstat(writer_fd(f->writer), &st) < 0)
        return len;
    return rotate_room(f->rotate, st.st_size - (off_t)writer_begun(f->writer),
                       bytes, len);
}

static ssize_t
offer_file(void *sink, const char *bytes, size_t len, struct error *err)
{
    struct file *f = sink;
    ssize_t n;

    if (follow_name(f, err) < 0)
        return SINK_FAILED;
    n = writer_offer(f->writer, bytes, room(f, bytes, len));
    if (n != SINK_FAILED)
        return n;
    if (errno == EPIPE) {
        writer_set(f->writer, -1, WRITER_PLAIN, false);
        fail(err, "%s: nobody reads it any more", f->path);
    } else {
        fail(err, "%s: %s", f->path, strerror(errno));
    }
    return SINK_FAILED;
}

/* What was taken is then safe, if need be in the file that had the name. */
static int
sync_file(void *sink, struct error *err)
{
    struct file *f = sink;

    if (writer_sync(f->writer) < 0)
        return fail(err, "%s: what was written may be lost: %s", f->path,
                    strerror(errno));
    follow_name(f, NULL);
    return 0;
}

static uint64_t
size_of_file(const void *sink)
{
    const struct file *f = sink;
    uint64_t begun = writer_begun(f->writer);
    struct stat st;

    if (!f->regular || fstat(writer_fd(f->writer), &st) < 0 ||
        (uint64_t)st.st_size < begun)
        return 0;
    return (uint64_t)st.st_size - begun;
}

const struct sink_class sink_file = {
    .schemes = "file",
    .options = rotate_options,
    .make = make_file,
    .unmake = unmake_file,
    .path = path_of_file,
    .open = open_file,
    .offer = offer_file,
    .batch = WRITER_BATCH,
    .sync = sync_file,
    .size = size_of_file,
};
