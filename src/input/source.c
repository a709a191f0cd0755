/* source.c -- an open file as a row of bytes, plain or .gz. */
#include "input/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "input/gunzip.h"

#define BLOCK ((size_t)32 * 1024)

struct source {
    int fd;
    bool is_gz;
    struct gunzip *gz;
    uint64_t at;
    char *head; /* of a .gz, which cannot go back */
    size_t head_len;
    int failed; /* errno of a read */
};

struct stamp
source_stamp_of(const struct stat *st)
{
    return (struct stamp){
        .dev = st->st_dev,
        .ino = st->st_ino,
        .size = (uint64_t)st->st_size,
        .changed_ns =
            (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
    };
}

bool
source_is_same_file(struct stamp a, struct stamp b)
{
    return a.dev == b.dev && a.ino == b.ino;
}

bool
source_is_untouched(struct stamp a, struct stamp b)
{
    return source_is_same_file(a, b) && a.size == b.size &&
           a.changed_ns == b.changed_ns;
}

struct source *
source_open(const char *path, bool gz, struct error *err)
{
    /* Without O_NONBLOCK a FIFO of that name would hold the program up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct source *s;
    struct stat st;

    if (fd < 0) {
        fail(err, "%s", strerror(errno));
        return NULL;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        fail(err, "not a regular file");
        close(fd);
        return NULL;
    }
    s = mem_new(sizeof *s);
    s->fd = fd;
    s->is_gz = gz;
    if (gz)
        s->gz = gunzip_new(fd);
    return s;
}

void
source_close(struct source *s)
{
    if (s == NULL)
        return;
    gunzip_free(s->gz);
    mem_free(s->head);
    close(s->fd);
    mem_free(s);
}

int
source_stamp(const struct source *s, struct stamp *stamp)
{
    struct stat st;

    if (fstat(s->fd, &st) < 0)
        return -1;
    *stamp = source_stamp_of(&st);
    return 0;
}

/* As many of the bytes at `at` as there are. */
static size_t
read_at(struct source *s, uint64_t at, char *bytes, size_t size)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = pread(s->fd, bytes + have, size - have, (off_t)(at + have));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            s->failed = errno;
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    return have;
}

static void
rewind_gz(struct source *s)
{
    gunzip_free(s->gz);
    s->gz = gunzip_new(s->fd);
    s->at = 0;
}

/* As many of the next bytes of a .gz as there are now. */
static ssize_t
unpack(struct source *s, char *bytes, size_t size, struct error *err)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = gunzip_read(s->gz, bytes + have, size - have, err);
        if (n < 0 && have == 0)
            return -1;
        if (n <= 0)
            break;
        have += (size_t)n;
        s->at += (uint64_t)n;
    }
    return (ssize_t)have;
}

static size_t
head_of_gz(struct source *s, char *head)
{
    ssize_t n;

    if (s->head == NULL)
        s->head = mem_new(PLACE_HEAD);
    if (s->head_len < PLACE_HEAD) {
        rewind_gz(s);
        n = unpack(s, s->head, PLACE_HEAD, NULL);
        s->head_len = n > 0 ? (size_t)n : 0;
    }
    memcpy(head, s->head, s->head_len);
    return s->head_len;
}

size_t
source_head(struct source *s, char head[PLACE_HEAD])
{
    return s->is_gz ? head_of_gz(s, head) : read_at(s, 0, head, PLACE_HEAD);
}

/* Unpacks up to `offset`, as there is no other way to get there. */
static int
skip_to(struct source *s, uint64_t offset, struct error *err)
{
    char block[BLOCK];

    if (s->at > offset)
        rewind_gz(s);
    while (s->at < offset) {
        uint64_t left = offset - s->at;
        ssize_t n = unpack(s, block, left < BLOCK ? (size_t)left : BLOCK, err);
        if (n <= 0)
            return (int)n;
    }
    return 1;
}

int
source_seek(struct source *s, uint64_t offset, char before[PLACE_TAIL],
            struct error *err)
{
    size_t n = offset < PLACE_TAIL ? (size_t)offset : PLACE_TAIL;
    int rc;

    if (!s->is_gz) {
        s->at = offset;
        if (read_at(s, offset - n, before, n) == n)
            return 1;
        return s->failed ? fail(err, "%s", strerror(s->failed)) : 0;
    }
    rc = skip_to(s, offset - n, err);
    if (rc <= 0)
        return rc;
    return unpack(s, before, n, err) == (ssize_t)n;
}

ssize_t
source_read(struct source *s, const char *last, size_t last_len, char *bytes,
            size_t size, struct error *err)
{
    char again[PLACE_TAIL];
    struct iovec parts[2] = { { again, last_len }, { bytes, size } };
    ssize_t n;

    if (s->is_gz)
        return unpack(s, bytes, size, err);
    do
        n = preadv(s->fd, parts, 2, (off_t)(s->at - last_len));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail(err, "%s", strerror(errno));
    if ((size_t)n < last_len || memcmp(again, last, last_len) != 0)
        return SOURCE_CHANGED;
    s->at += (size_t)n - last_len;
    return n - (ssize_t)last_len;
}

bool
source_is_gz(const struct source *s)
{
    return s->is_gz;
}

bool
source_is_cut(const struct source *s)
{
    return s->is_gz && !gunzip_is_whole(s->gz);
}

bool
source_is_whole_gz(const struct source *s)
{
    return s->is_gz && gunzip_is_whole(s->gz);
}

bool
source_failed(const struct source *s)
{
    return s->failed != 0;
}

/* A block of the next bytes, full but at the end. */
static size_t
read_block(struct source *s, char block[BLOCK])
{
    ssize_t n = s->is_gz ? unpack(s, block, BLOCK, NULL)
                         : (ssize_t)read_at(s, s->at, block, BLOCK);

    if (n < 0)
        return 0;
    if (!s->is_gz)
        s->at += (uint64_t)n;
    return (size_t)n;
}

bool
source_begins_with(struct source *s, struct source *part)
{
    char a[BLOCK], b[BLOCK], none[PLACE_TAIL];
    size_t n;

    if (source_seek(s, 0, none, NULL) != 1 ||
        source_seek(part, 0, none, NULL) != 1)
        return false;
    while ((n = read_block(part, b)) > 0)
        if (read_block(s, a) < n || memcmp(a, b, n) != 0)
            return false;
    return part->at > 0;
}

bool
source_ends_at(struct source *s, uint64_t offset)
{
    unsigned char t[4];
    struct stamp stamp;

    if (!s->is_gz || source_stamp(s, &stamp) < 0 || stamp.size < 18)
        return false;
    if (read_at(s, stamp.size - 4, (char *)t, 4) != 4)
        return false;
    return (t[0] | (uint32_t)t[1] << 8 | (uint32_t)t[2] << 16 |
            (uint32_t)t[3] << 24) == (uint32_t)offset;
}

uint64_t
source_last_newline(struct source *s)
{
    char block[BLOCK];
    struct stamp stamp;
    uint64_t end;

    if (source_stamp(s, &stamp) < 0)
        return 0;
    for (end = stamp.size; end > 0;) {
        size_t n = end < BLOCK ? (size_t)end : BLOCK;
        size_t have = read_at(s, end - n, block, n);
        const char *newline = memrchr(block, '\n', have);
        if (newline != NULL)
            return end - n + (size_t)(newline - block) + 1;
        end -= n;
    }
    return 0;
}

uint64_t
source_count_lines(struct source *s, uint64_t offset)
{
    char block[BLOCK];
    uint64_t at = 0, lines = 0;
    size_t n = 1;

    for (; at < offset && n > 0; at += n) {
        n = offset - at < BLOCK ? (size_t)(offset - at) : BLOCK;
        n = read_at(s, at, block, n);
        for (const char *p = block, *end = block + n;
             (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
            lines++;
    }
    return lines;
}
