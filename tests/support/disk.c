/* disk.c -- a disk that refuses, preloaded into the program.
 *
 * The file that TEST_DISK names is not brought to the disk while there is one
 * beside it with ".broken" behind its name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int
fdatasync(int fd)
{
    const char *path = getenv("TEST_DISK");
    struct stat is, named;
    char broken[4096];

    snprintf(broken, sizeof broken, "%s.broken", path);
    if (access(broken, F_OK) == 0 && fstat(fd, &is) == 0 &&
        stat(path, &named) == 0 && is.st_ino == named.st_ino) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}
