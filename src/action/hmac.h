/* hmac.h -- a keyed hash: HMAC-SHA256 (by OpenSSL). */
#ifndef ACTION_HMAC_H
#define ACTION_HMAC_H

#include <stddef.h>

/* The hash as 64 hexadecimal digits and a NUL. */
#define HMAC_TEXT_SIZE 65
void hmac_text(char out[HMAC_TEXT_SIZE], const char *key, size_t key_len,
               const char *text, size_t len);

#endif
