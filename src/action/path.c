/* path.c -- where an output file is, and its folders. */
#include "action/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* The folders that are missing will be plain ones once they are made, so what
 * is behind the last one that is there stays as it is. */
static char *
resolve(const char *path)
{
    char *prefix = mem_dup(path);
    char *real = NULL;
    char *slash;
    char *whole;

    while (real == NULL && (slash = strrchr(prefix, '/')) != NULL) {
        *slash = '\0';
        real = realpath(slash == prefix ? "/" : prefix, NULL);
    }
    if (real == NULL)
        whole = mem_dup(path);
    else
        whole = mem_format("%s%s", strcmp(real, "/") == 0 ? "" : real,
                           path + (slash - prefix));
    free(real);
    mem_free(prefix);
    return whole;
}

char *
path_absolute(const char *name, struct error *err)
{
    char *here = NULL;
    char *path = NULL;

    if (name[0] == '/')
        return resolve(name);
    here = getcwd(NULL, 0);
    if (here == NULL) {
        fail(err, "%s: the current folder: %s", name, strerror(errno));
    } else {
        char *joined = mem_format("%s/%s", here, name);

        path = resolve(joined);
        mem_free(joined);
    }
    free(here);
    return path;
}

int
path_make_parents(const char *path, struct error *err)
{
    char *copy = mem_dup(path);
    int rc = 0;

    for (char *p = copy; rc == 0 && (p = strchr(p + 1, '/')) != NULL;) {
        *p = '\0';
        if (mkdir(copy, 0750) < 0 && errno != EEXIST)
            rc = fail(err, "%s: %s", copy, strerror(errno));
        *p = '/';
    }
    mem_free(copy);
    return rc;
}

void
path_sync_parent(const char *path)
{
    char *copy = mem_dup(path);
    char *slash = strrchr(copy, '/');
    int fd;

    slash[slash == copy ? 1 : 0] = '\0';
    fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    mem_free(copy);
}
