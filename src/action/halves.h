/* halves.h -- how a batch that was refused is given again, to find the message
 * that was meant: half of it, and half of that. */
#ifndef ACTION_HALVES_H
#define ACTION_HALVES_H

#include <stddef.h>

/* All zero while there is nothing to find. */
struct halves {
    size_t left; /* messages, of those that were refused together */
    size_t step; /* so many are given next */
};

/* How many of `most` may be given. */
size_t halves_most(const struct halves *h, size_t most);

/* So many were refused together, more than one. */
void halves_refused(struct halves *h, size_t n);

/* One was refused alone: the others may be well. */
void halves_found(struct halves *h);

/* So many are gone, whatever became of them. */
void halves_took(struct halves *h, size_t n);

#endif
