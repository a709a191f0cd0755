/* error.h -- one sentence about what went wrong, in the caller's memory. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* The sentence begins with the thing it is about, as in "PATH: CAUSE", and
 * ends without a full stop. */
struct error {
    char text[512];
};

/* Writes the sentence and returns -1, so that a function can end in
 * `return fail(err, "%s: %s", path, strerror(errno));`. `err` may be NULL.
 * What does not fit is cut off. */
int fail(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
