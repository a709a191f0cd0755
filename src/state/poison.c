/* poison.c -- lines that a run did not survive, known to the next one. */
#include "state/poison.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define KEPT_S    (40 * 24 * 3600)
#define LINE_SIZE 256

struct poison {
    char *path;
    struct poisoned *list;
    size_t n;
};

static bool
parse(const char *text, struct poisoned *line)
{
    *line = (struct poisoned){ 0 };
    return sscanf(text, "%" SCNx64 " %" SCNu64 " %" SCNd64 " %d %63[^\n]",
                  &line->first_line, &line->offset, &line->when_s,
                  &line->signal, line->station) >= 4 &&
           strchr(text, '\n') != NULL;
}

static void
keep(struct poison *p, const struct poisoned *line)
{
    if (line->when_s < (int64_t)time(NULL) - KEPT_S)
        return;
    p->list = mem_grow(p->list, (p->n + 1) * sizeof *p->list);
    p->list[p->n++] = *line;
}

struct poison *
poison_open(const char *dir)
{
    struct poison *p = mem_new(sizeof *p);
    struct poisoned line;
    char text[LINE_SIZE];
    FILE *f;

    p->path = mem_format("%s/poison", dir);
    f = fopen(p->path, "re");
    while (f != NULL && fgets(text, sizeof text, f) != NULL)
        if (parse(text, &line))
            keep(p, &line);
    if (f != NULL)
        fclose(f);
    return p;
}

void
poison_free(struct poison *p)
{
    if (p == NULL)
        return;
    mem_free(p->path);
    mem_free(p->list);
    mem_free(p);
}

size_t
poison_since(const struct poison *p, int64_t when_s)
{
    size_t count = 0;

    for (size_t i = 0; i < p->n; i++)
        count += p->list[i].when_s >= when_s;
    return count;
}

const struct poisoned *
poison_find(const struct poison *p, uint64_t first_line, uint64_t offset)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->list[i].offset == offset && p->list[i].first_line == first_line)
            return &p->list[i];
    return NULL;
}

const struct poisoned *
poison_last(const struct poison *p)
{
    return p->n > 0 ? &p->list[p->n - 1] : NULL;
}

/* ---- in a signal handler, where printf may not be used ---- */

static char *
put_number(char *to, uint64_t n, unsigned base)
{
    char digits[24];
    size_t at = sizeof digits;

    do {
        digits[--at] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n > 0);
    memcpy(to, digits + at, sizeof digits - at);
    to += sizeof digits - at;
    *to++ = ' ';
    return to;
}

int
poison_add(const struct poison *p, const struct poisoned *line)
{
    char text[LINE_SIZE] = "\n", *end = text + 1; /* behind a torn one */
    size_t len = strnlen(line->station, sizeof line->station - 1);
    ssize_t wrote;
    int fd;

    end = put_number(end, line->first_line, 16);
    end = put_number(end, line->offset, 10);
    end = put_number(end, (uint64_t)line->when_s, 10);
    end = put_number(end, (uint64_t)line->signal, 10);
    memcpy(end, line->station, len);
    end += len;
    *end++ = '\n';
    fd = open(p->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    wrote = write(fd, text, (size_t)(end - text));
    close(fd);
    return wrote == end - text ? 0 : -1;
}
