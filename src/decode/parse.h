/* parse.h -- JSON text becomes cJSON's tree, in an arena. */
#ifndef DECODE_PARSE_H
#define DECODE_PARSE_H

#include <cJSON.h>

#include "base/error.h"
#include "decode/arena.h"
#include "decode/cursor.h"

/* The one value between the cursor and its end; it lives in the arena and is
 * never deleted. NULL: it is no JSON, or more than one value; `err` says
 * where. What cJSON lets pass is left to who walks the text. */
const cJSON *parse_text(struct arena *a, const struct cursor *c,
                        struct error *err);

/* Writes "not JSON at byte N", counted from 1. */
int parse_refuse(const struct cursor *c, const char *at, struct error *err);

#endif
