/* halves.h -- how a batch that was refused is given again, to find the message
 * that was meant: half of it, and half of that.
 *
 * Behind the first one all others are given, for they may be well. Behind the
 * next ones about twice as many as were well in between, and more each time
 * that goes well: where every second one is refused, a batch costs a few times
 * its size, not its square. */
#ifndef ACTION_HALVES_H
#define ACTION_HALVES_H

#include <stdbool.h>
#include <stddef.h>

/* All zero while there is nothing to find. */
struct halves {
    size_t left; /* messages, of those that were refused together */
    size_t step; /* so many are given next */
    size_t well; /* taken since one was found */
    bool found;  /* one was */
    bool grows;  /* nothing was refused since */
};

/* How many of `most` may be given. */
size_t halves_most(const struct halves *h, size_t most);

/* So many were refused together, more than one. */
void halves_refused(struct halves *h, size_t n);

/* One was refused alone, and is gone. */
void halves_found(struct halves *h);

/* So many were taken. */
void halves_took(struct halves *h, size_t n);

#endif
