/* fault.c -- what is wrong, and with which field. */
#include "decode/fault.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int
fault_stop(struct fault *f, const char *reason)
{
    f->reason = reason;
    return -1;
}

int
fault_in_field(struct fault *f, const char *name, size_t len)
{
    bool dot = f->path[0] != '\0' && f->path[0] != '[';
    size_t old = strlen(f->path) + 1;

    if (len >= sizeof f->path || len + dot + old > sizeof f->path)
        return -1;
    memmove(f->path + len + dot, f->path, old);
    memcpy(f->path, name, len);
    if (dot)
        f->path[len] = '.';
    return -1;
}

int
fault_in_element(struct fault *f, long i)
{
    char name[32];
    int len = snprintf(name, sizeof name, "[%ld]", i);

    return fault_in_field(f, name, (size_t)len);
}

int
fault_tell(const struct fault *f, struct error *err)
{
    if (f->path[0] == '\0')
        return fail(err, "%s", f->reason);
    return fail(err, "field \"%s\": %s", f->path, f->reason);
}
