/* match.h -- whether the bytes of a file are those of a life. */
#ifndef INPUT_MATCH_H
#define INPUT_MATCH_H

#include "input/follow.h"

enum match {
    MATCH_NO,
    MATCH_YES,
    MATCH_SHORT,    /* not as many bytes, but these agree */
    MATCH_OLDER,    /* the same, and there will never be more: a whole .gz */
    MATCH_FAILED,   /* they could not be read */
    MATCH_ELSEWHERE /* the name is of another file now, or of none */
};

/* Up to the place, by both hashes. After MATCH_YES the source stands there. */
enum match match_life(const struct life *life, struct source *s);

/* By the first bytes alone. */
bool match_head(const struct life *life, struct source *s);

/* Whether it is a copy of the life; also of one of which no line was read yet,
 * whose place tells nothing: the file then is compared as far as the copy
 * goes. */
enum match match_copy(const struct life *life, struct source *s);

#endif
