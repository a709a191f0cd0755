/* path.c -- where an output file is, and its folders. */
#include "action/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/mem.h"

#define PREFIX "file://"

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

/* Schemes that need no slashes; a file of such a name is "./sqlite:x". */
static bool
is_bare(const char *dest, size_t n)
{
    static const char *const bare[] = { "sqlite", "unix", "syslog" };

    for (size_t i = 0; dest[n] == ':' && i < sizeof bare / sizeof *bare; i++)
        if (strlen(bare[i]) == n && strncmp(dest, bare[i], n) == 0)
            return true;
    return false;
}

size_t
path_scheme(const char *dest)
{
    size_t n = strcspn(dest, ":/");

    return strncmp(dest + n, "://", 3) == 0 || is_bare(dest, n) ? n : 0;
}

const char *
path_behind_scheme(const char *dest)
{
    size_t n = path_scheme(dest);

    if (n == 0)
        return dest;
    return dest + n + (strncmp(dest + n, "://", 3) == 0 ? 3 : 1);
}

const char *
path_part(const char *dest)
{
    size_t len = strlen(PREFIX);

    return strncmp(dest, PREFIX, len) == 0 ? dest + len : dest;
}

bool
path_is_folder(const char *dest)
{
    const char *path = path_part(dest);
    size_t len = strlen(path);
    struct stat st;

    if (strcmp(dest, "-") == 0 || (path == dest && path_scheme(dest) > 0))
        return false;
    if (len > 0 && path[len - 1] == '/')
        return true;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
drop_slashes(char *path)
{
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/';)
        path[--len] = '\0';
}

char *
path_folder(const char *dest, struct error *err)
{
    char *name = mem_dup(path_part(dest));
    char *real, *path = NULL, *folder = NULL;

    drop_slashes(name);
    real = realpath(name, NULL);
    if (real == NULL)
        path = path_absolute(name, err);
    if (real != NULL || path != NULL)
        folder = mem_format("%s/", real ? real : path);
    if (folder != NULL && strcmp(folder, "//") == 0)
        folder[1] = '\0';
    free(real);
    mem_free(path);
    mem_free(name);
    return folder;
}

char *
path_shown(const char *dest)
{
    size_t scheme = path_scheme(dest);
    const char *host = path_behind_scheme(dest);
    size_t until = strcspn(host, "?#"), authority = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', authority);

    if (scheme == 0 || is_bare(dest, scheme))
        return mem_dup(dest);
    if (at != NULL) {
        until -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    return mem_format("%.*s://%.*s", (int)scheme, dest, (int)until, host);
}

void
path_sync_parent(const char *path)
{
    char *dir = folder_of(path);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    mem_free(dir);
}

bool
path_is_port(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    return *text >= '0' && *text <= '9' && *end == '\0' && n > 0 && n < 65536;
}
