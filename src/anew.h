/* anew.h -- a run that cannot go on starts anew from its last commit.
 *
 * A handler that never comes back (a pattern that takes for ever, a call that
 * blocks) and a crash, in a library say, cannot be mended from inside. The line
 * in hand is noted in the state folder and the program runs itself anew; then
 * that line goes to the rejects. Where no places are kept, or standard input is
 * read, or no line was in hand, or a stop was asked for, or that happens again
 * and again, the run ends with 1. */
#ifndef ANEW_H
#define ANEW_H

#include "input/tail.h"
#include "options.h"
#include "script/runtime.h"

/* There is one at a time, as of signal handlers. Both are lent. */
struct anew;
struct anew *anew_new(const struct options *o, const struct runtime *rt);
void anew_free(struct anew *a); /* takes NULL */

/* Reads what earlier runs did not survive, and tells of it if that was just
 * now. `dir` is the state folder, or NULL. */
void anew_open(struct anew *a, const char *dir);

/* Why that line is not to be run, NULL for all others; and in `station` the
 * script that ran, or NULL. */
const char *anew_refuses(struct anew *a, const struct tail_line *line,
                         const char **station);

/* A limits_stuck_fn. Does not come back. */
void anew_stuck(void *anew);

#endif
