/* changed.h -- says when something in a few folders may have changed. */
#ifndef ACTION_CHANGED_H
#define ACTION_CHANGED_H

#include <ev.h>

struct changed;

/* Called from the loop a moment after something in one of the folders came,
 * went, or was closed by who wrote it, and in any case at each sweep. */
typedef void changed_fn(void *arg);

/* Where the kernel tells nothing (its limit is reached, a network's folder),
 * there are the sweeps. */
struct changed *changed_new(struct ev_loop *loop, double sweep_s,
                            changed_fn *fn, void *arg);
void changed_free(struct changed *c);

/* The folder need not be there: it is looked for again at each sweep. */
void changed_watch(struct changed *c, const char *dir);

/* Call again in a moment: what changed may still be changing. */
void changed_again(struct changed *c);

#endif
