/* mem.h -- memory that is there, and a row of bytes that grows. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* No memory is no case that a caller can handle: these abort, with a line on
 * standard error. Whatever a stranger can make large has a limit of its own
 * long before. All are given back with mem_free, which takes NULL. */
void *mem_new(size_t size); /* zeroed */
void *mem_grow(void *old, size_t size);
char *mem_dup(const char *text);
char *mem_dup_bytes(const void *bytes, size_t len); /* NUL added behind */
char *mem_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *p);

/* A row of bytes. All zero is an empty one; bytes_free makes it that again.
 * `at` moves whenever the row grows. */
struct bytes {
    char *at;
    size_t len, cap;
};

/* Makes room for `more` bytes behind the last and returns where they go; the
 * caller adds to `len` what it wrote. */
char *bytes_room(struct bytes *b, size_t more);
void bytes_add(struct bytes *b, const void *from, size_t len);
void bytes_add_text(struct bytes *b, const char *text);
void bytes_add_format(struct bytes *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes the first `n` bytes away. */
void bytes_drop(struct bytes *b, size_t n);
void bytes_free(struct bytes *b);

#endif
