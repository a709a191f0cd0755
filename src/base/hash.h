/* hash.h -- hashes that are the same on every machine (XXH3, by xxhash). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of no bytes at all is a number like any other. */
uint64_t hash_bytes(const void *bytes, size_t len);

/* What an id is made of: 128 bits as 32 hexadecimal digits and a NUL. */
#define HASH_ID_SIZE 33
void hash_id(char id[HASH_ID_SIZE], uint64_t seed, const void *bytes,
             size_t len);

#endif
