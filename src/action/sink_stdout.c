/* sink_stdout.c -- lines to standard output.
 *
 * Others may hold the same pipe or terminal, and making it non-blocking would
 * change it under their hands; so it is opened once more for ourselves. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/sink.h"
#include "action/writer.h"

#define NAME "standard output"

static void *
make_stdout(struct ev_loop *loop, const char *dest,
            const struct sink_options *options, void (*ready)(void *arg),
            void *arg, struct error *err)
{
    (void)dest;
    (void)options;
    (void)err;
    return writer_new(loop, ready, arg);
}

static void
unmake_stdout(void *sink)
{
    writer_free(sink);
}

static void
open_own(struct writer *w)
{
    int fd =
        open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd >= 0)
        writer_set(w, fd, WRITER_PLAIN, false);
    else
        writer_set(w, STDOUT_FILENO, WRITER_POLLED, true);
}

static int
open_stdout(void *sink, int64_t known, struct error *err)
{
    struct stat st;

    (void)known;
    if (fstat(STDOUT_FILENO, &st) < 0)
        return fail(err, NAME ": %s", strerror(errno));
    if (S_ISDIR(st.st_mode))
        return fail(err, NAME ": closed");
    if (S_ISSOCK(st.st_mode))
        writer_set(sink, STDOUT_FILENO, WRITER_SENT, true);
    else if (S_ISREG(st.st_mode))
        writer_set(sink, STDOUT_FILENO, WRITER_PLAIN, true);
    else
        open_own(sink);
    return 0;
}

static ssize_t
offer_stdout(void *sink, const char *bytes, size_t len, struct error *err)
{
    ssize_t n = writer_offer(sink, bytes, len);

    if (n != SINK_FAILED)
        return n;
    if (errno == EPIPE || errno == ECONNRESET) {
        fail(err, NAME ": nobody reads it any more");
        return SINK_GONE;
    }
    fail(err, NAME ": %s", strerror(errno));
    return SINK_FAILED;
}

static int
sync_stdout(void *sink, struct error *err)
{
    if (writer_sync(sink) < 0)
        return fail(err, NAME ": %s", strerror(errno));
    return 0;
}

const struct sink_class sink_stdout = {
    .make = make_stdout,
    .unmake = unmake_stdout,
    .open = open_stdout,
    .offer = offer_stdout,
    .sync = sync_stdout,
};
