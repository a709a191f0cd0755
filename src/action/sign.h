/* sign.h -- proves to a receiver who sent a body, and when (the scheme of
 * Standard Webhooks: HMAC-SHA256 over "ID.SECONDS.BODY"). */
#ifndef ACTION_SIGN_H
#define ACTION_SIGN_H

#include <stdint.h>

#include "action/message.h"
#include "base/error.h"
#include "base/mem.h"

/* Adds the key of a secret: its bytes, or what is behind "whsec_" in base64.
 * -1: it is empty, or no base64. */
int sign_key(const char *secret, struct bytes *key, struct error *err);

/* Adds "v1,SIGNATURE" in base64, a space before it where something stands. */
void sign_add(struct bytes *out, const struct bytes *key, const char *id,
              int64_t seconds, struct span body);

#endif
