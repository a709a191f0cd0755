/* writer.h -- whole lines into a file descriptor that may be slow. */
#ifndef ACTION_WRITER_H
#define ACTION_WRITER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct writer;

/* A file takes so much at a time: at 64 KiB it costs a third more. */
#define WRITER_BATCH ((size_t)256 << 10)

/* How not to wait for the one who reads. */
enum writer_way {
    WRITER_PLAIN,  /* the descriptor does not block, or is a regular file */
    WRITER_POLLED, /* it blocks: ask first, and write little */
    WRITER_SENT    /* a socket */
};

/* `ready` as in sink.h. There is no descriptor yet: -1. */
struct writer *writer_new(struct ev_loop *loop, void (*ready)(void *arg),
                          void *arg);
void writer_free(struct writer *w);

/* Takes the descriptor (-1: none) and closes the one before, unless that was
 * `lent`; a line that was begun there begins anew here. */
void writer_set(struct writer *w, int fd, enum writer_way way, bool lent);
/* A newline goes before the next line: what is there ends in half a line. */
void writer_end_line(struct writer *w);
int writer_fd(const struct writer *w);

/* As `offer` in sink.h; the reason of SINK_FAILED is in errno. */
ssize_t writer_offer(struct writer *w, const char *bytes, size_t len);

/* How many bytes of a line that is not taken yet were written. */
size_t writer_begun(const struct writer *w);
/* They were lost, as the file was emptied. */
void writer_forget_begun(struct writer *w);

/* Brings what was written to the disk, if there is one: as `sync` in sink.h,
 * with the reason in errno. */
int writer_sync(struct writer *w);

#endif
