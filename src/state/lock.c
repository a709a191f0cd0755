/* lock.c -- a directory that one process has for itself. */
#include "state/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/mem.h"

static int
in_use(int fd, const char *dir, struct error *err)
{
    char text[16] = "";
    int pid;

    if (pread(fd, text, sizeof text - 1, 0) > 0 &&
        sscanf(text, "%d", &pid) == 1)
        return fail(err, "%s: in use by process %d", dir, pid);
    return fail(err, "%s: in use by another process", dir);
}

/* On a full disk the number is missing, and nothing else. */
static void
write_number(int fd)
{
    if (ftruncate(fd, 0) == 0)
        dprintf(fd, "%d\n", (int)getpid());
}

static int
take(int fd, const char *dir, struct error *err)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_number(fd);
        return 0;
    }
    if (errno == EWOULDBLOCK)
        return in_use(fd, dir, err);
    return fail(err, "%s: cannot be locked: %s", dir, strerror(errno));
}

int
lock_directory(const char *dir, struct error *err)
{
    char *path = mem_format("%s/lock", dir);
    int fd = -1;

    if (folder_make_parents(path, 0700, err) < 0)
        goto done;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        fail(err, "%s: not writable: %s", dir, strerror(errno));
    } else if (take(fd, dir, err) < 0) {
        close(fd);
        fd = -1;
    }
done:
    mem_free(path);
    return fd;
}
