/* fields.h -- the fields of a JSON object (SQLite takes it apart). */
#ifndef ACTION_FIELDS_H
#define ACTION_FIELDS_H

#include <stdbool.h>

#include "action/message.h"

struct fields;
struct fields *fields_new(void);
void fields_free(struct fields *f);

/* Calls `each` with every field in its order: a text without its quotes and
 * escapes, all else as JSON. Returns how many there were; 0 for what is no
 * object. */
typedef void fields_fn(void *arg, struct span key, struct span value,
                       bool is_text);
size_t fields_each(struct fields *f, struct span json, fields_fn *each,
                   void *arg);

#endif
