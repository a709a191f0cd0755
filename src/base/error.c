/* error.c -- one sentence about what went wrong, in the caller's memory. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int
fail(struct error *err, const char *fmt, ...)
{
    va_list args;

    if (err == NULL)
        return -1;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    return -1;
}
