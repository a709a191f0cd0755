/* json.h -- JSON text becomes a Lua value. */
#ifndef DECODE_JSON_H
#define DECODE_JSON_H

#include "decode/decoder.h"

/* Both leave the value on top of the decoder's own thread: 0, or -1 with the
 * reason and whatever they had built left there. */
int json_value(struct decoder *d, const char *text, size_t len,
               struct error *err);
int json_event(struct decoder *d, const struct record_peek *peek,
               struct error *err);

#endif
