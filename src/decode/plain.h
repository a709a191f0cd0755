/* plain.h -- is a line written just as the encoder would write it? */
#ifndef DECODE_PLAIN_H
#define DECODE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* True when the JSON text of a flat event, decoded and encoded again, surely
 * gives the same bytes, as OpenVidu's own lines do: no white space between
 * tokens, no value that holds values, no float, no escape spelled another way.
 * Keys that are there twice are not looked for. False says nothing. */
bool plain_is(const char *text, size_t len);

#endif
