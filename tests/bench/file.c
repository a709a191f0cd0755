/* file.c -- reads a file's lines and writes them to another, or only reads
 * them, to compare cdrlua's sink with: `file copy FROM TO`, `file read FROM`.
 * As cdrlua it reads 64 KiB and writes 256 KiB at a time, and appends. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE 65536
#define BATCH_SIZE 262144

struct copy {
    int in, out; /* -1: nothing is written */
    char read[2 * BLOCK_SIZE], written[BATCH_SIZE + BLOCK_SIZE];
    size_t have, waiting;
    unsigned long lines;
};

static void
die(const char *what)
{
    perror(what);
    exit(1);
}

static void
flush(struct copy *c)
{
    if (c->out >= 0 &&
        write(c->out, c->written, c->waiting) != (ssize_t)c->waiting)
        die("write");
    c->waiting = 0;
}

static void
put_line(struct copy *c, const char *line, size_t len)
{
    c->lines++;
    if (c->out < 0)
        return;
    if (len > BLOCK_SIZE)
        die("a line that is too long");
    memcpy(c->written + c->waiting, line, len);
    c->waiting += len;
    if (c->waiting >= BATCH_SIZE)
        flush(c);
}

/* False at the end. */
static bool
read_lines(struct copy *c)
{
    char *line = c->read, *end, *newline;
    ssize_t n = read(c->in, c->read + c->have, BLOCK_SIZE);

    if (n <= 0)
        return false;
    end = c->read + c->have + n;
    for (; (newline = memchr(line, '\n', (size_t)(end - line))) != NULL;
         line = newline + 1)
        put_line(c, line, (size_t)(newline - line) + 1);
    c->have = (size_t)(end - line);
    memmove(c->read, line, c->have);
    return true;
}

int
main(int argc, char **argv)
{
    static struct copy c = { .out = -1 };
    int flags = O_WRONLY | O_APPEND | O_CREAT;

    if (argc < 3 || (strcmp(argv[1], "copy") == 0) != (argc == 4))
        return 2;
    c.in = open(argv[2], O_RDONLY);
    if (c.in < 0)
        die(argv[2]);
    if (argc == 4 && (c.out = open(argv[3], flags, 0640)) < 0)
        die(argv[3]);
    while (read_lines(&c))
        continue;
    flush(&c);
    printf("%lu lines\n", c.lines);
    return 0;
}
