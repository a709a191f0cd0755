/* hash.c -- hashes that are the same on every machine (XXH3, by xxhash). */
#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
hash_bytes(const void *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}

static void
put_hex(char *to, uint64_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 14; i >= 0; i -= 2, n >>= 8) {
        to[i] = digits[n >> 4 & 15];
        to[i + 1] = digits[n & 15];
    }
}

void
hash_id(char id[HASH_ID_SIZE], uint64_t seed, const void *bytes, size_t len)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(bytes, len, seed);

    put_hex(id, h.high64);
    put_hex(id + 16, h.low64);
    id[HASH_ID_SIZE - 1] = '\0';
}
