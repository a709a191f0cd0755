/* folder.c -- folders that are missing. */
#include "base/folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

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
