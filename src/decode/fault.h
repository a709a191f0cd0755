/* fault.h -- what is wrong, and with which field. */
#ifndef DECODE_FAULT_H
#define DECODE_FAULT_H

#include <stddef.h>

#include "base/error.h"

/* All zero to begin with. `path` is built while the walk goes back up, each
 * level putting its name before it, so that a good value costs nothing. */
struct fault {
    const char *reason;
    char path[160];
};

/* All return -1. Names that no longer fit are left out. */
int fault_stop(struct fault *f, const char *reason);
int fault_in_field(struct fault *f, const char *name, size_t len);
int fault_in_element(struct fault *f, long i);
int fault_tell(const struct fault *f, struct error *err);

#endif
