/* half_line.c -- the half line that a kill left at the end of an output. */
#include "action/half_line.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE 4096

static bool
is_newline(int fd, off_t at)
{
    char c;

    return pread(fd, &c, 1, at) == 1 && c == '\n';
}

/* Behind the last newline between the two, or -1. */
static off_t
last_line_end(int fd, off_t from, off_t end)
{
    char block[BLOCK_SIZE];

    while (end > from) {
        off_t at = end - from > BLOCK_SIZE ? end - BLOCK_SIZE : from;
        size_t len = (size_t)(end - at);
        const char *newline;

        if (pread(fd, block, len, at) != (ssize_t)len)
            return -1;
        newline = memrchr(block, '\n', len);
        if (newline != NULL)
            return at + (newline - block) + 1;
        end = at;
    }
    return -1;
}

/* Where `known` stands in the middle of a line, it was the end of a line in
 * some other file of that name. */
static off_t
place_to_cut(int fd, off_t known, off_t size)
{
    off_t end;

    if (known < 0)
        return -1;
    end = last_line_end(fd, known, size);
    if (end < 0 && (known == 0 || is_newline(fd, known - 1)))
        end = known;
    return end;
}

bool
half_line_cut(int fd, const char *path, int64_t known)
{
    struct stat st;
    bool half = true;
    off_t end;
    int in;

    if (fstat(fd, &st) < 0 || st.st_size == 0)
        return false;
    in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (in < 0)
        return st.st_size != known; /* an empty line does less harm */
    if (is_newline(in, st.st_size - 1)) {
        half = false;
    } else {
        end = place_to_cut(in, known, st.st_size);
        if (end >= 0)
            half = ftruncate(fd, end) < 0;
    }
    close(in);
    return half;
}
