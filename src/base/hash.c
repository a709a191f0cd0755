/* hash.c -- hashes that are the same on every machine (XXH3, by xxhash). */
#include "base/hash.h"

#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
hash_bytes(const void *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}

void
hash_id(char id[HASH_ID_SIZE], uint64_t seed, const void *bytes, size_t len)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(bytes, len, seed);

    snprintf(id, HASH_ID_SIZE, "%016llx%016llx", (unsigned long long)h.high64,
             (unsigned long long)h.low64);
}
