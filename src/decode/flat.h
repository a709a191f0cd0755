/* flat.h -- the lines that need no parser: flat events of a known layout. */
#ifndef DECODE_FLAT_H
#define DECODE_FLAT_H

#include "decode/decoder.h"

/* One pass over a CDR line whose keys came in this order before and whose
 * values are strings, integers, true, false and null. True: the event is on
 * top of the decoder's own thread, the same as json_event would give. False:
 * the line has something else, or something wrong, and is the parser's. */
bool flat_event(struct decoder *d, const struct record_peek *peek);

#endif
