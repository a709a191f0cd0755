/* gunzip.c -- the bytes in a .gz, also while it is still being written.
 *
 * A .gz is one or more members, one after the other. */
#include "input/gunzip.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#define CHUNK ((size_t)32 * 1024)

struct gunzip {
    int fd;
    off_t at; /* in the file */
    z_stream z;
    bool in_member;
    bool begun; /* there was a member */
    bool ended; /* what follows is no member any more */
    unsigned char in[CHUNK];
};

struct gunzip *
gunzip_new(int fd)
{
    struct gunzip *g = mem_new(sizeof *g);

    g->fd = fd;
    if (inflateInit2(&g->z, 15 + 16) != Z_OK) {
        mem_free(g);
        return NULL;
    }
    return g;
}

void
gunzip_free(struct gunzip *g)
{
    if (g == NULL)
        return;
    inflateEnd(&g->z);
    mem_free(g);
}

/* 0: the file has no more bytes now. */
static ssize_t
refill(struct gunzip *g, struct error *err)
{
    ssize_t n = pread(g->fd, g->in, sizeof g->in, g->at);

    if (n < 0)
        return fail(err, "%s", strerror(errno));
    g->at += n;
    g->z.next_in = g->in;
    g->z.avail_in = (unsigned)n;
    return n;
}

/* Between members: zeros fill up a block of a tape, anything else but the
 * beginning of a member is no part of the .gz. */
static void
begin_member(struct gunzip *g)
{
    while (g->begun && g->z.avail_in > 0 && *g->z.next_in == 0) {
        g->z.next_in++;
        g->z.avail_in--;
    }
    if (g->z.avail_in == 0)
        return;
    if (g->begun && *g->z.next_in != 0x1f) {
        g->ended = true;
        return;
    }
    if (g->begun)
        inflateReset(&g->z);
    g->in_member = g->begun = true;
}

static int
inflate_some(struct gunzip *g, struct error *err)
{
    int rc = inflate(&g->z, Z_NO_FLUSH);

    if (rc == Z_STREAM_END)
        g->in_member = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
        return fail(err, "not a sound .gz (%s)",
                    g->z.msg ? g->z.msg : "damaged");
    return 0;
}

ssize_t
gunzip_read(struct gunzip *g, char *bytes, size_t size, struct error *err)
{
    g->z.next_out = (unsigned char *)bytes;
    g->z.avail_out = (unsigned)size;
    while (g->z.avail_out > 0 && !g->ended) {
        if (g->z.avail_in == 0) {
            ssize_t n = refill(g, err);
            if (n < 0)
                return -1;
            if (n == 0)
                break;
        }
        if (!g->in_member)
            begin_member(g);
        else if (inflate_some(g, err) < 0)
            break;
    }
    size -= g->z.avail_out;
    /* What came before the damage is good; the next call finds it again. */
    if (size == 0 && g->in_member && g->z.avail_in > 0)
        return -1;
    return (ssize_t)size;
}

bool
gunzip_is_whole(const struct gunzip *g)
{
    return g->begun && !g->in_member;
}
