/* open.h -- the file of a life, opened where it was read to. */
#ifndef INPUT_OPEN_H
#define INPUT_OPEN_H

#include "input/follow.h"
#include "input/match.h"

/* Opens the file, finds the place again and stands there. MATCH_YES, or the
 * life stays closed; MATCH_FAILED comes with a sentence. */
enum match open_life(struct life *life, struct error *err);

/* Whether the open file begins with other bytes by now: lines may end alike, so
 * that the last bytes alone do not tell. */
bool open_is_rewritten(const struct life *life);

/* Goes back to the resume place in the open file, where a half line that was
 * read has changed. False: it is not the same file any more. */
bool open_go_back(struct life *life);

void open_close(struct life *life);
void open_close_source(struct life *life); /* the half line read stays */

/* Begins behind the last line that is there. */
void open_skip_to_end(struct life *life);

/* Keeps the first bytes: out of `bytes` read at `offset`, or out of a file that
 * holds the life. */
void open_keep_head(struct life *life, uint64_t offset, const char *bytes,
                    size_t n);
void open_learn_head(struct life *life, struct source *s);

/* The hash of the first line, as far as it was kept. */
uint64_t open_first_line(struct life *life);

#endif
