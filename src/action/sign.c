/* sign.c -- proves to a receiver who sent a body, and when. */
#include "action/sign.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/text.h"

#define PREFIX "whsec_"

/* Base64 is decoded in whole quartets, padding as zero bytes. */
static int
decode(const char *text, struct bytes *key)
{
    size_t len = strlen(text);
    size_t padding = len - strcspn(text, "=");
    char *to = bytes_room(key, len + 1);
    int n = EVP_DecodeBlock((unsigned char *)to, (const unsigned char *)text,
                            (int)len);

    if (n <= 0 || padding > 2)
        return -1;
    key->len += (size_t)n - padding;
    return 0;
}

int
sign_key(const char *secret, struct bytes *key, struct error *err)
{
    size_t len = strlen(PREFIX);

    if (strncmp(secret, PREFIX, len) != 0)
        bytes_add_text(key, secret);
    else if (decode(secret + len, key) < 0)
        return fail(err, "no base64 behind " PREFIX);
    return key->len > 0 ? 0 : fail(err, "is empty");
}

void
sign_add(struct bytes *out, const struct bytes *key, const char *id,
         int64_t seconds, struct span body)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    struct bytes text = { 0 };
    unsigned n = 0;

    bytes_add_format(&text, "%s.%" PRId64 ".", id, seconds);
    bytes_add(&text, body.at, body.len);
    HMAC(EVP_sha256(), key->at, (int)key->len, (unsigned char *)text.at,
         text.len, hash, &n);
    bytes_free(&text);
    bytes_add_text(out, out->len > 0 ? " v1," : "v1,");
    text_add_base64(out, hash, n);
}
