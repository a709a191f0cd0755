/* changes.h -- what the kernel and the sweep tell of the directories. */
#ifndef INPUT_CHANGES_H
#define INPUT_CHANGES_H

#include "input/follow.h"

/* Begins to watch and to sweep, if there is anything to follow. -1: the system
 * gave no watch. */
int changes_start(struct tail *t, struct error *err);
void changes_stop(struct tail *t);

#endif
