/* mime.h -- text of any kind in a mail, which is lines of ASCII. */
#ifndef ACTION_MIME_H
#define ACTION_MIME_H

#include "action/message.h"
#include "base/mem.h"

/* Adds what stands behind the colon of a header: as it is where it is short
 * printable ASCII, else as encoded words (RFC 2047), one a line. Newlines and
 * other control characters become "?", so that nothing can begin a header. */
void mime_add_words(struct bytes *out, struct span text);

/* The same for a name before an address: of letters, digits and spaces. */
void mime_add_phrase(struct bytes *out, struct span text);

/* Adds a body as quoted-printable (RFC 2045): lines of 76 characters at most,
 * each ended by CRLF, none begun by a dot. What is not UTF-8 loses the bytes
 * that are not ASCII. */
void mime_add_body(struct bytes *out, struct span text);

#endif
