/* resolve.h -- the addresses of a host, asked for beside the loop. */
#ifndef ACTION_RESOLVE_H
#define ACTION_RESOLVE_H

#include <ev.h>

#include "base/error.h"

struct resolve;

/* `addresses`: a list of at most RESOLVE_MOST texts, in the order in which they
 * are to be tried. n is 0 with the reason in `why`: there is none now. Called
 * once, from the loop; it may free. */
#define RESOLVE_MOST 8
typedef void resolve_fn(void *arg, const char *const *addresses, int n,
                        const struct error *why);

/* NULL: it cannot even be asked for. */
struct resolve *resolve_new(struct ev_loop *loop, const char *host,
                            resolve_fn *on_done, void *arg, struct error *err);

/* Takes NULL; on_done is not called any more. */
void resolve_free(struct resolve *r);

#endif
