/* mmdb.c -- one geolocation database in memory (by libmaxminddb).
 *
 * The library maps the file that it opens, and a map of a file that somebody
 * truncates kills the process (SIGBUS). So it is given a copy that nobody else
 * can reach: an anonymous file in memory, opened by its name under /proc. */
#include "action/mmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

struct mmdb {
    MMDB_s lib;
};

/* ---- the copy ---- */

static int
copy_bytes(int to, int from, off_t size)
{
    off_t done = 0;

    while (done < size) {
        ssize_t n = sendfile(to, from, NULL, (size_t)(size - done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        done += n;
    }
    return 0;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Metadata stand at the end. A file without them is not copied, however long
 * it may be. */
#define METADATA_MOST ((off_t)128 << 10)
static bool
has_metadata(int fd, off_t size)
{
    static const char mark[] = "\xab\xcd\xefMaxMind.com";
    size_t most = (size_t)(size < METADATA_MOST ? size : METADATA_MOST);
    char *end = mem_new(most + 1);
    ssize_t n = pread(fd, end, most, size - (off_t)most);
    bool has = n > 0 && memmem(end, (size_t)n, mark, sizeof mark - 1) != NULL;

    mem_free(end);
    return has;
}

static int
copy_open(int to, int from, const char *path, struct error *err)
{
    struct stat before, after;

    if (fstat(from, &before) < 0)
        return fail(err, "%s: %s", path, strerror(errno));
    if (!S_ISREG(before.st_mode))
        return fail(err, "%s: is not a file", path);
    if (!has_metadata(from, before.st_size))
        return fail(err,
                    "%s: is no whole geolocation database: there are no "
                    "metadata at its end",
                    path);
    errno = 0;
    if (copy_bytes(to, from, before.st_size) < 0 && errno != 0)
        return fail(err, "%s: %s", path, strerror(errno));
    if (fstat(from, &after) < 0 || !is_same(&before, &after))
        return fail(err, "%s: changes while it is read", path);
    return 0;
}

/* A file in memory with what is in the file now; -1: the sentence says why. */
static int
copy(const char *path, struct error *err)
{
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), to = -1;

    if (from < 0)
        return fail(err, "%s: %s", path, strerror(errno));
    to = memfd_create("cdrlua-geo", MFD_CLOEXEC);
    if (to < 0)
        fail(err, "%s: no memory file: %s", path, strerror(errno));
    else if (copy_open(to, from, path, err) < 0) {
        close(to);
        to = -1;
    }
    close(from);
    return to;
}

/* ---- opening ---- */

static bool
is_absent(int status)
{
    return status == MMDB_SUCCESS || status == MMDB_INVALID_LOOKUP_PATH_ERROR ||
           status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR;
}

static int
try_out(const MMDB_s *lib, uint32_t address)
{
    static const char *const path[] = { "country", "names", "en", NULL };
    struct sockaddr_in to = { .sin_family = AF_INET };
    MMDB_lookup_result_s found;
    MMDB_entry_data_s data;
    int status;

    to.sin_addr.s_addr = htonl(address);
    found = MMDB_lookup_sockaddr(lib, (struct sockaddr *)&to, &status);
    if (status != MMDB_SUCCESS || !found.found_entry)
        return status;
    status = MMDB_aget_value(&found.entry, &data, path);
    return is_absent(status) ? MMDB_SUCCESS : status;
}

/* A whole search would take seconds; a torn file is found by a few. */
#define TRIES 64
static int
check(const MMDB_s *lib)
{
    int status = MMDB_SUCCESS;

    for (uint32_t i = 0; i < TRIES && status == MMDB_SUCCESS; i++)
        status = try_out(lib, i * (UINT32_MAX / TRIES) + 0x010101);
    return status;
}

static int
open_copy(MMDB_s *lib, int fd, const char *path, struct error *err)
{
    char name[64];
    int status;

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    status = MMDB_open(name, MMDB_MODE_MMAP, lib);
    if (status == MMDB_SUCCESS) {
        status = check(lib);
        if (status != MMDB_SUCCESS)
            MMDB_close(lib);
    }
    if (status == MMDB_SUCCESS)
        return 0;
    return fail(err, "%s: is no whole geolocation database: %s", path,
                MMDB_strerror(status));
}

struct mmdb *
mmdb_open(const char *path, struct error *err)
{
    int fd = copy(path, err), got;
    struct mmdb *db;

    if (fd < 0)
        return NULL;
    db = mem_new(sizeof *db);
    got = open_copy(&db->lib, fd, path, err);
    close(fd);
    if (got == 0)
        return db;
    mem_free(db);
    return NULL;
}

void
mmdb_close(struct mmdb *db)
{
    if (db == NULL)
        return;
    MMDB_close(&db->lib);
    mem_free(db);
}

/* The library wants some number there; who knows none writes a small one. */
#define FORMAT_BEGAN 1325376000 /* 2012 */

uint64_t
mmdb_epoch(const struct mmdb *db)
{
    uint64_t epoch = db->lib.metadata.build_epoch;

    return epoch < FORMAT_BEGAN ? 0 : epoch;
}

/* ---- asking ---- */

static MMDB_lookup_result_s
find4(const struct mmdb *db, const struct address *a, int *status)
{
    struct sockaddr_in to = { .sin_family = AF_INET };

    memcpy(&to.sin_addr, a->bytes, 4);
    return MMDB_lookup_sockaddr(&db->lib, (struct sockaddr *)&to, status);
}

static MMDB_lookup_result_s
find6(const struct mmdb *db, const struct address *a, int *status)
{
    struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

    memcpy(&to.sin6_addr, a->bytes, 16);
    return MMDB_lookup_sockaddr(&db->lib, (struct sockaddr *)&to, status);
}

/* IPv6 in a database of IPv4 is an error to the library, and nothing to us. */
bool
mmdb_find(const struct mmdb *db, const struct address *a, uint32_t *entry)
{
    int status;
    MMDB_lookup_result_s found =
        a->len == 4 ? find4(db, a, &status) : find6(db, a, &status);

    if (status != MMDB_SUCCESS || !found.found_entry)
        return false;
    *entry = found.entry.offset;
    return true;
}

/* The shortest number that is this float: 40.416, not 40.4160004. */
static double
shortest(float f)
{
    char text[32];

    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)f);
        if (strtof(text, NULL) == f)
            break;
    }
    return strtod(text, NULL);
}

static bool
number(struct mmdb_value *value, double n)
{
    value->kind = MMDB_NUMBER;
    value->number = n;
    return true;
}

static bool
whole(struct mmdb_value *value, uint64_t n)
{
    value->kind = MMDB_WHOLE;
    value->whole = n;
    return true;
}

static bool
convert(const MMDB_entry_data_s *data, struct mmdb_value *value)
{
    switch (data->type) {
    case MMDB_DATA_TYPE_UTF8_STRING:
        value->kind = MMDB_TEXT;
        value->text = data->utf8_string;
        value->len = data->data_size;
        return value->len > 0;
    case MMDB_DATA_TYPE_DOUBLE:
        return number(value, data->double_value);
    case MMDB_DATA_TYPE_FLOAT:
        return number(value, shortest(data->float_value));
    case MMDB_DATA_TYPE_UINT16:
        return whole(value, data->uint16);
    case MMDB_DATA_TYPE_UINT32:
        return whole(value, data->uint32);
    case MMDB_DATA_TYPE_UINT64:
        return whole(value, data->uint64);
    default:
        return false;
    }
}

bool
mmdb_value(const struct mmdb *db, uint32_t entry, const char *const *path,
           struct mmdb_value *value)
{
    MMDB_entry_s start = { &db->lib, entry };
    MMDB_entry_data_s data;

    return MMDB_aget_value(&start, &data, path) == MMDB_SUCCESS &&
           data.has_data && convert(&data, value);
}
