/* folder.c -- the folders above a file. */
#include "base/folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

char *
folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return mem_dup(".");
    return mem_dup_bytes(path, slash == path ? 1 : (size_t)(slash - path));
}

int
folder_make_parents(const char *path, mode_t mode, struct error *err)
{
    char *copy = mem_dup(path);
    int rc = 0;

    for (char *p = copy; rc == 0 && (p = strchr(p + 1, '/')) != NULL;) {
        *p = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            rc = fail(err, "%s: %s", copy, strerror(errno));
        *p = '/';
    }
    mem_free(copy);
    return rc;
}
