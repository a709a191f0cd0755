/* plain.h -- strings that are spelled just as the encoder spells them. */
#ifndef DECODE_PLAIN_H
#define DECODE_PLAIN_H

#include <stdbool.h>

/* Behind the closing quote of the string whose first byte is `p`, and whether
 * there are escapes in it; NULL when it is not plain. */
const char *plain_string(const char *p, const char *end, bool *escaped);

#endif
