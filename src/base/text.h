/* text.h -- words compared, and text as JSON, lines and base64 have it. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* Adds `text` in double quotes, as RFC 8259 and OpenVidu's writer (Gson) have
 * it: only `"`, `\`, control characters and U+2028/U+2029 are escaped, bytes
 * that are not UTF-8 go through as they are. */
void text_quote(struct bytes *out, const char *text, size_t len);

/* Whether U+2028 or U+2029 stands at `p`, which text_quote escapes. */
bool text_is_line_separator(const char *p, const char *end);

/* The code of the escape `\uXXXX` that is at `p`; -1: there is none. */
int text_code(const char *p, const char *end);

/* Adds what the JSON string stands for whose spelling between its quotes is
 * `text`; that is never longer. False: an escape in it is none, or half a
 * surrogate pair. */
bool text_unquote(struct bytes *out, const char *text, size_t len);

/* Adds `text` so that it is one line of UTF-8: control characters, and in bytes
 * that are not UTF-8 all that is not ASCII, become "?". */
void text_add_line(struct bytes *out, const char *text, size_t len);

/* Adds the bytes in base64 (RFC 4648, section 4). */
void text_add_base64(struct bytes *out, const void *bytes, size_t len);

/* How many of the bytes go into `most`, no character of UTF-8 cut in two. */
size_t text_cut(const char *text, size_t len, size_t most);

/* Whether the bytes are well-formed UTF-8. */
bool text_is_utf8(const char *text, size_t len);

/* The word of the list (ended by NULL) that was probably meant: at most `most`
 * letters other, missing or too many. NULL when none is near. */
const char *text_nearest(const char *word, const char *const *list,
                         size_t most);

/* Of the two that which goes with such a number. */
const char *text_plural(uint64_t n, const char *one, const char *more);

#endif
