/* add.c -- what a user names becomes something to read. */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "input/follow.h"
#include "input/input.h"
#include "input/series.h"
#include "input/stream.h"

static struct input *
add_input(struct tail *t, const char *dir)
{
    size_t size = (t->n_inputs + 1) * sizeof *t->inputs;

    t->inputs = mem_grow(t->inputs, size);
    t->inputs[t->n_inputs] = input_new(t, dir);
    return t->inputs[t->n_inputs++];
}

static int
add_stream(struct tail *t, const char *path, struct error *err)
{
    size_t size = (t->n_streams + 1) * sizeof *t->streams;
    struct stream *s = stream_new(t, path, err);

    if (s == NULL)
        return -1;
    t->streams = mem_grow(t->streams, size);
    t->streams[t->n_streams++] = s;
    return 0;
}

/* A new string: what stands before the name, "" for nothing. */
static char *
dir_part(const char *path)
{
    return mem_dup_bytes(path, (size_t)(base_name(path) - path));
}

static int
add_dir(struct tail *t, const char *path, struct error *err)
{
    struct input *in;

    if (access(path, R_OK | X_OK) < 0)
        return fail(err, "%s: %s", path, strerror(errno));
    in = add_input(t, path);
    in->is_glob = true;
    input_add_pattern(in, "CDR.*.log");
    input_add_pattern(in, "CDR.*.log.gz");
    return 0;
}

/* The input that this OpenVidu file goes into: a shell made several arguments
 * of one glob. */
static struct input *
find_series(struct tail *t, const char *dir)
{
    for (size_t i = 0; i < t->n_inputs; i++) {
        struct input *in = t->inputs[i];
        if (in->openvidu && strcmp(in->shown_dir, dir) == 0)
            return in;
    }
    return NULL;
}

static int
add_file(struct tail *t, const char *path, struct error *err)
{
    const char *name = base_name(path);
    bool openvidu = series_is_openvidu(name);
    struct input *in;
    char *dir;

    if (access(path, R_OK) < 0)
        return fail(err, "%s: %s", path, strerror(errno));
    dir = dir_part(path);
    in = openvidu ? find_series(t, dir) : NULL;
    if (in == NULL)
        in = add_input(t, dir);
    in->openvidu = openvidu;
    input_add_pattern(in, name);
    mem_free(dir);
    return 0;
}

static bool
is_glob(const char *path)
{
    return strpbrk(path, "*?[") != NULL;
}

static int
add_glob_in(struct tail *t, const char *dir, const char *pattern,
            struct error *err)
{
    struct input *in = add_input(t, dir);
    struct stat st;

    in->is_glob = true;
    input_add_pattern(in, pattern);
    if (stat(in->dir, &st) < 0)
        return fail(err, "%s%s: %s", dir, pattern, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return fail(err, "%s: %s", dir, strerror(ENOTDIR));
    return 0;
}

static int
check_matches(struct tail *t, const char *path, struct error *err)
{
    glob_t found;
    int rc;

    if (!t->options.once)
        return 0;
    rc = glob(path, 0, NULL, &found);
    if (rc == 0)
        globfree(&found);
    return rc == 0 ? 0 : fail(err, "%s: no file has such a name", path);
}

/* The names of the directories may hold wildcards, too: those that are there
 * now count. */
static int
add_glob(struct tail *t, const char *path, struct error *err)
{
    char *dir = dir_part(path);
    glob_t dirs;
    int rc = 0;

    if (!is_glob(dir)) {
        rc = add_glob_in(t, dir, base_name(path), err);
    } else if (glob(dir, 0, NULL, &dirs) != 0) {
        rc = fail(err, "%s: %s", path, strerror(ENOENT));
    } else {
        for (size_t i = 0; i < dirs.gl_pathc && rc == 0; i++)
            rc = add_glob_in(t, dirs.gl_pathv[i], base_name(path), err);
        globfree(&dirs);
    }
    mem_free(dir);
    return rc < 0 ? -1 : check_matches(t, path, err);
}

int
tail_add(struct tail *t, const char *input, struct error *err)
{
    struct stat st;

    if (strcmp(input, "-") == 0)
        return add_stream(t, input, err);
    if (stat(input, &st) < 0)
        return is_glob(input) ? add_glob(t, input, err)
                              : fail(err, "%s: %s", input, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return add_dir(t, input, err);
    if (S_ISREG(st.st_mode))
        return add_file(t, input, err);
    if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
        return add_stream(t, input, err);
    return fail(err, "%s: not a file that can be read", input);
}
