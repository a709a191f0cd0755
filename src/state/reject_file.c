/* reject_file.c -- a rejects file: its records, and marks of those that are
 * gone. */
#include "state/reject_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/mem.h"

#define COPY_SIZE    65536
#define KEYS_IN_MARK 500

/* Where a record stands. */
struct spot {
    char key[REJECTED_KEY_SIZE];
    bool gone;
    uint64_t at;
    size_t len;
};

/* The last mark of a key: what stands before it is gone. */
struct mark {
    char key[REJECTED_KEY_SIZE];
    uint64_t at;
    UT_hash_handle hh;
};

struct reject_file {
    char *path;
    FILE *in;
    struct spot *spots;
    size_t n, cap, strange;
    struct mark *marks;
    uint64_t at; /* of the line that is read */
    uint64_t size;
    struct bytes line;
};

/* ---- reading ---- */

static void
add_mark(void *arg, const char key[REJECTED_KEY_SIZE])
{
    struct reject_file *f = arg;
    struct mark *m;

    HASH_FIND_STR(f->marks, key, m);
    if (m == NULL) {
        m = mem_new(sizeof *m);
        memcpy(m->key, key, sizeof m->key);
        HASH_ADD_STR(f->marks, key, m);
    }
    m->at = f->at;
}

static void
add_spot(struct reject_file *f, const struct rejected *r, size_t len)
{
    struct spot *s;

    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 64;
        f->spots = mem_grow(f->spots, f->cap * sizeof *f->spots);
    }
    s = &f->spots[f->n++];
    *s = (struct spot){ .at = f->at, .len = len };
    memcpy(s->key, r->key, sizeof s->key);
}

static bool
add_line(struct reject_file *f, const char *line, size_t len)
{
    struct rejected r;

    switch (rejected_read(&r, line, len)) {
    case REJECTED_RECORD:
        add_spot(f, &r, len);
        rejected_free(&r);
        return true;
    case REJECTED_MARK:
        rejected_keys(line, len, add_mark, f);
        return true;
    default:
        return false;
    }
}

/* Behind a torn line that got no newline a whole one may stand: what begins a
 * record stands in none, where quotes are escaped. */
static void
take_line(struct reject_file *f, const char *line, size_t len)
{
    static const char begin[] = "{\"time\":\"";
    const char *next;

    if (len == 0 || add_line(f, line, len))
        return;
    f->strange++;
    next = memmem(line + 1, len - 1, begin, sizeof begin - 1);
    if (next == NULL)
        return;
    f->at += (uint64_t)(next - line);
    add_line(f, next, len - (size_t)(next - line));
}

static void
find_gone(struct reject_file *f)
{
    for (size_t i = 0; i < f->n; i++) {
        struct mark *m;
        HASH_FIND_STR(f->marks, f->spots[i].key, m);
        f->spots[i].gone = m != NULL && m->at > f->spots[i].at;
    }
}

/* A last line without its newline is read if it is whole. */
static int
read_all(struct reject_file *f, struct error *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;

    while ((len = getline(&line, &cap, f->in)) > 0) {
        f->at = f->size;
        f->size += (uint64_t)len;
        take_line(f, line, (size_t)len - (line[len - 1] == '\n'));
    }
    free(line);
    find_gone(f);
    return ferror(f->in) ? fail(err, "%s: %s", f->path, strerror(errno)) : 0;
}

/* Standard input cannot be read twice. */
static FILE *
copy_of_input(void)
{
    FILE *copy = tmpfile();
    char block[COPY_SIZE];
    size_t n;

    while (copy != NULL && (n = fread(block, 1, sizeof block, stdin)) > 0)
        fwrite(block, 1, n, copy);
    if (copy != NULL)
        rewind(copy);
    return copy;
}

struct reject_file *
reject_file_open(const char *path, struct error *err)
{
    struct reject_file *f = mem_new(sizeof *f);

    f->path = mem_dup(path);
    f->in = strcmp(path, "-") == 0 ? copy_of_input() : fopen(path, "re");
    if (f->in == NULL)
        fail(err, "%s: %s", path, strerror(errno));
    if (f->in != NULL && read_all(f, err) == 0)
        return f;
    reject_file_close(f);
    return NULL;
}

void
reject_file_close(struct reject_file *f)
{
    int why = errno;
    struct mark *m, *next;

    if (f == NULL)
        return;
    HASH_ITER(hh, f->marks, m, next)
    {
        HASH_DEL(f->marks, m);
        mem_free(m);
    }
    if (f->in != NULL)
        fclose(f->in);
    bytes_free(&f->line);
    mem_free(f->spots);
    mem_free(f->path);
    mem_free(f);
    errno = why;
}

size_t
reject_file_count(const struct reject_file *f)
{
    return f->n;
}

size_t
reject_file_strange(const struct reject_file *f)
{
    return f->strange;
}

bool
reject_file_is_gone(const struct reject_file *f, size_t i)
{
    return f->spots[i].gone;
}

const char *
reject_file_key(const struct reject_file *f, size_t i)
{
    return f->spots[i].key;
}

static int
read_spot(struct reject_file *f, const struct spot *s, struct error *err)
{
    f->line.len = 0;
    bytes_room(&f->line, s->len + 1);
    if (fseeko(f->in, (off_t)s->at, SEEK_SET) < 0 ||
        fread(f->line.at, 1, s->len, f->in) != s->len)
        return fail(err, "%s: changed while it was read", f->path);
    f->line.len = s->len;
    return 0;
}

int
reject_file_read(struct reject_file *f, size_t i, struct rejected *r,
                 const char **line, size_t *len, struct error *err)
{
    if (read_spot(f, &f->spots[i], err) < 0)
        return -1;
    *line = f->line.at;
    *len = f->line.len;
    if (rejected_read(r, *line, *len) == REJECTED_RECORD)
        return 0;
    return fail(err, "%s: changed while it was read", f->path);
}

/* ---- marks ---- */

static void
add_keys(struct bytes *out, const char (*keys)[REJECTED_KEY_SIZE], size_t n)
{
    char now[CLOCK_ISO_SIZE];

    clock_iso(now, clock_wall_ms());
    bytes_add_format(out, "{\"time\":\"%s\",\"drop\":[", now);
    for (size_t i = 0; i < n; i++)
        bytes_add_format(out, "%s\"%s\"", i > 0 ? "," : "", keys[i]);
    bytes_add_text(out, "]}\n");
}

static bool
ends_in_half_line(int fd)
{
    struct stat st;
    char last;

    return fstat(fd, &st) == 0 && st.st_size > 0 &&
           pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
}

/* Opens the file for adding, for itself as far as other commands go. A file
 * that was written anew meanwhile is another one. */
static int
open_alone(const char *path)
{
    struct stat named, st;
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX) == 0 && fstat(fd, &st) == 0 &&
        stat(path, &named) == 0 && st.st_ino == named.st_ino &&
        st.st_dev == named.st_dev)
        return fd;
    close(fd);
    return open_alone(path);
}

int
reject_file_mark(const char *path, const char (*keys)[REJECTED_KEY_SIZE],
                 size_t n, struct error *err)
{
    struct bytes text = { 0 };
    int fd = open_alone(path), rc = 0;

    if (fd < 0)
        return fail(err, "%s: %s", path, strerror(errno));
    if (ends_in_half_line(fd))
        bytes_add_text(&text, "\n");
    for (size_t i = 0; i < n; i += KEYS_IN_MARK)
        add_keys(&text, keys + i, n - i < KEYS_IN_MARK ? n - i : KEYS_IN_MARK);
    errno = ENOSPC;
    if (write(fd, text.at, text.len) != (ssize_t)text.len || fdatasync(fd) < 0)
        rc = fail(err, "%s: %s", path, strerror(errno));
    close(fd);
    bytes_free(&text);
    return rc;
}

/* ---- writing it anew ---- */

/* Marks as gone what is too old or too much, and says how many those are. */
static size_t
drop_old(struct reject_file *f, const char *since, uint64_t most)
{
    size_t dropped = 0;
    uint64_t kept = 0;
    static const size_t time_at = sizeof "{\"time\":\"" - 1;

    for (size_t i = f->n; i-- > 0;) {
        struct spot *s = &f->spots[i];
        if (s->gone || read_spot(f, s, NULL) < 0)
            continue;
        kept += s->len + 1;
        s->gone = kept > most ||
                  strncmp(f->line.at + time_at, since, strlen(since)) < 0;
        dropped += s->gone;
    }
    return dropped;
}

static bool
is_all_kept(const struct reject_file *f)
{
    if (f->marks != NULL || f->strange > 0)
        return false;
    for (size_t i = 0; i < f->n; i++)
        if (f->spots[i].gone)
            return false;
    return true;
}

static int
copy_kept(struct reject_file *f, FILE *out, struct error *err)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->spots[i].gone)
            continue;
        if (read_spot(f, &f->spots[i], err) < 0)
            return -1;
        fwrite(f->line.at, 1, f->line.len, out);
        putc('\n', out);
    }
    return 0;
}

/* What somebody added since it was read. */
static void
copy_rest(struct reject_file *f, FILE *out)
{
    char block[COPY_SIZE];
    size_t n;

    fseeko(f->in, (off_t)f->size, SEEK_SET);
    while ((n = fread(block, 1, sizeof block, f->in)) > 0) {
        fwrite(block, 1, n, out);
        f->size += n;
    }
}

static int
write_kept(struct reject_file *f, const char *name, struct error *err)
{
    FILE *out = fopen(name, "we");
    struct stat st;
    int rc = 0;

    if (out == NULL)
        return fail(err, "%s: %s", name, strerror(errno));
    if (fstat(fileno(f->in), &st) == 0)
        rc = fchmod(fileno(out), st.st_mode & 0777);
    if (copy_kept(f, out, err) < 0) {
        fclose(out);
        return -1;
    }
    copy_rest(f, out);
    if (rc < 0 || fflush(out) != 0 || ferror(out) || fsync(fileno(out)) < 0 ||
        rename(name, f->path) < 0)
        rc = fail(err, "%s: %s", name, strerror(errno));
    else
        copy_rest(f, out);
    fclose(out);
    return rc;
}

static int
compact(struct reject_file *f, const char *since, uint64_t most,
        size_t *dropped, struct error *err)
{
    char *name;
    int rc;

    *dropped = drop_old(f, since, most);
    if (is_all_kept(f))
        return 0;
    name = mem_format("%s.new", f->path);
    rc = write_kept(f, name, err);
    if (rc < 0)
        unlink(name);
    mem_free(name);
    return rc;
}

int
reject_file_compact(const char *path, const char *since, uint64_t most,
                    size_t *dropped, struct error *err)
{
    int alone = open_alone(path), rc = -1;
    struct reject_file *f;

    *dropped = 0;
    if (alone < 0)
        return errno == ENOENT ? 0 : fail(err, "%s: %s", path, strerror(errno));
    f = reject_file_open(path, err);
    if (f != NULL)
        rc = compact(f, since, most, dropped, err);
    reject_file_close(f);
    close(alone);
    return rc;
}
