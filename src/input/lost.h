/* lost.h -- files that do not hold their lives any more, and what does. */
#ifndef INPUT_LOST_H
#define INPUT_LOST_H

#include "input/follow.h"

/* Looks whether a file that was touched still holds its life: it may be
 * rewritten, and its inode may have been given to a copy of another. True:
 * there was such a file. */
bool lost_check(struct input *in);

/* Looks for copies of lives whose file is gone or rewritten. True: there was
 * such a life. */
bool lost_find(struct input *in);

#endif
