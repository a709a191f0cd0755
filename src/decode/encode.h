/* encode.h -- a Lua value becomes JSON text. */
#ifndef DECODE_ENCODE_H
#define DECODE_ENCODE_H

#include "decode/decoder.h"

/* Both take the value on top of the decoder's own thread and leave it there.
 * -1: `err` says why, and `out` may have half of it. */
int encode_value(struct decoder *d, struct bytes *out, struct error *err);
int encode_event(struct decoder *d, enum record_form form, struct bytes *out,
                 struct error *err);

#endif
