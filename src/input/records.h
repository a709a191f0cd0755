/* records.h -- at the start: where the files of the records are now. */
#ifndef INPUT_RECORDS_H
#define INPUT_RECORDS_H

#include "input/follow.h"

/* With all directories read: finds the files of the records by their inodes,
 * all of them before any is looked for by its bytes alone, and hands what is
 * left to the inputs that it belongs to. */
void records_find(struct tail *t);

#endif
