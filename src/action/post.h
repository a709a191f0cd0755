/* post.h -- messages as the body of a request. */
#ifndef ACTION_POST_H
#define ACTION_POST_H

#include "action/message.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/mem.h"

enum post_form { POST_SINGLE, POST_NDJSON, POST_ARRAY };

/* "single", "ndjson" or "array"; -1 for another word. */
int post_form_parse(const char *word, enum post_form *form, struct error *err);
const char *post_type(enum post_form form); /* its Content-Type */

/* Adds the messages; of the first form there is but one. */
void post_body(struct bytes *out, enum post_form form,
               const struct message *messages, size_t n);

/* What the body is known by when it comes once more; the caller frees it. One
 * message: its id (or a hash of its text, where it has none); several: a hash
 * of theirs. */
char *post_id(const struct message *messages, size_t n);

/* The same bytes, gzipped. */
void post_gzip(struct bytes *body);

#endif
