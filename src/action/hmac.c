/* hmac.c -- a keyed hash: HMAC-SHA256 (by OpenSSL). */
#include "action/hmac.h"

#include <assert.h>
#include <openssl/hmac.h>
#include <stdio.h>

void
hmac_text(char out[HMAC_TEXT_SIZE], const char *key, size_t key_len,
          const char *text, size_t len)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, len,
         hash, &n);
    assert(n * 2 + 1 == HMAC_TEXT_SIZE);
    for (unsigned i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}
