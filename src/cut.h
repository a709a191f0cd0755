/* cut.h -- what is to be kept together: places, and what scripts remember. */
#ifndef CUT_H
#define CUT_H

#include "base/mem.h"
#include "base/place.h"
#include "script/runtime.h"
#include "state/checkpoint.h"

struct cut {
    struct place *places; /* one for each file that moved */
    size_t n;
    struct bytes states; /* packed, in the order in which they came */
};

void cut_free(struct cut *cut);
bool cut_is_empty(const struct cut *cut);
/* Nothing is left in it. */
void cut_clear(struct cut *cut);

/* A ledger_place_fn. A place of the same file that is there already is
 * passed. */
void cut_add_place(void *cut, struct place place);

/* A kept_fn. */
void cut_add_state(void *cut, const struct kept *state);

/* Puts the states into the transaction. -1: as checkpoint_put_state. */
int cut_put_states(const struct cut *cut, struct checkpoint *to,
                   struct error *err);

#endif
