/* mem.c -- memory that is there, and a row of bytes that grows. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
there(void *p)
{
    if (p == NULL) {
        fputs("cdrlua: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *
mem_new(size_t size)
{
    return there(calloc(1, size ? size : 1));
}

void *
mem_grow(void *old, size_t size)
{
    return there(realloc(old, size ? size : 1));
}

char *
mem_dup(const char *text)
{
    return mem_dup_bytes(text, strlen(text));
}

char *
mem_dup_bytes(const void *bytes, size_t len)
{
    char *copy = there(malloc(len + 1));

    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *
mem_format(const char *fmt, ...)
{
    struct bytes b = { 0 };
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    va_start(args, fmt);
    vsnprintf(bytes_room(&b, (size_t)len + 1), (size_t)len + 1, fmt, args);
    va_end(args);
    return b.at;
}

void
mem_free(void *p)
{
    free(p);
}

char *
bytes_room(struct bytes *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 256;

    if (b->cap - b->len < more || b->at == NULL) {
        while (cap - b->len < more)
            cap *= 2;
        b->at = mem_grow(b->at, cap);
        b->cap = cap;
    }
    return b->at + b->len;
}

void
bytes_add(struct bytes *b, const void *from, size_t len)
{
    if (len == 0)
        return;
    memcpy(bytes_room(b, len), from, len);
    b->len += len;
}

void
bytes_add_text(struct bytes *b, const char *text)
{
    bytes_add(b, text, strlen(text));
}

void
bytes_add_format(struct bytes *b, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    va_start(args, fmt);
    vsnprintf(bytes_room(b, (size_t)len + 1), (size_t)len + 1, fmt, args);
    va_end(args);
    b->len += (size_t)len;
}

void
bytes_drop(struct bytes *b, size_t n)
{
    if (n < b->len)
        memmove(b->at, b->at + n, b->len - n);
    b->len -= n;
}

void
bytes_free(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){ 0 };
}
